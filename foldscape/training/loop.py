"""The run loop: a pure function of the spec and the commands with their steps.

Wall clock never enters here. A controller says which commands take effect at which step; the same answers give the
same events, bit for bit, on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from foldscape.engine.base import Memory
from foldscape.errors import BlewUp
from foldscape.events import Event, NetMade, Restored, Status
from foldscape.net.mlp import Weights
from foldscape.probes import ProbeSpec
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.training.controller import Controller, Position, Unattended
from foldscape.training.grower import Grower
from foldscape.training.hilling import Hilling
from foldscape.training.measuring import Measuring
from foldscape.training.obeying import Obeying
from foldscape.training.running import Running
from foldscape.training.scores import blew_up, train_scores
from foldscape.training.sharpest import SharpestDirections, refuse_normed
from foldscape.training.snapshot import Snapshot
from foldscape.training.stopping import Ending, StoppingJudge
from foldscape.training.storing import restore, snapshot_of
from foldscape.training.watch import Best


class Loop:
    """One run, from its spec or from a snapshot of an earlier moment.

    Args:
        spec: What decides the run.
        start: Where to go on from; ``None`` is the beginning.
        first: The weights that it began with, where the spec names those of another run; see ``foldscape.start``.

    Attributes:
        subject: What probes and growth rules see of the run.
        engine: Trains its net.
    """

    def __init__(self, spec: RunSpec, start: Snapshot | None = None, first: Weights | None = None) -> None:
        self.spec = spec
        self._run = run = Running(spec, first)
        self.subject, self.engine = run.subject, run.engine
        self._measuring = Measuring(run)
        self._grower = Grower(run.subject, run.engine, spec.growth, self._measure_anew)
        self._hilling = Hilling(run, self._measure_anew)
        self._obeying = Obeying(run, self._grower, self._hilling, self._measuring)
        refuse_normed(run.subject.net, spec.optimizer)
        wanted = spec.optimizer.sharpest
        self._sharpest = SharpestDirections(run, wanted) if wanted else None
        self._stopping = StoppingJudge(spec.stop, run.calendar, uneven=spec.data.uneven)
        if start is not None:
            restore(run, self._grower, start)
        self._safe = self._here()
        self._ordered = -1  # the epoch whose order the engine has

    @property
    def position(self) -> Position:
        """Where the run stands."""
        return self._run.position

    @property
    def steps_per_epoch(self) -> int:
        """Updates of the present epoch."""
        return self._run.steps_per_epoch

    @property
    def probes(self) -> tuple[ProbeSpec, ...]:
        """What is measured besides loss and accuracy."""
        return self._run.state.probes

    @property
    def finished(self) -> bool:
        """Whether the run is over."""
        return self._run.state.finished

    @finished.setter
    def finished(self, finished: bool) -> None:
        self._run.change(finished=finished)

    @property
    def timing(self) -> Callable[[str], AbstractContextManager[Any]]:
        """What surrounds each measurement by a probe of a kind, for those who want to know what it costs."""
        return self._measuring.timing

    @timing.setter
    def timing(self, timing: Callable[[str], AbstractContextManager[Any]]) -> None:
        self._measuring.timing = timing

    @property
    def clock(self) -> Callable[[], float] | None:
        """What gives the time, s, for those who want to know what growths cost; ``None`` times none."""
        return self._grower.clock

    @clock.setter
    def clock(self, clock: Callable[[], float] | None) -> None:
        self._grower.clock = clock

    def events(self, controller: Controller | None = None) -> Iterator[Event]:
        """Train and tell.

        Args:
            controller: Says the commands; without one the run ends where it first pauses.

        Yields:
            The events, in the order of (step, seq).
        """
        controller, run = controller or Unattended(), self._run
        try:
            if not run.state.begun:
                run.change(begun=True)
                if found := self.subject.net.found():
                    yield NetMade(**self.subject.stamp(), **found)
                yield from self._measuring.once()
            while not run.state.finished:
                for command in self._obeying.due():
                    yield from self._obeying.obey(command, self._end)
                here = self.position
                said = () if run.state.finished else controller.take(here)
                for command in said:
                    yield from self._obeying.obey(command, self._end)
                if run.state.finished or (run.state.paused and not said):
                    break
                if not run.state.paused:
                    yield from self._advance(max(1, controller.allowance(self.position if said else here)))
        except BlewUp as error:
            yield from self._fail(error)

    def snapshot(self, with_past: bool = True) -> Snapshot:
        """Take the whole state; complete while the controller is asked, when every event of the step has been told.

        Args:
            with_past: Whether growths before it can be taken back afterwards.

        Returns:
            The snapshot, from which a loop goes on with the same bits.
        """
        return snapshot_of(self._run, self._grower, with_past=with_past)

    def _advance(self, allowance: int) -> Iterator[Event]:
        """Train to the next place where something is due, at most to the end of the epoch."""
        run, step = self._run, self.subject.step
        epoch, in_epoch = run.epoch, run.in_epoch
        if in_epoch == 0:
            yield from self._grower.begin_epoch(epoch)
        if self._ordered != epoch:
            points = len(self.subject.split.train_x)
            order = order_of(self.spec.shuffle, self.subject.seed, epoch, points)
            self.engine.begin_epoch(order, run.calendar.batch_at(epoch), epoch)
            self._ordered = epoch
        if in_epoch == 0 and epoch:
            run.keep_pace()
        if self._sharpest and self._sharpest.is_due:
            self._sharpest.find()
        updates = self._due_at(step, step - in_epoch + run.steps_per_epoch, allowance) - step
        rates = run.rates.of_epoch(epoch, self.engine.lr)
        run.train(step, in_epoch, updates, None if rates is None else rates[in_epoch : in_epoch + updates])
        run.stand(step + updates)
        yield from self._after_updates()

    def _due_at(self, step: int, end_of_epoch: int, allowance: int) -> int:
        """Give the next step at which something is due."""
        state, known = self._run.state, self.spec.commands
        ends = [step + allowance, end_of_epoch, step + state.cadence - (step - state.since) % state.cadence]
        if self._sharpest:
            ends.append(self._sharpest.next_due(end_of_epoch))
        if state.stop_at > step:
            ends.append(state.stop_at)
        if (member := self._run.next_member(step)) is not None:
            ends.append(member)
        if state.scheduled < len(known):
            ends.append(known[state.scheduled].step)
        return min(ends)

    def _after_updates(self) -> Iterator[Event]:
        run, subject = self._run, self.subject
        at_epoch = run.in_epoch == 0
        if at_epoch and not subject.net.is_finite():
            raise blew_up(subject.step, subject.epoch, run.rates.at(subject.step - 1, self.engine.lr))
        if at_epoch:
            yield from self._hilling.saw_epoch()
        reached = at_epoch and self._grower.saw_epoch()
        ending = self._saw_epoch() if at_epoch else None
        if reached and not (ending and ending.is_over and ending.reason != "plateau"):
            ending = self._reached()
        if ending and ending.is_over and (best := self._stopping.to_restore(run.state.watch, subject.step)):
            yield from self._bring_back(best)
        stepped = run.state.stop_at == subject.step
        cadence, since = run.state.cadence, run.state.since
        if ending or stepped or reached or (subject.step - since) % cadence == 0:
            yield from self._measuring.once()
        elif run.is_member(subject.step):
            yield from self._measuring.frames()
        if at_epoch:
            self._safe = self._here()
        if ending:
            yield from self._end_or_pause(ending)
        elif stepped and not reached:
            run.change(paused=True)
            yield Status(**subject.stamp(), state="paused", reason="command")

    def _saw_epoch(self) -> Ending | None:
        run = self._run
        before = run.state.watch
        watch, ending = self._stopping.saw_epoch(before, self.subject, self._grower.births, run.keep)
        if watch is not before:
            run.change(watch=watch)
        return ending

    def _reached(self) -> Ending | None:
        """Say what follows when the net has the accuracy that its growth was to reach."""
        then = self._grower.then
        if then == "go_on":
            return None
        message = f"{train_scores(self.subject).accuracy:.1%} of the training points are right, as asked."
        return Ending("accuracy", message, "done" if then == "stop" else "paused")

    def _bring_back(self, best: Best) -> Iterator[Event]:
        """Go on with the best moment's net, and say when that was."""
        early = self.spec.stop.early_stop
        assert early is not None
        assert best.kept is not None
        yield Restored(
            **self.subject.stamp(),
            epoch=self.subject.epoch,
            best_step=best.step,
            best_epoch=self._run.calendar.epoch_at(best.step),
            on=early.on,
            value=best.value,
        )
        yield from self._grower.back_to(best.kept, best.births)

    def _end_or_pause(self, ending: Ending) -> Iterator[Event]:
        run = self._run
        if ending.reason == "plateau":
            run.change(watch=replace(run.state.watch, losses=()))
        if ending.is_over:
            yield from self._end("done", ending.reason, ending.message)
            return
        run.change(paused=True, stop_at=0)
        yield Status(
            **self.subject.stamp(), state="paused", reason=ending.reason, message=ending.message, data=ending.data
        )

    def _end(self, state: str, reason: str, message: str) -> Iterator[Event]:
        self._run.change(finished=True)
        yield Status(**self.subject.stamp(), state=state, reason=reason, message=message)

    def _fail(self, error: BlewUp) -> Iterator[Event]:
        """Go back to the last finite epoch, and say so under the step at which it was noticed."""
        self._run.change(finished=True)
        stamp = self.subject.stamp()
        net, memory, step = self._safe
        self.engine.load(net, memory)
        epoch = self._run.calendar.epoch_at(step)
        data = {"last_finite_step": step, "last_finite_epoch": epoch, "lr": self.subject.lr}
        yield Status(**stamp, state="failed", reason=error.code, message=str(error), data=data)
        self._run.stand(step)

    def _here(self) -> tuple[Weights, Memory, int]:
        return self.subject.net, self.engine.memory, self.subject.step

    def _measure_anew(self) -> Iterator[Event]:
        """Measure a net that is another one than a moment ago."""
        run = self._run
        run.begin_average_anew()
        run.change(measured_at=-1, watch=run.state.watch.anew(self._grower.births))
        self._safe = self._here()
        yield from self._measuring.once()
