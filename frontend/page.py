"""What one page of the dashboard is; every module of ``frontend.pages`` offers one as ``PAGE``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        name: What the top bar calls it.
        path: Its address; parts in braces, as in ``/run/{run_id}``, are handed to the layout by name.
        layout: Builds the page from the named parts of the path; called at every visit.
        order: Place in the top bar, or ``None`` when it is reached from other pages only.
        callbacks: Registers the page's callbacks with the Dash app, once; all of them ``async def``.
    """

    name: str
    path: str
    layout: Callable[..., Any]
    order: int | None = None
    callbacks: Callable[[Any], None] | None = None

    def match(self, pathname: str) -> dict[str, str] | None:
        """Give the named parts of a path, or ``None`` when the path is another page's.

        Returns:
            The parts by name.

        Example:
            >>> Page("Run", "/run/{run_id}", str).match("/run/a1")
            {'run_id': 'a1'}
        """
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path.rstrip("/")) + "/?"
        found = re.fullmatch(pattern, pathname)
        return found.groupdict() if found else None
