"""A run at work: what the parts of its loop share."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from foldscape.engine.base import Engine, RatePerUpdate
from foldscape.engine.switching import Switching
from foldscape.net.mlp import Weights
from foldscape.spec import FRAMES_PER_SECOND, RunSpec
from foldscape.training.averager import Averager
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
        averager: Keeps the average of its weights.
        subject: What probes and growth rules see of it.
        engine: Trains its net.
        state: Where it stands.
    """

    def __init__(self, spec: RunSpec, first: Weights | None = None) -> None:
        self.spec = spec
        self.calendar, self.rates = spec.calendar, spec.learning_rates()
        self._members = self.rates.members
        split = spec.load()
        net = opening_net(spec, split, first)
        self.first = net
        self.subject = subject_of(spec, split, net, net.unit_ids(), net.next_unit)
        self.averager = Averager(spec.average, spec.course)
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

    def train(self, step: int, in_epoch: int, updates: int, rates: RatePerUpdate | None) -> None:
        """Do so many updates, and take the net into the average where its rule says so.

        Args:
            step: Updates done.
            in_epoch: Updates done of the epoch.
            updates: Updates to do, within the epoch.
            rates: Learning rate of each of them; ``None`` is the base for all.
        """
        done = 0
        while done < updates:
            due = self.averager.following(step + done)
            end = updates if due is None else min(updates, due - step)
            self.engine.step = step + done
            self.engine.train(in_epoch + done, end - done, None if rates is None else rates[done:end])
            done = end
            if due == step + done:
                self.averager.take(self.engine.weights)
        self.subject.average = self.averager.net

    def begin_average_anew(self) -> None:
        """Forget the average: the net is another one than a moment ago."""
        self.averager.restart()
        self.subject.average = None

    def next_member(self, step: int) -> int | None:
        """Give the next step behind one whose net becomes a member of an ensemble, in a run that keeps frames."""
        if not self._members or not any(probe.kind == "frame" for probe in self.state.probes):
            return None
        place = bisect_right(self._members, step)
        return self._members[place] if place < len(self._members) else None

    def is_member(self, step: int) -> bool:
        """Whether the net at a step becomes a member of an ensemble."""
        return bool(self._members) and self.next_member(step - 1) == step

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
