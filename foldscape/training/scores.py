"""The scalars of a run: its metrics row, and how it does on its validation part."""

from __future__ import annotations

import numpy as np

from foldscape.errors import BlewUp
from foldscape.events import Metrics, Validation
from foldscape.net.matthews import matthews
from foldscape.net.mlp import norm_of
from foldscape.net.passes import Scores, scores
from foldscape.subject import Subject

_LARGEST = float(np.finfo(np.float32).max)


def metrics(subject: Subject) -> Metrics:
    """Measure one row, in the order of ``events.COLUMNS``.

    Returns:
        The row.

    Raises:
        BlewUp: If the training loss is no finite number of the row's precision.
    """  # noqa: DOC501 - a function makes it
    net = subject.net
    train = train_scores(subject)
    if not abs(train.loss) <= _LARGEST:
        raise blew_up(subject.step, subject.epoch, subject.lr)
    test = scores(net, subject.test_columns, subject.split.test_y, subject.loss)
    row = (
        subject.epoch,
        train.loss,
        train.accuracy,
        test.loss,
        test.accuracy,
        norm_of([train.gradient]),
        subject.lr,
        net.neurons,
        net.parameters,
    )
    with np.errstate(over="ignore"):  # test loss and gradient may be larger still
        return Metrics(**subject.stamp(), values=np.array(row, dtype=np.float32))


def train_scores(subject: Subject) -> Scores:
    """Measure the net on all training points."""
    return scores(subject.net, subject.train_columns, subject.split.train_y, subject.loss)


def validation(subject: Subject, *, uneven: bool) -> Validation:
    """Measure the net on the validation part; the event gets its place among the step's events when it is told.

    Args:
        subject: The run at rest.
        uneven: Whether to correlate answers and truth as well.

    Returns:
        What was measured.
    """
    split, net = subject.split, subject.net
    found = scores(net, subject.validation_columns, split.validation_y, subject.loss)
    known = abs(found.loss) <= _LARGEST
    together = None
    if uneven and known:
        together = matthews(split.validation_y, net.logits(split.validation_x).argmax(axis=1), split.classes)
    return Validation(
        step=subject.step,
        seq=-1,
        epoch=subject.epoch,
        loss=found.loss if known else None,
        accuracy=found.accuracy,
        matthews=together,
    )


def blew_up(step: int, epoch: float, lr: float) -> BlewUp:
    """Tell that training has left the finite numbers."""
    return BlewUp(
        f"The loss blew up at update {step} (epoch {epoch:.1f}).",
        step=step,
        hint=f"A learning rate of {lr:g} is likely too high; go back to the last finite epoch, or try {lr / 10:g}.",
    )
