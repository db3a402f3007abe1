"""Growth within a run: proposals, births by hand and by themselves, and taking them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from foldscape import commands as say
from foldscape.engine.base import Engine, Memory
from foldscape.errors import NotPossible
from foldscape.events import CommandTaken, Event, Undone
from foldscape.growth.base import GrowthRule
from foldscape.growth.dead import dead_share
from foldscape.growth.schedule import UntilAccuracy
from foldscape.growth_spec import Growth
from foldscape.net.mlp import Weights
from foldscape.subject import Subject
from foldscape.training.growing import grow
from foldscape.training.kept import Kept
from foldscape.training.past import DEPTH, Before, Past
from foldscape.training.plan import GrowthPlan
from foldscape.training.proposing import Offered, change_of, propose
from foldscape.training.scores import train_scores
from foldscape.training.sharpest import refuse_normed

GrowthCommand = say.SetGrowth | say.Preview | say.Grow | say.UndoGrowth


class Grower:
    """Changes the net of a run at rest, and tells of it.

    A change is made when it is asked for; what is told of it follows as the events are taken, so that the command
    can be told first.

    Args:
        subject: The run.
        engine: Trains its net.
        growth: How it grows by itself.
        measure: Measures the changed net.

    Attributes:
        clock: Gives the time, s, by which growths are timed; ``None`` times none.
    """

    clock: Callable[[], float] | None = None

    def __init__(
        self, subject: Subject, engine: Engine, growth: Growth, measure: Callable[[], Iterator[Event]]
    ) -> None:
        self._subject = subject
        self._engine = engine
        self._measure = measure
        self._plan = GrowthPlan(growth)
        self._past = Past()
        self._standing: list[tuple[int, int, int]] = []
        self._offered: Offered | None = None
        self._births = 0

    @property
    def then(self) -> str:
        """What is to be done when the accuracy asked for is reached."""
        schedule = self._plan.settings.schedule
        return schedule.then if isinstance(schedule, UntilAccuracy) else "go_on"

    @property
    def births(self) -> int:
        """Number of growths that stand: those that were not taken back."""
        return len(self._standing)

    def obey(self, command: GrowthCommand) -> Iterator[Event]:
        """Carry out a command.

        Args:
            command: The command.

        Returns:
            What is told of it.

        Raises:
            NotPossible: If the net cannot be changed so.
        """
        match command:
            case say.SetGrowth():
                self._plan = GrowthPlan(command.growth, int(np.ceil(self._subject.epoch)))
                return iter(())
            case say.Preview():
                return self._preview(command)
            case say.Grow():
                return self._grow(command.rule, self._offered if command.proposed else None)
            case say.UndoGrowth():
                return self._undo()

    def saw_epoch(self) -> bool:
        """Take in the end of an epoch; true at the moment when the accuracy asked for is reached."""
        return self._plan.watches and self._plan.saw(*self._scores())

    def begin_epoch(self, epoch: int) -> Iterator[Event]:
        """Do what the settings ask for at the beginning of an epoch."""
        yield from self._repair_if_dead(epoch)
        if self._plan.due(epoch):
            loss = self._scores()[0]
            rule = self._plan.rule(loss)
            for number, each in enumerate(self._plan.times(rule, epoch)):
                try:
                    born = self._grow(each)
                except NotPossible as error:
                    self._plan.begin()
                    yield self._refused(each, error)
                    return
                if number == 0:
                    self._plan.grew(rule, loss)
                yield from born

    def back_to(self, kept: Kept, births: int) -> Iterator[Event]:
        """Go on with the net of an earlier moment, and tell the growths since then as taken back, the last first.

        Args:
            kept: The net.
            births: Growths that stood at that moment.

        Yields:
            What is told of it.
        """
        gone, self._standing = self._standing[births:], self._standing[:births]
        self._stand_as(kept.net, kept.memory, kept.units)
        for step, seq, unit in reversed(gone):
            self._past.forget(step, seq)
            yield self._undone(step, seq, unit)

    def state(self, with_past: bool) -> dict[str, Any]:
        """Give the plain values that a snapshot has to hold."""
        offered = self._offered
        return {
            "plan": self._plan.state(),
            "past": self._past.births() if with_past else [],
            "births": self._births,
            "standing": [list(birth) for birth in self._standing],
            "next_unit": self._subject.next_unit,
            "offered": offered.state() if offered else None,
        }

    def arrays(self, with_past: bool) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        offered = self._offered.arrays() if self._offered else {}
        return offered | (self._past.arrays() if with_past else {})

    def restore(self, state: dict[str, Any], arrays: dict[str, Any]) -> None:
        """Go on from what ``state`` and ``arrays`` gave."""
        self._plan = GrowthPlan.restored(state["plan"])
        self._past = Past.restored(state["past"], arrays, self._engine.weights)
        self._births, self._subject.next_unit = state["births"], state["next_unit"]
        standing = state.get("standing", state["past"])  # snapshots of older versions know the last ones only
        self._standing = [(step, seq, unit) for step, seq, unit in standing]
        self._offered = Offered.restored(state["offered"], arrays) if state["offered"] else None

    def _preview(self, command: say.Preview) -> Iterator[Event]:
        answer, self._offered = propose(self._subject, command, self._births)
        yield answer

    def _grow(self, rule: GrowthRule, offered: Offered | None = None) -> Iterator[Event]:
        subject, memory, began = self._subject, self._engine.memory, self.clock() if self.clock else None
        change = change_of(subject, rule, self._births, offered)
        refuse_normed(change.net, subject.optimizer)
        birth = grow(subject, memory, rule, change, self._births, subject.next_unit, self._plan.settings)
        before = Before(subject.net, memory, subject.units, subject.step, -1, birth.record.unit)
        self._births += 1
        subject.next_unit += birth.born
        self._stand_as(birth.net, birth.memory, birth.units)
        seconds = self.clock() - began if self.clock and began is not None else None

        def tell() -> Iterator[Event]:
            stamp = subject.stamp()
            self._past.remember(replace(before, birth_seq=stamp["seq"]))
            self._standing.append((subject.step, stamp["seq"], birth.record.unit))
            yield replace(birth.record, seconds=seconds, **stamp)
            yield from self._measure()

        return tell()

    def _undo(self) -> Iterator[Event]:
        if not self._past.moments:
            raise NotPossible("There is no growth to take back.", hint=f"Of a run, the last {DEPTH} growths can be.")
        before = self._past.moments.pop()
        self._standing.pop()
        self._stand_as(before.net, before.memory, before.units)

        def tell() -> Iterator[Event]:
            yield self._undone(before.birth_step, before.birth_seq, before.unit)
            yield from self._measure()

        return tell()

    def _undone(self, birth_step: int, birth_seq: int, unit: int) -> Undone:
        return Undone(
            **self._subject.stamp(),
            epoch=self._subject.epoch,
            birth_step=birth_step,
            birth_seq=birth_seq,
            unit=unit,
            left=len(self._past.moments),
        )

    def _stand_as(self, net: Weights, memory: Memory, units: list[np.ndarray]) -> None:
        """Go on with another net at the same step."""
        self._engine.load(net, memory)
        self._subject.net, self._subject.units = net, units
        self._subject.notes.pop("top_eigenvector", None)
        self._offered = None
        self._plan.begin()

    def _repair_if_dead(self, epoch: int) -> Iterator[Event]:
        if self._plan.settings.repair is None:
            return
        dead = dead_share(self._subject.net, self._subject.split.train_x)
        for rule in self._plan.repair(epoch, dead):
            try:
                told = self._grow(rule)
            except NotPossible as error:
                yield self._refused(rule, error)
                continue
            yield from told
            return

    def _refused(self, rule: GrowthRule, error: NotPossible) -> Event:
        command = say.Grow(rule=rule).model_dump(mode="json")
        return CommandTaken(**self._subject.stamp(), command=command, refused=str(error))

    def _scores(self) -> tuple[float, float]:
        found = train_scores(self._subject)
        return found.loss, found.accuracy
