"""The study of who is learnt first; drawn by assets/learnt-first."""

from __future__ import annotations

from typing import Any

from foldscape.studies.learnt_first import LearntFirstStudy
from frontend.page import Page
from frontend.studies import study_page

PLACES = ("pictures", "findings", "table", "differs", "past")
"""What stands below the button, in reading order."""


def layout() -> Any:
    """Build the page."""
    return study_page("learnt-first", LearntFirstStudy(), PLACES)


PAGE = Page("Who is learnt first", "/studies/learnt-first", layout)
