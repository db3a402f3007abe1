"""The scalars of a metrics row."""

from __future__ import annotations

import numpy as np

from foldscape.errors import BlewUp
from foldscape.events import Metrics
from foldscape.net.mlp import norm_of
from foldscape.net.passes import scores
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
    train = scores(net, subject.train_columns, subject.split.train_y, subject.loss)
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


def blew_up(step: int, epoch: float, lr: float) -> BlewUp:
    """Tell that training has left the finite numbers."""
    return BlewUp(
        f"The loss blew up at update {step} (epoch {epoch:.1f}).",
        step=step,
        hint=f"A learning rate of {lr:g} is likely too high; go back to the last finite epoch, or try {lr / 10:g}.",
    )
