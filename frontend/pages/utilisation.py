"""Studies: utilisation of approximability, with one button; drawn by assets/utilisation."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from foldscape.studies.utilisation import Utilisation
from foldscape.studies.utilisation.methods import ALL, QUICK
from frontend.page import Page

PLACES = ("strips", "table", "findings", "differs", "past")
"""What stands below the button, in reading order."""


def layout() -> Any:
    """Build the page; what is asked stands in it, so that it says something before any answer of the server."""
    spec = Utilisation()
    about = spec.about()
    kind = {
        "spec": spec.model_dump(mode="json"),
        "rows": [row.model_dump(mode="json") for row in Utilisation(rows=ALL).rows_at_first()],
        "about": about,
        "quick": QUICK,
        "all": ALL,
    }
    told: dict[str, Any] = {"data-told": json.dumps(kind)}
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.H2(about["title"]), *(html.P(sentence) for sentence in about["question"])],
                        className="fu-question",
                    ),
                    html.Div(id="utilisation-start", className="fu-start"),
                ],
                className="panel fu-head",
            ),
            *(html.Div(id=f"utilisation-{place}", className=f"fu-{place}") for place in PLACES),
            html.Div(id="utilisation", hidden=True, **told),
        ],
        className="fp-page fu-page",
    )


PAGE = Page("Studies", "/utilisation", layout, order=55)
