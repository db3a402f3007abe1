"""A hill on the minimum of a basin, on a line: what the penalty near earlier nets does; drawn by assets/hill."""

from __future__ import annotations

import json
from typing import Any

from dash import dcc, html

from frontend.page import Page
from frontend.studies import LIST

TITLE = "A hill on a minimum"
QUESTION = (
    "A net has come to a minimum, and its checkpoint gets a hill. Does training leave, or does it come back?",
    "On a line everything can be seen: a basin of curvature λ, a hill of strength s and width σ on its minimum, and a "
    "ball that goes down by gradient descent. It rolls off where s/σ² is above λ, and rests at r* = σ√(2 ln(s/(σ²λ))).",
)
FIRST = {"strength": 1.0, "sigma": 1.2, "curvature": 0.5, "from": 0.1}
"""What the sliders stand at first; the ball then rests at 0.972672."""


def layout() -> Any:
    """Build the page; everything on it is worked out in the browser."""
    back = dcc.Link("← All studies", href=LIST, className="fd-back")
    question = [html.H2(TITLE), *(html.P(sentence) for sentence in QUESTION)]
    more = html.P(
        [
            "In many dimensions each eigenvalue has its own r*. Hills in runs: ",
            html.Code("terms: [{kind: hills}]"),
        ],
    )
    data: dict[str, Any] = {"data-told": json.dumps(FIRST)}
    return html.Div(
        [
            html.Div(html.Div([back, *question, more], className="fu-question"), className="panel fh-head"),
            html.Div(id="hill-stage"),
            html.Div(id="hill", hidden=True, **data),
        ],
        className="fp-page fu-page",
    )


PAGE = Page(TITLE, "/studies/hill", layout)
