"""The scalars of a metrics row."""

from __future__ import annotations

import math

import numpy as np

from foldscape.errors import BlewUp
from foldscape.events import Metrics
from foldscape.net.mlp import Weights, backward, cross_entropy
from foldscape.training.subject import Subject


def loss_and_accuracy(net: Weights, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Give mean cross-entropy in nats and the share of right answers; NaN without points."""
    if len(x) == 0:
        return math.nan, math.nan
    logits = net.logits(x)
    loss = float(cross_entropy(logits, y).mean(dtype=np.float64))
    return loss, float((logits.argmax(axis=1) == y).mean())


def metrics(subject: Subject) -> Metrics:
    """Measure one row, in the order of ``events.COLUMNS``.

    Raises:
        BlewUp: If the training loss is not finite.
    """
    net, split = subject.net, subject.split
    train_loss, train_accuracy = loss_and_accuracy(net, split.train_x, split.train_y)
    if not math.isfinite(train_loss):
        raise blew_up(subject.step, subject.epoch, subject.lr)
    test_loss, test_accuracy = loss_and_accuracy(net, split.test_x, split.test_y)
    norm = backward(net, *subject.probe_points()).norm
    row = (
        subject.epoch,
        train_loss,
        train_accuracy,
        test_loss,
        test_accuracy,
        norm,
        subject.lr,
        net.neurons,
        net.parameters,
    )
    return Metrics(**subject.stamp(), values=np.array(row, dtype=np.float32))


def blew_up(step: int, epoch: float, lr: float) -> BlewUp:
    """Tell that training has left the finite numbers."""
    return BlewUp(
        f"The loss blew up at update {step} (epoch {epoch:.1f}).",
        step=step,
        hint=f"A learning rate of {lr:g} is likely too high; go back to the last finite epoch, or try {lr / 10:g}.",
    )
