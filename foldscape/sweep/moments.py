"""The runs of a sweep, moment by moment: one through the run loop, or many of one shape as one program.

Both give the same bits: the compiled engine promises them, and rows of scalars are measured by the same function.
"""

from __future__ import annotations

import copy
import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from foldscape.chance import generator
from foldscape.cost.growing import widths_of
from foldscape.cost.work import Size
from foldscape.data.base import Split
from foldscape.engine.base import Memory
from foldscape.engine.choose import engine_name, why_not_compiled
from foldscape.engine.compiled_many import ManyNets
from foldscape.errors import BlewUp
from foldscape.events import COLUMNS, CommandTaken, Grown, Metrics, Restored, Status, Validation
from foldscape.growth.schedule import ByHand
from foldscape.measures.declared import read
from foldscape.net.mlp import Weights, initial
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.subject import Subject
from foldscape.sweep.expand import Cell
from foldscape.training import Loop
from foldscape.training.kept import Kept
from foldscape.training.opening import subject_of
from foldscape.training.scores import blew_up, metrics, validation
from foldscape.training.stopping import Stopping
from foldscape.training.watch import Watch

_WORKED_OUT = ("train_columns", "test_columns", "validation_columns")


@dataclass(frozen=True)
class Moment:
    """A run at the end of an epoch, or just after a birth.

    Attributes:
        epoch: Epochs done.
        updates: Updates done.
        net: Its weights.
        scalars: The row of metrics, by name, and what the validation part tells; empty where nobody asked for it.
        seconds: Seconds of training so far, in threads of one processor.
        born: The birth that has just happened.
        over: Why there is no further moment; empty while the run goes on.
        failed: What ended it early, in a sentence; empty when nothing did.
        refused: The first thing that it was to do and could not, such as a birth; it went on without.
        restored: Updates done at the earlier moment whose net came back at the end; ``None`` where none did.
    """

    epoch: float
    updates: int
    net: Weights
    scalars: dict[str, float]
    seconds: float
    born: Grown | None = None
    over: str = ""
    failed: str = ""
    refused: str = ""
    restored: int | None = None


def alone(run: RunSpec) -> Iterator[Moment]:
    """Train one run, of any kind; every epoch has its row of metrics, and so has the net just after a birth."""
    loop = Loop(run)
    clock = _Clock()
    last: Moment | None = None
    over, failed, refused = "paused", "", ""
    restored: int | None = None
    for event in loop.events():
        following = None
        match event:
            case Metrics():
                subject = loop.subject
                following = Moment(subject.epoch, event.step, subject.net, _named(event), clock.spent)
            case Validation() if last is not None:
                last = replace(last, scalars=last.scalars | _validated(event))
            case Grown():
                subject = copy.copy(loop.subject)  # a row of its own would change the names of the run's events
                following = Moment(subject.epoch, event.step, subject.net, _scalars(run, subject), clock.spent, event)
            case Restored():
                restored = event.best_step
            case CommandTaken() if event.refused:
                refused = refused or event.refused
            case Status() if event.state != "running":
                over, failed = event.reason or event.state, event.message if event.state == "failed" else ""
        if following is not None:
            if last is not None:
                clock.stop()
                yield last
                clock.go()
            last = following
    if last is not None:
        yield replace(last, over=over, failed=failed, refused=refused, restored=restored)


def together(cells: Sequence[Cell], split: Split, scored: int) -> Iterator[list[Moment | None]]:
    """Train runs that differ in nothing but their seeds, as one program on one thread.

    Args:
        cells: The runs; ``can_train_together`` is true of each.
        split: Their data.
        scored: Epochs between two rows of metrics; the start and the end always have one.

    Yields:
        The moments of an epoch, one a run; ``None`` for a run that is over.
    """
    run = cells[0].spec
    subjects = [_subject(cell.spec, split) for cell in cells]
    for other in subjects[1:]:  # one copy for all of what is worked out from the data
        other.__dict__ |= {name: getattr(subjects[0], name) for name in _WORKED_OUT}
    nets = [subject.net for subject in subjects]
    many = ManyNets(nets, run.optimizer, split.train_x, split.train_y, run.batch, threads=1)
    ends = [_Lane(run, subject) for subject in subjects]
    clock, points = _Clock(), len(split.train_x)
    alive = [True] * len(cells)
    for epoch in itertools.count():
        if epoch:
            many.train_epoch(np.array([order_of(run.shuffle, cell.spec.seed, epoch - 1, points) for cell in cells]))
            nets = list(many.weights)
        moments: list[Moment | None] = []
        for number, (subject, net) in enumerate(zip(subjects, nets, strict=True)):
            if not alive[number]:
                moments.append(None)
                continue
            subject.net, subject.step, subject.epoch = net, epoch * run.steps_per_epoch, float(epoch)
            moment = ends[number].look(clock.spent / len(cells), epoch % scored == 0)
            alive[number] = not moment.over
            moments.append(moment)
        clock.stop()
        yield moments
        clock.go()
        if not any(alive):
            return


def can_train_together(run: RunSpec) -> bool:
    """Whether a run does nothing but train a chain of layers with the compiled engine until it is over."""
    schedule, repair = run.growth.schedule, run.growth.repair
    steady = isinstance(schedule, ByHand) and repair is None and not run.commands and run.stop.plateau is None
    return steady and not why_not_compiled(run) and _is_compiled(run)


def _is_compiled(run: RunSpec) -> bool:
    size = Size.of(widths_of(run), run.train_size)
    return run.net.wiring == "layers" and engine_name(run, size.parameters) == "compiled"


def _subject(run: RunSpec, split: Split) -> Subject:
    net = initial(run.net, split.features, split.classes, generator(run.seed, "weights", 0))
    return subject_of(run, split, net, [])


class _Lane:
    """One of the runs that train together.

    Args:
        run: What decides it.
        subject: The run.
    """

    def __init__(self, run: RunSpec, subject: Subject) -> None:
        self._run, self._subject = run, subject
        self._stopping = Stopping(run.stop, run.steps_per_epoch, uneven=run.data.uneven)
        self._watch = Watch()
        self._restored: int | None = None

    def look(self, seconds: float, scored: bool) -> Moment:
        """See where it stands; one that has left the finite numbers is over."""
        subject, scalars, over, failed = self._subject, {}, "", ""
        try:
            if not subject.net.is_finite():
                raise blew_up(subject.step, subject.epoch, subject.lr)
            over = self._over() if subject.step else ""
            if scored or over:
                subject.seq = 0
                scalars = _scalars(self._run, subject)
        except BlewUp as error:
            over, failed = "blew_up", str(error)
        net, restored = subject.net, self._restored
        return Moment(subject.epoch, subject.step, net, scalars, seconds, None, over, failed, restored=restored)

    def _over(self) -> str:
        """Say why it is over now, and go back to its best moment if it is to end with that; empty if it goes on."""
        subject = self._subject
        net = subject.net
        self._watch, ending = self._stopping.saw_epoch(self._watch, subject, 0, lambda: Kept(net, Memory(), []))
        if ending is None:
            return ""
        best = self._stopping.to_restore(self._watch, subject.step)
        if best is not None and best.kept is not None:
            subject.net, self._restored = best.kept.net, best.step
        return ending.reason


def _scalars(run: RunSpec, subject: Subject) -> dict[str, float]:
    """Measure a row, and the validation part where there is one."""
    row = _named(metrics(subject))
    return row | _validated(validation(subject, uneven=run.data.uneven)) if run.validation_share else row


def _validated(event: Validation) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in read(event).items()}


def _named(row: Metrics) -> dict[str, float]:
    return dict(zip(COLUMNS, row.values.tolist(), strict=True))


class _Clock:
    """Counts the seconds of a thread's processor while it runs."""

    def __init__(self) -> None:
        self._spent = 0.0
        self.go()

    @property
    def spent(self) -> float:
        return self._spent + time.thread_time() - self._since

    def go(self) -> None:
        self._since = time.thread_time()

    def stop(self) -> None:
        self._spent = self.spent
        self._since = time.thread_time()
