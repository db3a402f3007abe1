"""What every page of a study begins with: the question, the button, the places below it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from foldscape.studies import Study

LIST = "/studies"
"""The address of the list of studies."""


def study_page(name: str, study: Study, places: Sequence[str], **told: Any) -> Any:
    """Build the page of a kind of study.

    Args:
        name: What its places are called, as ``utilisation-table``; the module of that name fills them.
        study: The study with its shipped values.
        places: What stands below the button, in reading order.
        told: What its module is told besides spec, rows and ``about``.

    Returns:
        Components of Dash.
    """
    about = study.about()
    rows = [row.model_dump(mode="json") for row in study.rows_at_first()]
    kind = {"spec": study.model_dump(mode="json"), "rows": rows, "about": about, **told}
    data: dict[str, Any] = {"data-told": json.dumps(kind)}
    question = [html.H2(about["title"]), *(html.P(sentence) for sentence in about["question"])]
    back = dcc.Link("← All studies", href=LIST, className="fd-back")
    return html.Div(
        [
            html.Div(
                [
                    html.Div([back, *question], className="fu-question"),
                    html.Div(id=f"{name}-start", className="fu-start"),
                ],
                className="panel fu-head",
            ),
            *(html.Div(id=f"{name}-{place}", className=f"fu-{place}") for place in places),
            html.Div(id=name, hidden=True, **data),
        ],
        className="fp-page fu-page",
    )
