"""The run loop: a pure function of the spec and the commands with their steps.

Wall clock never enters here. A controller says which commands take effect at which step; the same answers give the
same events, bit for bit, on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from foldscape import commands as say
from foldscape.chance import generator
from foldscape.engine.base import Engine, Memory
from foldscape.engine.switching import Switching
from foldscape.errors import BlewUp, NotPossible
from foldscape.events import CommandTaken, Event, Status
from foldscape.net.mlp import Weights
from foldscape.net.passes import Scores, scores
from foldscape.probes import ProbeSpec
from foldscape.spec import FRAMES_PER_SECOND, RunSpec
from foldscape.training.controller import Controller, Position, Unattended
from foldscape.training.grower import Grower
from foldscape.training.opening import opening_net, subject_of
from foldscape.training.plateau import PlateauWatch
from foldscape.training.scores import blew_up, metrics
from foldscape.training.snapshot import Arrays, Snapshot


class Loop:
    """One run, from its spec or from a snapshot of an earlier moment.

    Args:
        spec: What decides the run.
        start: Where to go on from; ``None`` is the beginning.
        first: The weights that it began with, where the spec names those of another run; see ``foldscape.start``.

    Attributes:
        timing: Gives what surrounds each measurement by a probe of a kind, for those who want to know what it costs.
    """

    def __init__(self, spec: RunSpec, start: Snapshot | None = None, first: Weights | None = None) -> None:
        self.spec = spec
        split = spec.data.load(spec.seed)
        self.calendar, self._rates = spec.calendar, spec.learning_rates()
        net = opening_net(spec, split, first)
        units = net.unit_ids()
        self.subject = subject_of(spec, split, net, units, net.next_unit)
        self.engine: Engine = Switching(spec, net, split)
        self.subject.engine = self.engine
        self._grower = Grower(self.subject, self.engine, spec.growth, self._measure_anew)
        self.probes: tuple[ProbeSpec, ...] = spec.probes
        self.timing: Callable[[str], AbstractContextManager[Any]] = nullcontext
        self.paused = self.finished = self._begun = False
        self.speed = spec.speed
        self.cadence, self.sparing = self._cadence_of(spec.speed, spec.steps_per_epoch), 1
        self._since = self._stop_at = self._measurements = self._scheduled = 0
        self._measured_at = self._scored_at = self._shuffled = -1
        plateau = spec.stop.plateau
        self._watch = PlateauWatch(plateau.patience, plateau.min_delta) if plateau else None
        if start is not None:
            self._restore(start)
        self._stand(self.subject.step)
        self._safe = self._training_state()

    @property
    def position(self) -> Position:
        """Where the run stands."""
        subject = self.subject
        return Position(
            subject.step,
            subject.seq,
            subject.epoch,
            self.steps_per_epoch,
            self.cadence,
            self.sparing,
            self.speed,
            self.paused,
            self._stop_at > subject.step,
        )

    def events(self, controller: Controller | None = None) -> Iterator[Event]:
        """Train and tell.

        Args:
            controller: Says the commands; without one the run ends where it first pauses.

        Yields:
            The events, in the order of (step, seq).
        """
        controller = controller or Unattended()
        try:
            if not self._begun:
                self._begun = True
                yield from self._measure()
            while not self.finished:
                for command in self._due():
                    yield from self._obey(command)
                said = () if self.finished else controller.take(self.position)
                for command in said:
                    yield from self._obey(command)
                if self.finished or (self.paused and not said):
                    break
                if not self.paused:
                    yield from self._advance(max(1, controller.allowance(self.position)))
        except BlewUp as error:
            yield from self._fail(error)

    def snapshot(self, with_past: bool = True) -> Snapshot:
        """Take the whole state; complete while the controller is asked, when every event of the step has been told.

        Args:
            with_past: Whether growths before it can be taken back afterwards.

        Returns:
            The snapshot, from which a loop goes on with the same bits.
        """
        subject = self.subject
        weights, memory = self.engine.weights, self.engine.memory
        data: dict[str, Any] = {
            "step": subject.step,
            "seq": subject.seq,
            "lr": self.engine.lr,
            "weight_decay": self.engine.weight_decay,
            "cadence": self.cadence,
            "sparing": self.sparing,
            "speed": self.speed,
            "since": self._since,
            "paused": self.paused,
            "begun": self._begun,
            "stop_at": self._stop_at,
            "measurements": self._measurements,
            "measured_at": self._measured_at,
            "scored_at": self._scored_at,
            "scheduled": self._scheduled,
            "growth": self._grower.state(with_past),
            "plateau": list(self._watch.losses) if self._watch else [],
            "notes": sorted(subject.notes),
            "probes": [probe.model_dump(mode="json") for probe in self.probes],
        }
        arrays: Arrays = {
            **weights.state(),
            "units": tuple(subject.units),
            **memory.arrays(),
        }
        notes = {f"note_{name}": value for name, value in subject.notes.items()}
        return Snapshot(data, arrays | self._grower.arrays(with_past) | notes)

    def _restore(self, start: Snapshot) -> None:
        data, arrays, subject = start.data, start.arrays, self.subject
        net = subject.net.restored(arrays)  # type: ignore[arg-type]
        self.engine.load(net, Memory.of_arrays(arrays))  # type: ignore[arg-type]
        self.engine.lr, self.engine.weight_decay = data["lr"], data["weight_decay"]
        subject.units = list(arrays["units"])
        subject.weight_decay = data["weight_decay"]
        subject.notes = {name: np.asarray(arrays[f"note_{name}"]) for name in data["notes"]}
        if "probes" in data:  # snapshots of older versions have the spec's
            self.probes = say.SetProbes.model_validate({"probes": data["probes"]}).probes
        self.cadence, self.speed, self._since = data["cadence"], data["speed"], data["since"]
        self.sparing = data.get("sparing", 1)
        self.paused, self._begun, self._stop_at = data["paused"], data["begun"], data["stop_at"]
        self._measurements, self._measured_at = data["measurements"], data["measured_at"]
        self._scored_at, self._scheduled = data["scored_at"], data["scheduled"]
        self._grower.restore(data["growth"], arrays)
        if self._watch:
            self._watch.losses = list(data["plateau"])
        subject.step, subject.seq = start.step, data["seq"]

    def _due(self) -> list[say.Command]:
        """Take the spec's own commands for this step; those of steps gone by are over."""
        due = []
        known = self.spec.commands
        while self._scheduled < len(known) and known[self._scheduled].step <= self.subject.step:
            if known[self._scheduled].step == self.subject.step:
                due.append(known[self._scheduled].command)
            self._scheduled += 1
        return due

    def _advance(self, allowance: int) -> Iterator[Event]:
        """Train to the next place where something is due, at most to the end of the epoch."""
        step, epoch, in_epoch = self.subject.step, self._epoch, self._in_epoch
        if in_epoch == 0:
            yield from self._grower.begin_epoch(epoch)
        if self._shuffled != epoch:
            order = generator(self.spec.seed, "shuffle", epoch).permutation(len(self.subject.split.train_x))
            self.engine.begin_epoch(order, self.calendar.batch_at(epoch))
            self._shuffled = epoch
        if in_epoch == 0 and epoch and self.steps_per_epoch != self.calendar.steps_in(epoch - 1):
            self._keep_pace(self.calendar.steps_in(epoch - 1))
        ends = [step + allowance, step - in_epoch + self.steps_per_epoch]
        ends.append(step + self.cadence - (step - self._since) % self.cadence)
        if self._stop_at > step:
            ends.append(self._stop_at)
        if self._scheduled < len(self.spec.commands):
            ends.append(self.spec.commands[self._scheduled].step)
        updates = min(ends) - step
        rates = self._rates.of_epoch(epoch, self.engine.lr)
        self.engine.step = step
        self.engine.train(in_epoch, updates, None if rates is None else rates[in_epoch : in_epoch + updates])
        self._stand(step + updates)
        yield from self._after_updates()

    def _stand(self, step: int) -> None:
        """Take note of where training has come to."""
        subject = self.subject
        if step != subject.step:
            subject.step, subject.seq = step, 0
        calendar = self.calendar
        self._epoch, self._in_epoch = calendar.place(step)
        self.steps_per_epoch = calendar.steps_in(self._epoch)
        subject.epoch = calendar.epoch_at(step)
        subject.lr = self._rates.at(step, self.engine.lr)
        subject.batch = calendar.batch_at(min(self._epoch, self.spec.stop.epochs - 1))
        subject.net = self.engine.weights

    def _after_updates(self) -> Iterator[Event]:
        subject = self.subject
        at_epoch = self._in_epoch == 0
        if at_epoch and not subject.net.is_finite():
            raise blew_up(subject.step, subject.epoch, self._rates.at(subject.step - 1, self.engine.lr))
        done = at_epoch and self._epoch >= self.spec.stop.epochs
        reached = at_epoch and self._grower.saw_epoch()
        flat = at_epoch and not done and self._is_flat()
        stepped = self._stop_at == subject.step
        if done or flat or stepped or reached or (subject.step - self._since) % self.cadence == 0:
            yield from self._measure()
        if at_epoch:
            self._safe = self._training_state()
        if done:
            yield from self._end("done", "epochs", f"{self.spec.stop.epochs} epochs are done.")
        elif reached:
            yield from self._reach_accuracy()
        elif flat:
            yield from self._reach_plateau()
        elif stepped:
            self.paused = True
            yield Status(**subject.stamp(), state="paused", reason="command")

    def _is_flat(self) -> bool:
        if self._watch is None:
            return False
        return self._watch.is_flat(self._train_scores().loss)

    def _reach_plateau(self) -> Iterator[Event]:
        assert self._watch is not None
        self._watch.begin()
        accuracy = self._train_scores().accuracy
        message = f"Stuck at {accuracy:.0%}: the loss has stopped falling."
        plateau = self.spec.stop.plateau
        if plateau is not None and plateau.then == "stop":
            yield from self._end("done", "plateau", message)
            return
        self.paused = True
        self._stop_at = 0
        yield Status(
            **self.subject.stamp(), state="paused", reason="plateau", message=message, data={"accuracy": accuracy}
        )

    def _reach_accuracy(self) -> Iterator[Event]:
        then = self._grower.then
        if then == "go_on":
            return
        message = f"{self._train_scores().accuracy:.1%} of the training points are right, as asked."
        if then == "stop":
            yield from self._end("done", "accuracy", message)
            return
        self.paused = True
        self._stop_at = 0
        yield Status(**self.subject.stamp(), state="paused", reason="accuracy", message=message)

    def _obey(self, command: say.Command) -> Iterator[Event]:
        subject = self.subject
        refused = ""
        taken = command.model_dump(mode="json", exclude={"resumed"})
        then: Iterator[Event] = iter(())
        match command:
            case say.Play():
                self.paused, self._stop_at = False, 0
            case say.Step():
                step, n = subject.step, command.n
                self.paused, self._stop_at = (
                    False,
                    self.calendar.later(step, n) if command.unit == "epoch" else step + n,
                )
            case say.Speed():
                self.speed = command.epochs_per_second
                self._measure_every(self._cadence_of(self.speed, self.steps_per_epoch))
            case say.Spare():
                self.sparing = command.factor
            case say.Cadence():
                self._measure_every(command.updates)
            case say.SetOptimizer():
                self.engine.lr = command.lr or self.engine.lr
                subject.lr = self._rates.at(subject.step, self.engine.lr)
                if command.weight_decay is not None:
                    self.engine.weight_decay = subject.weight_decay = command.weight_decay
                self._begin_watch()
            case say.SetProbes():
                self.probes = command.probes
                if self.paused:  # what is asked for at rest is seen at rest
                    self._measured_at, then = -1, self._measure()
            case say.SetGrowth() | say.Preview() | say.Grow() | say.UndoGrowth():
                try:
                    then = self._grower.obey(command)
                except NotPossible as error:
                    refused = str(error)
        yield CommandTaken(**subject.stamp(), command=taken, refused=refused)
        yield from then
        if isinstance(command, say.Pause) and not self.paused:
            self.paused = True
            yield from self._measure()
            yield Status(**subject.stamp(), state="paused", reason="command")
        elif isinstance(command, say.Play):
            yield Status(**subject.stamp(), state="running")
        elif isinstance(command, say.Stop):
            yield from self._measure()
            yield from self._end("stopped", "command", "")
            self.finished = not command.resumed

    def _measure_anew(self) -> Iterator[Event]:
        """Measure a net that is another one than a moment ago."""
        self._measured_at = -1
        self._begin_watch()
        self._safe = self._training_state()
        yield from self._measure()

    def _measure(self) -> Iterator[Event]:
        """Measure once at this step: the row of scalars, then every probe whose turn it is."""
        subject = self.subject
        if self._measured_at == subject.step:
            return
        if self._scored_at != subject.step:
            with self.timing("metrics"):
                row = metrics(subject)
            yield row
            self._scored_at = subject.step
        at_rest = self.paused or self._stop_at == subject.step
        for probe in self.probes:
            apart = probe.every * (1 if probe.kind == "frame" else self.sparing)
            if at_rest or self._measured_at < 0 or self._measurements % apart == 0:
                with self.timing(probe.kind):
                    told = list(probe.measure(subject))
                yield from told
        self._measurements += 1
        self._measured_at = subject.step

    def _end(self, state: str, reason: str, message: str) -> Iterator[Event]:
        self.finished = True
        yield Status(**self.subject.stamp(), state=state, reason=reason, message=message)

    def _fail(self, error: BlewUp) -> Iterator[Event]:
        """Go back to the last finite epoch, and say so under the step at which it was noticed."""
        self.finished = True
        stamp = self.subject.stamp()
        net, memory, step = self._safe
        self.engine.load(net, memory)
        data = {"last_finite_step": step, "last_finite_epoch": self.calendar.epoch_at(step), "lr": self.subject.lr}
        yield Status(**stamp, state="failed", reason=error.code, message=str(error), data=data)
        self._stand(step)

    def _training_state(self) -> tuple[Weights, Memory, int]:
        return self.subject.net, self.engine.memory, self.subject.step

    def _train_scores(self) -> Scores:
        return scores(self.subject.net, self.subject.train_columns, self.subject.split.train_y, self.spec.loss)

    def _begin_watch(self) -> None:
        if self._watch:
            self._watch.begin()

    def _measure_every(self, updates: int) -> None:
        self.cadence, self._since = updates, self.subject.step

    def _keep_pace(self, last: int) -> None:
        """Measure as often an epoch as in the last one, which had other updates, unless somebody has said how often."""
        if self.cadence == self._cadence_of(self.speed, last):
            self._measure_every(self._cadence_of(self.speed, self.steps_per_epoch))

    def _cadence_of(self, speed: float | None, steps_per_epoch: int) -> int:
        if speed is None:
            return steps_per_epoch
        return max(1, round(speed * steps_per_epoch / FRAMES_PER_SECOND))
