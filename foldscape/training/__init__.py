"""The run loop and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape.events import Event
from foldscape.spec import RunSpec
from foldscape.start import StartSource, weights_begun
from foldscape.training.controller import Controller, Position, Unattended
from foldscape.training.loop import Loop
from foldscape.training.snapshot import Snapshot
from foldscape.training.warming import begin_to_warm, warm, warm_first

__all__ = ["Controller", "Loop", "Position", "Snapshot", "Unattended", "begin_to_warm", "run", "warm", "warm_first"]


def run(
    spec: RunSpec,
    controller: Controller | None = None,
    *,
    start: Snapshot | None = None,
    source: StartSource | Snapshot | None = None,
) -> Iterator[Event]:
    """Train a network as a spec says, and tell what happens.

    Args:
        spec: Everything that decides the run.
        controller: Says commands while it runs; without one the run ends where it first pauses.
        start: Snapshot of an earlier moment to go on from.
        source: Where the weights are that the spec's ``start`` names: a ``Recording`` or other record of that run, a
            snapshot, or a ``StartNet``.

    Returns:
        Events in the order of (step, seq); the same spec gives the same bits on one machine.

    Raises:
        NoStart: If the spec names a start that ``source`` does not have, or that does not fit.

    Example:
        >>> import foldscape
        >>> spec = foldscape.RunSpec(stop={"epochs": 3})
        >>> [event.step for event in foldscape.run(spec) if event.kind == "metrics"]
        [0, 8, 16, 24]
    """
    spec, first = weights_begun(spec, source)
    return Loop(spec, start, first.net if first else None).events(controller)
