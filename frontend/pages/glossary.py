"""Glossary: the words of the field and of the product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import dcc, html

from frontend.page import Page

TEXT = Path(__file__).parent.parent / "glossary.md"


def layout() -> Any:
    """Build the page."""
    return html.Div(
        dcc.Markdown(TEXT.read_text(encoding="utf-8"), link_target="_blank"), className="fp-page fp-text", id="glossary"
    )


PAGE = Page("Glossary", "/glossary", layout)
