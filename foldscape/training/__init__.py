"""The run loop and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape import curvature, geometry
from foldscape.engine import compiled
from foldscape.engine.dag import engine as graphs
from foldscape.events import Event
from foldscape.growth import folds
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training.controller import Controller, Position, Unattended
from foldscape.training.loop import Loop
from foldscape.training.snapshot import Snapshot

__all__ = ["Controller", "Loop", "Position", "Snapshot", "Unattended", "run", "warm"]


def run(spec: RunSpec, controller: Controller | None = None, *, start: Snapshot | None = None) -> Iterator[Event]:
    """Train a network as a spec says, and tell what happens.

    Args:
        spec: Everything that decides the run.
        controller: Says commands while it runs; without one the run ends where it first pauses.
        start: Snapshot of an earlier moment to go on from.

    Returns:
        Events in the order of (step, seq); the same spec gives the same bits on one machine.

    Example:
        >>> import foldscape
        >>> spec = foldscape.RunSpec(stop={"epochs": 3})
        >>> [event.step for event in foldscape.run(spec) if event.kind == "metrics"]
        [0, 8, 16, 24]
    """
    return Loop(spec, start).events(controller)


def warm() -> None:
    """Load and compile everything that a run needs, so that no viewer waits for it."""
    geometry.warm()  # with the rare path of folds that coincide, which an ordinary run does not take
    compiled.warm()
    graphs.warm()
    folds.warm()
    curvature.warm()
    probes = [{"kind": kind} for kind in kinds("foldscape.probes", Probe)]
    for _ in run(RunSpec.model_validate({"net": {"hidden": [2, 2]}, "stop": {"epochs": 1}, "probes": probes})):
        pass
