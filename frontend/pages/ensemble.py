"""The half of Compare that holds an ensemble: several nets, one prediction; drawn by assets/ensemble."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from frontend.page import Page

TITLE = "Ensemble"
QUESTION = (
    "Several nets, one prediction: the mean of their class probabilities. What is it worth, and how different are they?"
)
NOTHING = (
    "Members are moments or ends of runs on the same data: the ends of the cycles of one run with a schedule of "
    "snapshots, or runs of one seed that differ in their field member.",
    "Choose runs above; an ensemble that was measured before stands in the list below.",
)
KEYS = (("fe-line", "together"), ("fe-ring", "each by itself"), ("fe-dots", "mean of weights"))
"""What the curves show, by the class of the mark."""


def layout() -> Any:
    """Build the places that the page's modules fill."""
    return html.Div(
        [
            html.Div(id="ensemble-pick", className="panel fc-pick", hidden=True),
            html.Div(
                [
                    html.Div(
                        [
                            html.H2("Compare", className="fc-title"),
                            html.Div(id="ensemble-halves"),
                            html.P(QUESTION),
                        ],
                        className="fe-top",
                    ),
                    html.Div(id="ensemble-members"),
                    html.Div(id="ensemble-start", className="fu-start"),
                ],
                className="panel fe-head fe-shown",
            ),
            html.Div([*(html.P(words) for words in NOTHING), _links()], className="panel fe-none fe-shown"),
            html.Div(_found(), className="fe-found fe-shown"),
            html.Div(id="ensemble-past", className="fe-shown"),
            html.Div(id="ensemble", hidden=True),
        ],
        className="fp-page fe-page",
    )


def _links() -> Any:
    """Build the ways to runs that could be members."""
    link = dcc.Link("Launch runs", href="/launch", className="fp-button")
    return html.Div(
        [link, dcc.Link("Choose in the table of runs", href="/runs", className="fp-button")], className="fe-links"
    )


def _found() -> list[Any]:
    """Build the places of what is found."""
    keys = [html.Span([html.I(className=f"fe-key {mark}"), words]) for mark, words in KEYS]
    return [
        html.Div(id="ensemble-answer", className="panel fe-answer"),
        html.Div(id="ensemble-curves", className="fe-curves"),
        html.Div(keys, className="fe-curve-keys"),
        html.Div(
            [html.Div(id="ensemble-boundaries"), html.Div(id="ensemble-matrices")],
            className="fe-pairs",
        ),
        html.Div(id="ensemble-table", className="fe-table"),
    ]


PAGE = Page(TITLE, "/compare/ensemble", layout)
