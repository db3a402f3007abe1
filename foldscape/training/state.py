"""What a run knows of itself beside its net, in one frozen record of which snapshots are made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from foldscape.commands import SetProbes
from foldscape.net.mlp import Weights
from foldscape.probes import ProbeSpec
from foldscape.training.watch import StoppingMemory

_NOT_STORED = frozenset({"finished", "watch", "probes"})
_NOTHING_SEEN = StoppingMemory()
_ADDED = {"sparing": 1}
"""What snapshots of older versions do not have, with what it then was."""


@dataclass(frozen=True)
class RunState:
    """Where a run stands; its net, its growth and its engine have their own.

    Attributes:
        probes: What is measured besides loss and accuracy.
        cadence: Updates between two measurements.
        speed: Pace in epochs a second; ``None`` is as fast as it goes.
        sparing: How many times as far apart as asked for the probes measure, frames excepted.
        since: Step from which the cadence counts.
        paused: Whether it waits for a command.
        begun: Whether its start has been measured.
        stop_at: Step at which a ``step`` command ends.
        measurements: Measurements so far.
        measured_at: Step of the last one; -1 before the first, and when the net has changed since.
        scored_at: Step of the last row of scalars.
        scheduled: Commands of the spec that are over.
        watch: What the rules of stopping remember.
        finished: Whether it is over; a run taken up again is not.
    """

    probes: tuple[ProbeSpec, ...]
    cadence: int
    speed: float | None
    sparing: int = 1
    since: int = 0
    paused: bool = False
    begun: bool = False
    stop_at: int = 0
    measurements: int = 0
    measured_at: int = -1
    scored_at: int = -1
    scheduled: int = 0
    watch: StoppingMemory = _NOTHING_SEEN
    finished: bool = False

    def changed(self, fields: dict[str, Any]) -> RunState:
        """Give a copy with other values; ``replace`` takes ten times as long, which tells where an epoch takes 0.1 ms.

        Args:
            fields: The values, by field.

        Returns:
            The copy.
        """
        copied = object.__new__(RunState)
        vars(copied).update(self.__dict__ | fields)
        return copied

    def plain(self) -> dict[str, Any]:
        """Give the plain values that a snapshot has to hold."""
        stored = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _NOT_STORED}
        probes = [probe.model_dump(mode="json") for probe in self.probes]
        return {**stored, **self.watch.state(), "probes": probes}

    @classmethod
    def restored(
        cls, data: dict[str, Any], arrays: dict[str, Any], like: Weights, probes: tuple[ProbeSpec, ...]
    ) -> RunState:
        """Read back what a snapshot holds.

        Args:
            data: Its plain values.
            arrays: Its arrays.
            like: A net that tells the activation.
            probes: Those of the spec, which snapshots of older versions go on with.

        Returns:
            The state.
        """
        stored = {one.name for one in fields(cls)} - _NOT_STORED
        if "probes" in data:
            probes = SetProbes.model_validate({"probes": data["probes"]}).probes
        known = {**_ADDED, **{name: value for name, value in data.items() if name in stored}}
        return cls(probes=probes, watch=StoppingMemory.restored(data, arrays, like), **known)
