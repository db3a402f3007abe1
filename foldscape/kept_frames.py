"""The nets that a run keeps in its frames, however it is kept. Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from foldscape.net.mlp import Weights
from foldscape.net.norm import from_rows
from foldscape.spec import RunSpec

EventId = tuple[int, int]
"""Name of an event: updates done, and its place among the events of that step."""


class KeptFrame(Protocol):
    """A frame as it is kept."""

    @property
    def head(self) -> Mapping[str, Any]:
        """Its plain values by name, ``step`` among them."""

    @property
    def arrays(self) -> Mapping[str, Any]:
        """Its arrays by name."""

    @property
    def state(self) -> Mapping[str, Any]:
        """The arrays of the snapshot beside it, by name; empty where none is kept."""


@runtime_checkable
class Keeper(Protocol):
    """Whoever has the frames of a run."""

    @property
    def name(self) -> str:
        """What the run is called."""

    @property
    def spec(self) -> RunSpec:
        """What decided the run."""

    def frame_ids(self) -> Sequence[EventId]:
        """Give the names of the frames that are kept, in order."""

    def frames(self, ids: Sequence[EventId]) -> Iterable[KeptFrame]:
        """Read frames by name, in that order; what is not kept is left out."""

    def frames_before(self, step: int | None) -> Iterable[KeptFrame]:
        """Read the frames at or before a step, the newest first; ``None`` is the end."""


def net_of(frame: KeptFrame, spec: RunSpec, *, folded: bool = False) -> Weights | None:
    """Read the net of a frame.

    Args:
        frame: The frame.
        spec: What decided its run.
        folded: Whether batch normalisation counts as folded into weights and biases; else it stays where it is kept.

    Returns:
        The net, or ``None`` where the frame keeps no weights.
    """
    unfolded = any(from_rows(frame.state["norms"])) if "norms" in frame.state else False
    arrays = frame.arrays if "weights" in frame.arrays and (folded or not unfolded) else frame.state
    if not arrays:
        return None
    net = spec.net.recorded(arrays, spec.data.features, spec.data.classes)
    return net.folded() if folded else net
