"""Run: everything about one run; drawn by assets/run, live while it goes and the same when it is over."""

from __future__ import annotations

from typing import Any

from dash import html

from frontend.page import Page

PANELS = (
    ("accuracy", "Accuracy"),
    ("loss", "Loss"),
    ("sharpness", "Sharpness"),
    ("neurons", "Neurons"),
    ("gradient", "Gradient norm"),
    ("slice", "Slice"),
)
"""The panels with curves, in reading order."""


def layout(run_id: str) -> Any:
    """Build the places that the page's modules fill.

    Args:
        run_id: The run.

    Returns:
        Components of Dash.
    """
    told: dict[str, Any] = {"data-run": run_id}
    return html.Div(
        [
            html.Div(id="run-head", className="fx-head"),
            html.Div(
                [
                    html.Div([_panel(key, title) for key, title in PANELS], className="fx-curves"),
                    html.Div(
                        [
                            html.Div(id="run-picture", className="panel fx-picture"),
                            html.Div(id="run-births", className="panel fx-births"),
                        ],
                        className="fx-side",
                    ),
                ],
                className="fx-main",
            ),
            html.Div(
                [
                    html.Div(id="run-time", className="fx-time"),
                    html.Div(id="run-time-hands", className="fx-time-hands"),
                ],
                className="panel fx-line",
            ),
            html.Div(id="run-net", className="panel fx-net", hidden=True),
            html.Div(id="run-measures", className="fx-measured"),
            html.Div(id="run-again", className="panel fx-again"),
            html.Div(id="run", hidden=True, **told),
        ],
        className="fp-page fx-page",
    )


def _panel(key: str, title: str) -> Any:
    return html.Div(
        [
            html.Div(
                [html.H3(title, className="panel-title"), html.Span(id=f"run-{key}-now", className="panel-note")],
                className="panel-head",
            ),
            html.Div(id=f"run-{key}", className="fx-chart"),
        ],
        className="panel fx-panel",
    )


PAGE = Page("Run", "/runs/{run_id}", layout)
