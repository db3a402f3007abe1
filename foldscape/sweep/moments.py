"""The runs of a sweep, moment by moment: through the run loop, or straight through many epochs in one compiled call.

Both give the same bits: the compiled engine promises them, and rows of scalars are measured by the same function.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foldscape.data.base import Split
from foldscape.engine.base import Memory
from foldscape.errors import BlewUp
from foldscape.events import COLUMNS, CommandTaken, Grown, Metrics, Restored, Status, Undone, Validation
from foldscape.measures.declared import values_of
from foldscape.net.mlp import Weights
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.subject import PRODUCTS, Subject
from foldscape.training import Loop
from foldscape.training.kept import Kept
from foldscape.training.opening import opening_net, subject_of
from foldscape.training.scores import blew_up, metrics, validation
from foldscape.training.stopping import StoppingJudge
from foldscape.training.watch import StoppingMemory

WORKED_OUT = ("train_columns", "test_columns", "validation_columns")

SAMPLES_AT_ONCE = 1 << 17
"""Samples that one call trains on at most, so that progress is told and a wish to stop is heard within moments."""


@dataclass(frozen=True)
class Moment:
    """A run at the end of an epoch, or just after a birth or its taking back.

    Attributes:
        epoch: Epochs done.
        updates: Updates done.
        net: Its weights.
        scalars: The row of metrics, by name, and what the validation part tells; empty where nobody asked for it.
        seconds: Seconds of training so far, in threads of one processor.
        lr: Learning rate of the next update.
        weight_decay: Strength of the weight decay of the next update.
        born: The birth that has just happened.
        undone: The birth that has just been taken back.
        over: Why there is no further moment; empty while the run goes on.
        failed: What ended it early, in a sentence; empty when nothing did.
        refused: The first thing that it was to do and could not, such as a birth; it went on without.
        memory: What its optimiser and its gradient terms remember.
        notes: What its optimiser's sharpest directions have taken; see ``foldscape.subject.PRODUCTS``.
        average: The average of its weights, if it keeps one.
        pooled: What the ensemble is that its net has just joined, by column; empty where it joins none.
        restored: Updates done at the earlier moment whose net came back at the end; ``None`` where none did.
    """

    epoch: float
    updates: int
    net: Weights
    scalars: dict[str, float]
    seconds: float
    lr: float
    weight_decay: float
    born: Grown | None = None
    undone: Undone | None = None
    over: str = ""
    failed: str = ""
    refused: str = ""
    memory: Memory = field(default_factory=Memory)
    notes: Mapping[str, np.ndarray] = field(default_factory=dict)
    restored: int | None = None
    average: Weights | None = None
    pooled: Mapping[str, float] = field(default_factory=dict)


def alone(run: RunSpec, first: Weights | None = None) -> Iterator[Moment]:
    """Train one run, of any kind; every epoch has its row of metrics, and so has the net just after a birth."""
    loop = Loop(run, first=first)
    loop.clock = time.perf_counter
    clock = ThreadClock()
    last: Moment | None = None
    over, failed, refused = "paused", "", ""
    restored: int | None = None
    for event in loop.events():
        following = None
        match event:
            case Metrics():
                following = _moment(loop.subject, _named(event), clock.spent, memory=loop.engine.memory)
            case Validation() if last is not None:
                last = replace(last, scalars=last.scalars | _validated(event))
            case Grown() | Undone():
                subject = copy.copy(loop.subject)  # a row of its own would change the names of the run's events
                row, memory = _scalars(run, subject), loop.engine.memory
                changed = {"born": event} if isinstance(event, Grown) else {"undone": event}
                following = _moment(subject, row, clock.spent, memory=memory, **changed)
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


def straight(run: RunSpec, split: Split, scored: int, shared: dict[str, Any]) -> Iterator[Moment]:
    """Train one run from row to row of metrics, with as few calls as that allows.

    Args:
        run: The run; ``trains_straight`` is true of it.
        split: Its data.
        scored: Epochs between two rows of metrics; the start and the end always have one.
        shared: What runs on these data have in common; empty at first, filled by the first of them.

    Yields:
        Its moments: every one that has a row, and some between them. A run that fails is told without a row of its
        last finite epoch, which only the run loop finds.
    """
    clock, points = ThreadClock(), len(split.train_x)
    subject = subject_at_start(run, split)
    shared |= shared or {name: getattr(subject, name) for name in WORKED_OUT}
    subject.__dict__ |= shared
    data = split.train_x, split.train_y, run.batch
    many = subject.net.can.part("many")([subject.net], run.optimizer, *data, threads=1)
    many.weight_decay = run.weight_decay
    calendar, rates, lane = run.calendar, run.learning_rates(), Lane(run, subject)
    most = 1 if run.stop.watches else max(1, SAMPLES_AT_ONCE // points)
    epoch, subject.lr = 0, rates.at(0, run.optimizer.lr)
    while True:
        moment = lane.look(clock.spent, epoch % scored == 0, many.memories[0])
        clock.stop()
        yield moment
        clock.go()
        if moment.over:
            return
        each, batch = rates.of_epoch(epoch, run.optimizer.lr), calendar.batch_at(epoch)
        end = min(run.stop.epochs, epoch + most, (epoch // scored + 1) * scored)
        if each is not None or calendar.batch_at(end - 1) != batch:
            end = epoch + 1
        orders = [order_of(run.shuffle, subject.seed, number, points) for number in range(epoch, end)]
        many.train_epochs(np.array([orders]), each, batch)
        epoch = end
        (subject.net,) = many.weights
        subject.step, subject.epoch = calendar.first_step(epoch), float(epoch)
        subject.lr = rates.at(subject.step, run.optimizer.lr)


def subject_at_start(run: RunSpec, split: Split) -> Subject:
    """Give a run before its first update."""
    return subject_of(run, split, opening_net(run, split, None), [])


class Lane:
    """Where a run that trains without the run loop stands, and whether it is over.

    Args:
        run: What decides it.
        subject: The run.
    """

    def __init__(self, run: RunSpec, subject: Subject) -> None:
        self._run, self._subject = run, subject
        self._stopping = StoppingJudge(run.stop, run.calendar, uneven=run.data.uneven)
        self._watch = StoppingMemory()
        self._restored: int | None = None

    def look(self, seconds: float, scored: bool, memory: Memory) -> Moment:
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
        return _moment(subject, scalars, seconds, over=over, failed=failed, memory=memory, restored=self._restored)

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


def _moment(subject: Subject, scalars: dict[str, float], seconds: float, **more: Any) -> Moment:
    here = subject.epoch, subject.step, subject.net, scalars, seconds, subject.lr, subject.weight_decay
    notes = {name: note for name, note in subject.notes.items() if name == PRODUCTS}
    return Moment(*here, average=subject.average, notes=notes, **more)


def _scalars(run: RunSpec, subject: Subject) -> dict[str, float]:
    """Measure a row, and the validation part where there is one."""
    row = _named(metrics(subject))
    return row | _validated(validation(subject, uneven=run.data.uneven)) if run.validation_share else row


def _validated(event: Validation) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in values_of(event).items()}


def _named(row: Metrics) -> dict[str, float]:
    return dict(zip(COLUMNS, row.values.tolist(), strict=True))


class ThreadClock:
    """Counts the seconds of a thread's processor while it runs."""

    def __init__(self) -> None:
        self._spent = 0.0
        self.go()

    @property
    def spent(self) -> float:
        """Seconds that it has counted."""
        return self._spent + time.thread_time() - self._since

    def go(self) -> None:
        """Count on."""
        self._since = time.thread_time()

    def stop(self) -> None:
        """Count no more."""
        self._spent = self.spent
        self._since = time.thread_time()
