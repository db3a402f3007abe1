"""How far a long piece of work is, and what it has found so far: studies, sweeps and landscapes say it alike."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializeAsAny

from foldscape.model import Model

ALMOST = 0.999
"""Share that unfinished work says at most."""


class Row(Model):
    """One line of what a piece of work finds, as far as it is known."""

    key: str
    """Names the row within its piece of work; said again, it replaces what was said before."""

    def as_json(self) -> str:
        """Give the row as JSON text."""
        return self.model_dump_json()


class Progress(Model):
    """What a long piece of work says, several times a second while it runs, and once at its end."""

    share: float = Field(ge=0, le=1)
    """Share of the whole work that is done; 1 at the end only."""
    doing: str
    """What it is doing."""
    rows: tuple[SerializeAsAny[Row], ...] = ()
    """The rows that are new or changed."""

    def also(self) -> dict[str, Any]:
        """Give what is kept with the work besides its rows, as plain JSON; sentences are texts."""
        return {}
