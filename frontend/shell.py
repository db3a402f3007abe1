"""What stands around every page: theme, top bar, the place for the page itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from frontend.page import Page

LOCATION = "address"
CONTENT = "page"

FONTS = "'Inter var', Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"
MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace"
THEME = {
    "fontFamily": FONTS,
    "fontFamilyMonospace": MONO,
    "headings": {"fontFamily": FONTS, "fontWeight": "600"},
    "primaryColor": "sky",
    "primaryShade": {"light": 7, "dark": 5},
    "colors": {
        "sky": [
            *["#eaf5fc", "#d3e8f6", "#a5d1ec", "#73b8e2", "#4aa3d9"],
            *["#2f95d4", "#1b8bcf", "#0072b2", "#0066a1", "#00598f"],
        ]
    },
    "defaultRadius": "sm",
    "respectReducedMotion": True,
}


def shell(pages: Sequence[Page]) -> Any:
    """Build the frame around the pages.

    Args:
        pages: All pages; those with an ``order`` stand in the top bar.

    Returns:
        Components of Dash.
    """
    return dmc.MantineProvider(
        [
            dcc.Location(id=LOCATION, refresh="callback-nav"),
            html.A("Skip to the page", href=f"#{CONTENT}", className="fs-skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_top_bar(pages), className="fs-top"),
                    dmc.AppShellMain(html.Main(id=CONTENT, tabIndex=-1), className="fs-main"),
                ],
                header={"height": 52},
                padding=0,
            ),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )


def label(words: str) -> dict[str, Any]:
    """Name a component for screen readers."""
    return {"aria-label": words}


def _top_bar(pages: Sequence[Page]) -> list[Any]:
    links = [dcc.Link(page.name, href=page.path, className="fs-nav-link") for page in pages if page.order is not None]
    return [
        dcc.Link([html.Span(className="fs-mark"), "Foldscape"], href="/", className="fs-name"),
        html.Nav(links, className="fs-nav", **label("Pages")),
        # Filled by assets/shell.mjs; React must find these without children of its own.
        html.Div(id="fs-health", className="fs-health"),
        html.Div(id="fs-trouble", className="fs-trouble", role="alert"),
        html.Div(id="fs-connection", className="fs-connection", role="status"),
        html.Button("Share", id="fs-share", className="fs-quiet", title="Copy the address of exactly this view"),
        dmc.ColorSchemeToggle(
            lightIcon=html.Span(className="fs-icon fs-icon-moon"),
            darkIcon=html.Span(className="fs-icon fs-icon-sun"),
            variant="subtle",
            color="gray",
            size="md",
            **label("Light or dark"),
        ),
        html.Button("?", id="fs-help", className="fs-quiet", title="Keys and words", **label("Keys and words")),
    ]
