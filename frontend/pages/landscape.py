"""Landscape: the loss around a recorded net, and what the net does there; drawn by assets/landscape."""

from __future__ import annotations

from typing import Any

from dash import html

from frontend.page import Page

PANELS = (
    ("curve", "Loss along the line", "fq-wide"),
    ("planes", "Two directions at a time", "fq-whole"),
    ("spectrum", "The eigenvalues of the Hessian", "fq-wide"),
    ("map", "From above", ""),
    ("relief", "As a surface", ""),
)
"""The pictures, in reading order; a view shows one of the wide ones, or the other two."""


def layout() -> Any:
    """Build the places that the page's modules fill."""
    return html.Div(
        [
            html.Div(id="landscape-controls", className="panel fq-controls"),
            html.Div(
                [
                    *(_panel(key, title, more) for key, title, more in PANELS),
                    _side("beside", "The net at the ball", "fq-beside"),
                    _side("numbers", "In numbers", "fq-numbers"),
                ],
                className="fq-main",
            ),
            html.Div(id="landscape-topology", className="panel fq-topology", hidden=True),
            html.Div(
                [
                    html.Div(id="landscape-progress", className="panel"),
                    html.Div(
                        [
                            html.H3("What am I looking at?", className="panel-title"),
                            html.P(id="landscape-about", className="fq-about"),
                        ],
                        className="panel",
                    ),
                ],
                className="fq-foot",
            ),
            html.Div(id="landscape", hidden=True),
        ],
        className="fp-page fq-page",
    )


def _side(key: str, title: str, name: str) -> Any:
    return html.Div(
        [html.H3(title, className="panel-title"), html.Div(id=f"landscape-{key}", className=name)],
        className="panel fq-panel",
    )


def _panel(key: str, title: str, more: str) -> Any:
    key_of_colours = [html.Div(id="landscape-key", className="fq-key")] if key == "map" else []
    return html.Div(
        [
            html.Div([html.H3(title, className="panel-title")], className="panel-head"),
            html.Div(id=f"landscape-{key}", className="fq-picture"),
            *key_of_colours,
        ],
        className=f"panel fq-panel {more}".strip(),
    )


PAGE = Page("Landscape", "/landscape", layout, order=30)
