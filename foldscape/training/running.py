"""A run at work: what the parts of its loop share."""

from __future__ import annotations

from typing import Any

from foldscape.engine.base import Engine
from foldscape.engine.switching import Switching
from foldscape.net.mlp import Weights
from foldscape.spec import FRAMES_PER_SECOND, RunSpec
from foldscape.training.controller import Position
from foldscape.training.kept import Kept
from foldscape.training.opening import opening_net, subject_of
from foldscape.training.state import RunState


class Running:
    """A run before its first update.

    Args:
        spec: What decides it.
        first: The weights that it begins with, where the spec names those of another run; see ``foldscape.start``.

    Attributes:
        first: The net that it begins with.
        calendar: Which update falls into which epoch.
        rates: What its schedule makes of the learning rate.
        epoch: The epoch in which it stands.
        in_epoch: Updates done of that epoch.
        steps_per_epoch: Updates of that epoch.
        subject: What probes and growth rules see of it.
        engine: Trains its net.
        state: Where it stands.
    """

    def __init__(self, spec: RunSpec, first: Weights | None = None) -> None:
        self.spec = spec
        self.calendar, self.rates = spec.calendar, spec.learning_rates()
        split = spec.load()
        net = opening_net(spec, split, first)
        self.first = net
        self.subject = subject_of(spec, split, net, net.unit_ids(), net.next_unit)
        self.engine: Engine = Switching(spec, net, split)
        self.subject.engine = self.engine
        self.stand(0)
        cadence = self.cadence_of(spec.speed, self.steps_per_epoch)
        self.state = RunState(probes=spec.probes, cadence=cadence, speed=spec.speed)

    def change(self, **fields: Any) -> None:
        """Go on with other values of these fields of the state."""
        self.state = self.state.changed(fields)

    def stand(self, step: int) -> None:
        """Take note of where training has come to."""
        subject = self.subject
        if step != subject.step:
            subject.step, subject.seq = step, 0
        calendar = self.calendar
        self.epoch, self.in_epoch = calendar.place(step)
        self.steps_per_epoch = calendar.steps_in(self.epoch)
        subject.epoch = calendar.epoch_at(step)
        subject.lr = self.rates.at(step, self.engine.lr)
        subject.batch = calendar.batch_at(min(self.epoch, self.spec.stop.epochs - 1))
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

    def measure_every(self, updates: int) -> None:
        """Measure so far apart from here on."""
        self.change(cadence=updates, since=self.subject.step)

    def keep_pace(self) -> None:
        """Measure as often in this epoch as in the last one, which had other updates, unless somebody has said when."""
        before, now = self.calendar.steps_in(self.epoch - 1), self.steps_per_epoch
        if before != now and self.state.cadence == self.cadence_of(self.state.speed, before):
            self.measure_every(self.cadence_of(self.state.speed, now))

    @staticmethod
    def cadence_of(speed: float | None, steps_per_epoch: int) -> int:
        """Give the updates between two measurements at a pace, in an epoch of so many."""
        if speed is None:
            return steps_per_epoch
        return max(1, round(speed * steps_per_epoch / FRAMES_PER_SECOND))
