"""The scores of the net of averaged weights."""

from __future__ import annotations

import math

from foldscape.measurements import Scalars
from foldscape.net.averaging import with_statistics_of
from foldscape.net.passes import scores
from foldscape.probes.measuring.moment import known
from foldscape.subject import Subject


def average(subject: Subject) -> Scalars:
    """Score the averaged net of this moment."""
    split, net = subject.split, subject.average
    train_loss = test_loss = test_accuracy = math.nan
    if net is not None and net.is_finite():
        own = with_statistics_of(net.astype(subject.net.flat()[0].dtype), split.train_x)
        train_loss = scores(own, subject.train_columns, split.train_y, subject.loss).loss
        test_loss, test_accuracy, _ = scores(own, subject.test_columns, split.test_y, subject.loss)
    values = {
        "average_train_loss": known(train_loss),
        "average_test_loss": known(test_loss),
        "average_test_accuracy": known(test_accuracy),
    }
    return Scalars(
        **subject.stamp(), epoch=subject.epoch, points=0, subset="", method="averaged weights", iterations=0,
        residual=None, probe="average", values=values,
    )  # fmt: skip
