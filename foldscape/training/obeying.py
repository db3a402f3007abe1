"""Carry out what a person, a worker or the spec says to a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from foldscape import commands as say
from foldscape.errors import NotPossible
from foldscape.events import CommandTaken, Event, Status
from foldscape.fitting import unfit_probes
from foldscape.training.grower import Grower
from foldscape.training.hilling import Hilling
from foldscape.training.measuring import Measuring
from foldscape.training.running import Running


class Obeying:
    """Obeys commands.

    Args:
        run: The run.
        grower: Its growth.
        hilling: Its hills.
        measuring: Measures it.
    """

    def __init__(self, run: Running, grower: Grower, hilling: Hilling, measuring: Measuring) -> None:
        self._run, self._grower, self._hilling, self._measuring = run, grower, hilling, measuring

    def due(self) -> list[say.Command]:
        """Take the spec's own commands for this step; those of steps gone by are over."""
        step, known, at = self._run.subject.step, self._run.spec.commands, self._run.state.scheduled
        due = []
        while at < len(known) and known[at].step <= step:
            if known[at].step == step:
                due.append(known[at].command)
            at += 1
        if at != self._run.state.scheduled:
            self._run.change(scheduled=at)
        return due

    def obey(self, command: say.Command, end: Callable[[str, str, str], Iterator[Event]]) -> Iterator[Event]:
        """Carry out a command.

        Args:
            command: The command.
            end: Ends the run with a state, a reason and a message.

        Yields:
            What is told of it.
        """
        run, subject = self._run, self._run.subject
        taken = command.model_dump(mode="json", exclude={"resumed"})
        refused = ""
        then: Iterator[Event] = iter(())
        try:
            then = self._change(command)
        except NotPossible as error:
            refused = str(error)
        yield CommandTaken(**subject.stamp(), command=taken, refused=refused)
        yield from then
        if isinstance(command, say.Pause) and not run.state.paused:
            run.change(paused=True)
            yield from self._measuring.once()
            yield Status(**subject.stamp(), state="paused", reason="command")
        elif isinstance(command, say.Play):
            yield Status(**subject.stamp(), state="running")
        elif isinstance(command, say.Stop):
            yield from self._measuring.once()
            yield from end("stopped", "command", "")
            run.change(finished=not command.resumed)

    def _change(self, command: say.Command) -> Iterator[Event]:
        """Change what the command changes; what is told of it follows as the events are taken."""
        run = self._run
        match command:
            case say.Play():
                run.change(paused=False, stop_at=0)
            case say.Step():
                step, n = run.subject.step, command.n
                run.change(paused=False, stop_at=run.calendar.later(step, n) if command.unit == "epoch" else step + n)
            case say.Speed():
                run.change(speed=command.epochs_per_second)
                run.measure_every(run.cadence_of(command.epochs_per_second, run.steps_per_epoch))
            case say.Spare():
                run.change(sparing=command.factor)
            case say.Cadence():
                run.measure_every(command.updates)
            case say.SetOptimizer():
                self._set(command)
            case say.SetProbes():
                if unfit := next(unfit_probes(run.spec, command.probes), ""):
                    raise NotPossible(f"{unfit[:1].upper()}{unfit[1:]}.")
                run.change(probes=command.probes)
                if run.state.paused:  # what is asked for at rest is seen at rest
                    run.change(measured_at=-1)
                    return self._measuring.once()
            case say.SetGrowth() | say.Preview() | say.Grow() | say.UndoGrowth():
                return self._grower.obey(command)
            case say.Hill() | say.SetHills():
                return self._hilling.obey(command)
        return iter(())

    def _set(self, command: say.SetOptimizer) -> None:
        run, engine, subject = self._run, self._run.engine, self._run.subject
        engine.lr = command.lr or engine.lr
        subject.lr = run.rates.at(subject.step, engine.lr)
        if command.weight_decay is not None:
            engine.weight_decay = subject.weight_decay = command.weight_decay
        run.change(watch=run.state.watch.anew(self._grower.births))
