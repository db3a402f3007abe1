"""A run at work: what the parts of its loop share."""

from __future__ import annotations

from typing import Any

from foldscape.chance import generator
from foldscape.engine.base import Engine
from foldscape.engine.switching import Switching
from foldscape.net.dag import first_net
from foldscape.spec import FRAMES_PER_SECOND, RunSpec
from foldscape.training.controller import Position
from foldscape.training.kept import Kept
from foldscape.training.opening import subject_of
from foldscape.training.state import RunState


class Running:
    """A run before its first update.

    Args:
        spec: What decides it.

    Attributes:
        steps_per_epoch: Updates an epoch.
        subject: What probes and growth rules see of it.
        engine: Trains its net.
        state: Where it stands.
    """

    def __init__(self, spec: RunSpec) -> None:
        self.spec = spec
        self.steps_per_epoch = spec.steps_per_epoch
        split = spec.load()
        net = first_net(spec.net, split.features, split.classes, generator(spec.seed, "weights", 0))
        self.subject = subject_of(spec, split, net, net.unit_ids(), net.next_unit)
        self.engine: Engine = Switching(spec, net, split)
        self.subject.engine = self.engine
        self.state = RunState(probes=spec.probes, cadence=self.cadence_of(spec.speed), speed=spec.speed)

    def change(self, **fields: Any) -> None:
        """Go on with other values of these fields of the state."""
        self.state = self.state.changed(fields)

    def stand(self, step: int) -> None:
        """Take note of where training has come to."""
        subject = self.subject
        if step != subject.step:
            subject.step, subject.seq = step, 0
        subject.epoch = step / self.steps_per_epoch
        subject.net = self.engine.weights

    def keep(self) -> Kept:
        """Give the net as it is, to come back to."""
        return Kept(self.subject.net, self.engine.memory, list(self.subject.units))

    @property
    def position(self) -> Position:
        """Where the run stands, for its controller."""
        subject, state = self.subject, self.state
        return Position(
            subject.step,
            subject.seq,
            subject.epoch,
            self.steps_per_epoch,
            state.cadence,
            state.sparing,
            state.speed,
            state.paused,
            state.stop_at > subject.step,
        )

    def cadence_of(self, speed: float | None) -> int:
        """Give the updates between two measurements at a pace."""
        if speed is None:
            return self.steps_per_epoch
        return max(1, round(speed * self.steps_per_epoch / FRAMES_PER_SECOND))
