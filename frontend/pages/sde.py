"""The study of SGD as a stochastic differential equation; drawn by assets/sde."""

from __future__ import annotations

from typing import Any

from foldscape.studies.sde import Sde
from frontend.page import Page
from frontend.studies import study_page

PLACES = ("pictures", "findings", "table", "differs", "past")
"""What stands below the button, in reading order."""


def layout() -> Any:
    """Build the page; what is asked and what the formulas say stands in it before any answer of the server."""
    return study_page("sde", Sde(), PLACES)


PAGE = Page("SGD as a stochastic differential equation", "/studies/sde", layout)
