"""The list of studies: what each asks, and where its page is."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from foldscape.studies import Study
from foldscape.studies.sde import Sde
from foldscape.studies.utilisation import Utilisation
from frontend.page import Page
from frontend.pages import sde, utilisation
from frontend.studies import LIST

KINDS: tuple[tuple[type[Study], Page], ...] = ((Utilisation, utilisation.PAGE), (Sde, sde.PAGE))


def layout() -> Any:
    """Build the page."""
    cards = html.Div([_card(*kind) for kind in KINDS], className="fd-kinds")
    return html.Div(cards, className="fp-page fu-page", id="studies")


def _card(kind: type[Study], page: Page) -> Any:
    study: Study = kind.model_validate({})
    about = study.about()
    title = html.H2(dcc.Link(about["title"], href=page.path))
    return html.Div([title, *(html.P(sentence) for sentence in about["question"])], className="panel fd-kind")


PAGE = Page("Studies", LIST, layout, order=55)
