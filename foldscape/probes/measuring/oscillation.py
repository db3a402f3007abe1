"""What the coming updates of a run do along its sharpest directions: they are done, looked at, and taken back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.chance import generator
from foldscape.events import Oscillation
from foldscape.probes.measuring.moment import believed, finite_objective, known, measured_on, top_pairs
from foldscape.shuffling import order_of
from foldscape.subject import Subject

FEWEST = 2
"""Updates that tell anything."""


def oscillation(subject: Subject, k: int, updates: int) -> Iterator[Oscillation]:
    """Measure how the coming updates swing along the k sharpest directions and along a random one."""
    objective = finite_objective(subject)
    order, done, batches = _coming(subject)
    batches = batches[:updates]
    if objective is None or len(batches) < FEWEST or subject.net.is_folded:
        return
    pairs = top_pairs(subject, k)
    vectors, values = pairs.vectors[:k], believed(pairs)[:k]
    random = _beside(vectors, generator(subject.seed, "probe", subject.step))
    path, slopes = _walked(subject, (order, done), batches, np.vstack([vectors, random]))
    if not (np.isfinite(path).all() and np.isfinite(slopes).all()):
        return
    trusted = np.append(np.where(np.isfinite(values), 1.0, np.nan), 1.0)
    changes = trusted * curves.sign_changes(slopes)
    correlation = trusted * curves.step_correlation(np.diff(path, axis=0))
    yield Oscillation(
        **measured_on(subject, pairs.method, pairs.iterations, float(pairs.residuals[:k].max())),
        updates=len(batches),
        values=values,
        sign_changes=changes[:-1],
        autocorrelation=correlation[:-1],
        changes=known(changes[0]),
        correlation=known(correlation[0]),
        random_changes=known(changes[-1]),
        random_correlation=known(correlation[-1]),
    )


def _coming(subject: Subject) -> tuple[np.ndarray, int, list[np.ndarray]]:
    """Find the mini-batches that are left of the epoch, or those of the next.

    Returns:
        The order (N,) of the epoch's training points, how many of its mini-batches are done, and the points of the
        others.
    """
    order = order_of(subject.shuffle, subject.seed, int(subject.epoch), len(subject.split.train_x))
    batches = [order[first : first + subject.batch] for first in range(0, len(order), subject.batch)]
    done = round((subject.epoch - int(subject.epoch)) * len(batches))
    return order, done, batches[done:]


def _walked(
    subject: Subject, epoch: tuple[np.ndarray, int], batches: list[np.ndarray], directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Do the coming updates at the present learning rate, and put everything back.

    Args:
        subject: The run.
        epoch: The order (N,) of its training points, and how many of its mini-batches are done.
        batches: Those that come.
        directions: (K, P) along which the net is followed.

    Returns:
        (T + 1, K) places along the directions, and (T, K) slopes of each mini-batch's loss before its update.
    """
    engine, split = subject.engine, subject.split
    assert engine is not None
    net, memory, step = engine.weights, engine.memory, engine.step
    order, done = epoch
    engine.begin_epoch(order, subject.batch, int(subject.epoch))
    path, slopes = [directions @ net.vector()], []
    for number, batch in enumerate(batches):
        here = engine.weights
        objective = here.objective(split.train_x[batch], split.train_y[batch], subject.loss)
        slopes.append(directions @ objective.gradient())
        engine.step = subject.step + number
        engine.train(done + number, 1, np.array([subject.lr]))
        path.append(directions @ engine.weights.vector())
    engine.load(net, memory)
    engine.step = step
    return np.array(path), np.array(slopes)


def _beside(vectors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a unit vector at right angles to some others."""
    drawn = rng.standard_normal((1, vectors.shape[1]))
    drawn = drawn - drawn @ vectors.T @ vectors
    length = float(np.linalg.norm(drawn))
    return np.asarray(drawn[0] / length if length > 0 else drawn[0])
