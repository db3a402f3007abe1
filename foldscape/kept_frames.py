"""The nets that a run keeps in its frames, however it is kept. Importing this loads no torch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

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
    arrays = frame.arrays if frame.arrays.get("weights") and (folded or not unfolded) else frame.state
    if not arrays:
        return None
    net = spec.net.recorded_on(arrays, spec.data.shape, spec.data.classes)
    return net.folded() if folded else net


class KeptNet(NamedTuple):
    """A net that a run keeps.

    Attributes:
        step: Updates done then.
        net: Its weights.
    """

    step: int
    net: Weights


def newest_net(keeper: Keeper, step: int | None = None, *, folded: bool = False) -> KeptNet | None:
    """Read the newest net at or before a step.

    Args:
        keeper: Who has the run's frames.
        step: Updates done at most; ``None`` is the end.
        folded: See ``net_of``.

    Returns:
        The net, or ``None`` where none is kept.
    """
    return _first(keeper.frames_before(step), keeper.spec, folded)


def net_at(keeper: Keeper, step: int, *, folded: bool = False) -> KeptNet | None:
    """Read the net of one step, the last that it had then; see ``newest_net``."""
    return _first(keeper.frames([one for one in reversed(keeper.frame_ids()) if one[0] == step]), keeper.spec, folded)


def nearest_kept(step: int, kept: Collection[int]) -> str:
    """Name the steps that are kept on both sides of one that is not.

    Returns:
        The next below and above, as far as there are any, in words.

    Example:
        >>> nearest_kept(5, {0, 4, 8}), nearest_kept(9, {0, 4, 8}), nearest_kept(5, ())
        ('4 and 8', '8', '')
    """
    steps = sorted(kept)
    place = bisect_left(steps, step)
    return " and ".join(str(each) for each in steps[max(place - 1, 0) : place + 1])


def _first(frames: Iterable[KeptFrame], spec: RunSpec, folded: bool) -> KeptNet | None:
    for frame in frames:
        if (net := net_of(frame, spec, folded=folded)) is not None:
            return KeptNet(int(frame.head["step"]), net)
    return None
