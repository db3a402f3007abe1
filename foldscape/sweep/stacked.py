"""Runs that differ in their seeds alone, trained as one program on a card and told moment by moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from foldscape.data.base import Split
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.sweep.moments import WORKED_OUT, Lane, Moment, ThreadClock, subject_at_start


def moments_together(runs: Sequence[RunSpec], split: Split, scored: int) -> Iterator[tuple[int, Moment]]:
    """Train runs on one data set, each with first weights, shuffles and measurements of its own.

    Args:
        runs: The runs; ``trains_stacked`` is true of them, and they differ in their seeds alone.
        split: Their data.
        scored: Epochs between two rows of metrics; the start and the end always have one.

    Yields:
        Which run, and its next moment. One that leaves the finite numbers is over, and the others go on.
    """
    from foldscape.engine.stacked import StackedTraining  # torch is loaded where such a sweep is carried out

    first, clock = runs[0], ThreadClock()
    subjects = [subject_at_start(run, split) for run in runs]
    shared = {name: getattr(subjects[0], name) for name in WORKED_OUT}
    for subject in subjects:
        subject.__dict__ |= shared
    many = StackedTraining(
        [subject.net for subject in subjects],  # type: ignore[misc] # torch modules compute them
        first.optimizer, split.train_x, split.train_y, first.device, first.loss, first.precision,
    )  # fmt: skip
    many.weight_decay = first.weight_decay
    lanes = [Lane(run, subject) for run, subject in zip(runs, subjects, strict=True)]
    calendar, rates, open_lanes = first.calendar, first.learning_rates(), list(range(len(runs)))
    for epoch in range(first.stop.epochs + 1):
        step = calendar.first_step(epoch)
        told: dict[int, Any] = dict(zip(range(len(runs)), zip(many.weights, many.memories, strict=True), strict=True))
        clock.stop()
        for place in tuple(open_lanes):
            subject = subjects[place]
            subject.net, memory = told[place]
            subject.step, subject.epoch, subject.lr = step, float(epoch), rates.at(step, first.optimizer.lr)
            moment = lanes[place].look(clock.spent / len(runs), epoch % scored == 0, memory)
            if moment.over:
                open_lanes.remove(place)
            yield place, moment
        clock.go()
        if not open_lanes:
            return
        orders = [order_of(run.shuffle, run.chance, epoch, len(split.train_x)) for run in runs]
        many.train_epoch(np.stack(orders), calendar.batch_at(epoch), rates.of_epoch(epoch, first.optimizer.lr))
