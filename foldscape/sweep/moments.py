"""The runs of a sweep, moment by moment: one through the run loop, or many of one shape as one program.

Both give the same bits: the compiled engine promises them, and rows of scalars are measured by the same function.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from foldscape.chance import generator
from foldscape.cost.growing import widths_of
from foldscape.cost.work import Size
from foldscape.data.base import Split
from foldscape.engine.choose import engine_name, why_not_compiled
from foldscape.errors import BlewUp
from foldscape.events import COLUMNS, CommandTaken, Grown, Metrics, Status
from foldscape.growth.schedule import ByHand
from foldscape.net.mlp import Weights
from foldscape.optimizer.memory import Blocks
from foldscape.spec import RunSpec
from foldscape.subject import Subject
from foldscape.sweep.expand import Cell
from foldscape.training import Loop
from foldscape.training.opening import subject_of
from foldscape.training.scores import blew_up, metrics


@dataclass(frozen=True)
class Moment:
    """A run at the end of an epoch, or just after a birth.

    Attributes:
        epoch: Epochs done.
        updates: Updates done.
        net: Its weights.
        scalars: The row of metrics, by name; empty where nobody asked for it.
        seconds: Seconds of training so far, in threads of one processor.
        lr: Learning rate of the next update.
        born: The birth that has just happened.
        over: Why there is no further moment; empty while the run goes on.
        failed: What ended it early, in a sentence; empty when nothing did.
        refused: The first thing that it was to do and could not, such as a birth; it went on without.
        held: What its gradient terms hold.
    """

    epoch: float
    updates: int
    net: Weights
    scalars: dict[str, float]
    seconds: float
    lr: float
    born: Grown | None = None
    over: str = ""
    failed: str = ""
    refused: str = ""
    held: Mapping[str, Blocks] = field(default_factory=dict)


def alone(run: RunSpec, first: Weights | None = None) -> Iterator[Moment]:
    """Train one run, of any kind; every epoch has its row of metrics, and so has the net just after a birth."""
    loop = Loop(run, first=first)
    clock = _Clock()
    last: Moment | None = None
    over, failed, refused = "paused", "", ""
    for event in loop.events():
        following = None
        match event:
            case Metrics():
                subject, held = loop.subject, loop.subject.held_by_terms()
                following = Moment(
                    subject.epoch, event.step, subject.net, _named(event), clock.spent, subject.lr, held=held
                )
            case Grown():
                subject = copy.copy(loop.subject)  # a row of its own would change the names of the run's events
                row, held = _named(metrics(subject)), subject.held_by_terms()
                following = Moment(
                    subject.epoch, event.step, subject.net, row, clock.spent, subject.lr, event, held=held
                )
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
        yield replace(last, over=over, failed=failed, refused=refused)


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
        other.__dict__ |= {"train_columns": subjects[0].train_columns, "test_columns": subjects[0].test_columns}
    nets = [subject.net for subject in subjects]
    many = nets[0].can.part("many")(nets, run.optimizer, split.train_x, split.train_y, run.batch, threads=1)
    many.weight_decay = run.weight_decay
    clock, points = _Clock(), len(split.train_x)
    calendar, rates = run.calendar, run.learning_rates()
    alive = [True] * len(cells)
    for epoch in itertools.count():
        if epoch:
            shuffles = [generator(cell.spec.seed, "shuffle", epoch - 1).permutation(points) for cell in cells]
            each = rates.of_epoch(epoch - 1, run.optimizer.lr)
            many.train_epoch(np.array(shuffles), each, calendar.batch_at(epoch - 1))
            nets = list(many.weights)
        end = epoch == run.stop.epochs
        step = calendar.first_step(epoch)
        lr = rates.at(step, run.optimizer.lr)
        moments: list[Moment | None] = []
        for number, (subject, net) in enumerate(zip(subjects, nets, strict=True)):
            if not alive[number]:
                moments.append(None)
                continue
            subject.net, subject.step, subject.epoch, subject.lr = net, step, float(epoch), lr
            moment = _look(subject, clock.spent / len(cells), end or epoch % scored == 0, end)
            alive[number] = not moment.over
            moments.append(moment)
        clock.stop()
        yield moments
        clock.go()
        if not any(alive):
            return


def can_train_together(run: RunSpec) -> bool:
    """Whether a run does nothing but train a chain of layers with the compiled engine to its last epoch."""
    schedule, repair = run.growth.schedule, run.growth.repair
    steady = isinstance(schedule, ByHand) and repair is None and not run.commands and run.stop.plateau is None
    return steady and run.start is None and not why_not_compiled(run) and _is_compiled(run)


def _is_compiled(run: RunSpec) -> bool:
    size = Size.of(widths_of(run), run.data.train_size)
    return bool(run.net.can.many) and engine_name(run, size.parameters) == "compiled"


def _subject(run: RunSpec, split: Split) -> Subject:
    net = run.net.first(split.features, split.classes, generator(run.seed, "weights", 0))
    return subject_of(run, split, net, [])


def _look(subject: Subject, seconds: float, scored: bool, end: bool) -> Moment:
    """See where a run stands; one that has left the finite numbers is over."""
    scalars: dict[str, float] = {}
    failed = ""
    try:
        if not subject.net.is_finite():
            raise blew_up(subject.step, subject.epoch, subject.lr)
        if scored:
            subject.seq = 0
            scalars = _named(metrics(subject))
    except BlewUp as error:
        failed = str(error)
    over = "blew_up" if failed else "epochs" if end else ""
    return Moment(subject.epoch, subject.step, subject.net, scalars, seconds, subject.lr, None, over, failed)


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
