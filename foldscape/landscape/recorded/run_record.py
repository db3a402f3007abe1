"""What a run leaves behind, however it is kept: the run log and a list of events answer the same questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from foldscape.spec import RunSpec
from foldscape.training.snapshot import Arrays

Id = tuple[int, int]
"""Name of an event: updates done, and its place among the events of that step."""


@dataclass(frozen=True)
class StoredFrame:
    """A frame as it is kept.

    Attributes:
        head: Its plain values by name, ``step`` and ``epoch`` among them.
        arrays: Its arrays by name.
        state: The arrays of the snapshot beside it, by name; empty where none is kept.
    """

    head: Mapping[str, Any]
    arrays: Mapping[str, Any]
    state: Arrays = field(default_factory=dict)


@runtime_checkable
class RunRecord(Protocol):
    """One run as it was recorded."""

    @property
    def name(self) -> str:
        """What the run is called in errors and specs."""

    @property
    def spec(self) -> RunSpec:
        """What decided the run."""

    def heads(self) -> Sequence[tuple[Id, Mapping[str, Any]]]:
        """Give name and plain values of all that it said besides rows and frames, in order."""

    def frame_ids(self) -> Sequence[Id]:
        """Give the names of the frames that are kept, in order."""

    def lasting_ids(self) -> AbstractSet[Id]:
        """Give the names of the frames that matter most: first and last, before and after each growth."""

    def frames(self, ids: Sequence[Id]) -> Iterable[StoredFrame]:
        """Read frames by name, in that order; what is not kept is left out."""

    def frames_before(self, step: int | None) -> Iterable[StoredFrame]:
        """Read the frames at or before a step, the newest first; ``None`` is the end."""
