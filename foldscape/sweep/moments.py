"""The runs of a sweep, moment by moment: through the run loop, or straight through many epochs in one compiled call.

Both give the same bits: the compiled engine promises them, and rows of scalars are measured by the same function.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foldscape.chance import generator
from foldscape.data.base import Split
from foldscape.errors import BlewUp
from foldscape.events import COLUMNS, CommandTaken, Grown, Metrics, Status
from foldscape.net.mlp import Weights
from foldscape.optimizer.memory import Blocks
from foldscape.spec import RunSpec
from foldscape.subject import Subject
from foldscape.training import Loop
from foldscape.training.opening import subject_of
from foldscape.training.scores import blew_up, metrics

SAMPLES_AT_ONCE = 1 << 17
"""Samples that one call trains on at most, so that progress is told and a wish to stop is heard within moments."""


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


def straight(run: RunSpec, split: Split, scored: int, shared: dict[str, Any]) -> Iterator[Moment]:
    """Train one run from row to row of metrics, with as few calls as that allows.

    Args:
        run: The run; ``can_train_together`` is true of it.
        split: Its data.
        scored: Epochs between two rows of metrics; the start and the end always have one.
        shared: What runs on these data have in common; empty at first, filled by the first of them.

    Yields:
        Its moments: every one that has a row, and some between them. A run that fails is told without a row of its
        last finite epoch, which only the run loop finds.
    """
    clock, points = _Clock(), len(split.train_x)
    subject = _subject(run, split)
    shared |= shared or {"train_columns": subject.train_columns, "test_columns": subject.test_columns}
    subject.__dict__ |= shared
    data = split.train_x, split.train_y, run.batch
    many = subject.net.can.part("many")([subject.net], run.optimizer, *data, threads=1)
    many.weight_decay = run.weight_decay
    calendar, rates = run.calendar, run.learning_rates()
    most = max(1, SAMPLES_AT_ONCE // points)
    epoch = 0
    while True:
        moment = _look(subject, clock.spent, epoch % scored == 0, epoch == run.stop.epochs)
        clock.stop()
        yield moment
        clock.go()
        if moment.over:
            return
        each, batch = rates.of_epoch(epoch, run.optimizer.lr), calendar.batch_at(epoch)
        end = min(run.stop.epochs, epoch + most, (epoch // scored + 1) * scored)
        if each is not None or calendar.batch_at(end - 1) != batch:
            end = epoch + 1
        shuffles = [generator(run.seed, "shuffle", number).permutation(points) for number in range(epoch, end)]
        many.train_epochs(np.array([shuffles]), each, batch)
        epoch = end
        (subject.net,) = many.weights
        subject.step, subject.epoch = calendar.first_step(epoch), float(epoch)
        subject.lr = rates.at(subject.step, run.optimizer.lr)


def _subject(run: RunSpec, split: Split) -> Subject:
    net = run.net.first(split.features, split.classes, generator(run.seed, "weights", 0))
    return subject_of(run, split, net, [])


def _look(subject: Subject, seconds: float, due: bool, end: bool) -> Moment:
    """See where a run stands; one that has left the finite numbers is over."""
    scalars: dict[str, float] = {}
    failed = ""
    try:
        if not subject.net.is_finite():
            raise blew_up(subject.step, subject.epoch, subject.lr)
        if due or end:
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
