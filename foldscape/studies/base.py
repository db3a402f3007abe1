"""What every kind of study offers: a frozen spec that can be run, and what it says on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from foldscape.device import Device
from foldscape.model import Model
from foldscape.progress import Progress, Row

Holds = Literal["yes", "no", "open"]
"""Whether a claim holds; open where the numbers cannot tell."""
Source = Literal["published", "earlier"]
"""Whether a claim was published, or measured earlier by this project."""


class StudyRow(Row):
    """One line of a study's table, as far as it is known."""


class Finding(Model):
    """A claim that somebody made, held against this study's own numbers."""

    key: str
    """Names what is claimed, and of what, as ``sine.factor``."""
    claim: str
    """What was claimed."""
    source: Source
    """Whether it was published, or measured earlier by this project."""
    holds: Holds
    """Whether it holds here; open where these numbers cannot tell."""
    words: str
    """The numbers it was judged by."""


class StudyProgress(Progress):
    """What a study says."""

    findings: tuple[Finding, ...] = ()
    """What was found; told once, with the last rows."""
    verdict: str = ""
    """What follows from it, in one sentence."""

    def also(self) -> dict[str, Any]:
        """Give the findings and the verdict, once there are some."""
        found = [finding.model_dump(mode="json") for finding in self.findings]
        return {"findings": found, "verdict": self.verdict} if found else {}


class Study(Model):
    """Base of the specs of studies: everything that decides one."""

    kind: str

    @property
    def device(self) -> Device:
        """Where it computes; a kind that trains with torch on a card says ``cuda``, and those workers take it."""
        return "cpu"

    def run(self, threads: int | None = None) -> Iterator[StudyProgress]:
        """Carry it out.

        Args:
            threads: Threads to compute on; ``None`` is one a processor. They change no bit of what is told.

        Yields:
            What happens; the same bits for the same spec on one machine.
        """
        raise NotImplementedError

    def rows_at_first(self) -> tuple[StudyRow, ...]:
        """Give every row, before anything is computed."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """Tell in plain JSON what is asked, what others published, and what differs from them."""
        raise NotImplementedError

    def table(self, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Give columns and lines of the table, for a file.

        Args:
            rows: The rows as they were told, as plain JSON.
        """
        raise NotImplementedError
