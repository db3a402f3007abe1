"""Studies: utilisation of approximability, with one button; drawn by assets/utilisation."""

from __future__ import annotations

from typing import Any

from foldscape.studies.utilisation import Utilisation
from foldscape.studies.utilisation.methods import ALL, QUICK
from frontend.page import Page
from frontend.studies import study_page

PLACES = ("strips", "table", "findings", "differs", "past")
"""What stands below the button, in reading order."""


def layout() -> Any:
    """Build the page; what is asked stands in it, so that it says something before any answer of the server."""
    spec = Utilisation()
    rows = [row.model_dump(mode="json") for row in Utilisation(rows=ALL).rows_at_first()]
    return study_page("utilisation", spec, PLACES, rows=rows, quick=QUICK, all=ALL)


PAGE = Page("Utilisation of approximability", "/utilisation", layout)
