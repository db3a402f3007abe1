"""What a run leaves behind, however it is kept: the run log and a list of events answer the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from foldscape.kept_frames import EventId, Keeper

if TYPE_CHECKING:
    from foldscape.training.snapshot import Arrays

__all__ = ["EventId", "Keeper", "RunRecord", "StoredFrame"]


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
class RunRecord(Keeper, Protocol):
    """One run as it was recorded."""

    def heads(self) -> Sequence[tuple[EventId, Mapping[str, Any]]]:
        """Give name and plain values of all that it said besides rows and frames, in order."""

    def lasting_ids(self) -> AbstractSet[EventId]:
        """Give the names of the frames that matter most: first and last, before and after each growth."""
