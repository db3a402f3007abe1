"""Compare: groups of runs held against each other on one clock, with a verdict; drawn by assets/compare."""

from __future__ import annotations

from typing import Any

from dash import html

from frontend.page import Page


def layout() -> Any:
    """Build the places that the page's modules fill."""
    return html.Div(
        [
            html.Div(id="compare-pick", className="panel fc-pick", hidden=True),
            html.Div(
                [
                    html.Div(id="compare-controls", className="panel fc-controls"),
                    html.Div(
                        [
                            html.Div(id="compare-pictures", className="fc-pictures"),
                            html.Div(id="compare-scatter", className="fc-scatter"),
                        ],
                        className="fc-top",
                    ),
                    html.Div(id="compare-curves", className="fc-curves"),
                    html.Div(id="compare-verdict", className="panel fc-verdict"),
                    html.Div(id="compare-published", className="panel fb-published", hidden=True),
                    html.Div(id="compare-table", className="panel fc-table"),
                    html.Div(id="compare-time", className="panel fc-time"),
                ],
                className="fc-answer",
            ),
            html.Div(id="compare", hidden=True),
        ],
        className="fp-page fc-page",
    )


PAGE = Page("Compare", "/compare", layout, order=25)
