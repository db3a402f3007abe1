"""The list of studies: what each asks, and where its page is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from foldscape.studies import Study
from foldscape.studies.learnt_first import LearntFirstStudy
from foldscape.studies.sde import Sde
from foldscape.studies.utilisation import Utilisation
from frontend.page import Page
from frontend.pages import hill, learnt_first, sde, utilisation
from frontend.studies import LIST

KINDS: tuple[tuple[type[Study], Page], ...] = (
    (Utilisation, utilisation.PAGE),
    (Sde, sde.PAGE),
    (LearntFirstStudy, learnt_first.PAGE),
)


def layout() -> Any:
    """Build the page."""
    cards = [_card_of(*kind) for kind in KINDS]
    cards.append(_card(hill.TITLE, hill.QUESTION, hill.PAGE))
    return html.Div(html.Div(cards, className="fd-kinds"), className="fp-page fu-page", id="studies")


def _card_of(kind: type[Study], page: Page) -> Any:
    study: Study = kind.model_validate({})
    about = study.about()
    return _card(about["title"], about["question"], page)


def _card(title: str, question: Sequence[str], page: Page) -> Any:
    linked = html.H2(dcc.Link(title, href=page.path))
    return html.Div([linked, *(html.P(sentence) for sentence in question)], className="panel fd-kind")


PAGE = Page("Studies", LIST, layout, order=55)
