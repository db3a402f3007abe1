"""Play: watch a small net fold the plane, and give it a neuron by hand."""

from __future__ import annotations

from typing import Any

from dash import html

from frontend.page import Page


def layout() -> Any:
    """Give the place in which assets/play builds the page."""
    return html.Div(id="play")


PAGE = Page(name="Play", path="/", layout=layout, order=0)
