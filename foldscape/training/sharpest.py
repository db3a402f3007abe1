"""The sharpest directions that an optimiser looks at, found between its updates."""

from __future__ import annotations

import numpy as np

from foldscape import curvature as curves
from foldscape.chance import generator
from foldscape.errors import NotPossible
from foldscape.net.mlp import Weights
from foldscape.optimizer import Optimizer, WantedDirections
from foldscape.optimizer.memory import Blocks, flat_directions
from foldscape.subject import PRODUCTS
from foldscape.training.running import Running

TOLERANCE = 0.03
"""Residual at which a direction is good enough to step along, relative to the first eigenvalue."""


class SharpestDirections:
    """Finds the directions of a run's optimiser, beginning at the last ones, and hands them to its engine.

    What is found is a function of net, step and last directions, all of which a snapshot holds. A net that has just
    grown has none, so that they are found anew before its next update.

    Args:
        run: The run.
        wanted: Which ones.
    """

    def __init__(self, run: Running, wanted: WantedDirections) -> None:
        self._run, self._wanted = run, wanted
        points = len(run.subject.split.train_x)
        self._points = curves.probe_subset(points, limit=wanted.points).indices
        self._objective: tuple[list[tuple[int, ...]], curves.Objective] | None = None

    @property
    def is_due(self) -> bool:
        """Whether to look for them before the next update."""
        run = self._run
        return self._wanted.is_due(run.subject.step, run.in_epoch) or not run.engine.has_directions

    def next_due(self, end_of_epoch: int) -> int:
        """Give the step of the next look after this one, at most the end of the epoch."""
        return self._wanted.next_due(self._run.subject.step, end_of_epoch)

    def find(self) -> None:
        """Find them at the present net."""
        run, subject = self._run, self._run.subject
        net, memory = subject.net, run.engine.memory
        objective = self._loss_of(net, is_new=not memory.directions)
        pairs = curves.top_eigenpairs(
            objective,
            k=min(self._wanted.k, objective.size),
            tol=TOLERANCE,
            start=flat_directions(memory.directions) if memory.directions else None,
            rng=generator(subject.seed, "sharpest", subject.step),
            rough=True,
            theta=net.vector(),
        )
        self._count(pairs.iterations)
        curvatures = np.nan_to_num(pairs.values, nan=0.0, posinf=0.0, neginf=0.0)
        directions = _blocks(pairs.vectors, tuple(net.flat()))
        run.engine.direct(directions, (curvatures,))

    def _loss_of(self, net: Weights, *, is_new: bool) -> curves.Objective:
        """Give the loss on the optimiser's points, laid out once for a net until its shape or its statistics change."""
        shapes = [part.shape for part in net.flat()]
        if is_new or self._objective is None or self._objective[0] != shapes or net.keeps_statistics:
            split = self._run.subject.split
            points = split.train_x[self._points], split.train_y[self._points]
            self._objective = shapes, net.objective(*points, self._run.subject.loss).single()
        return self._objective[1]

    def _count(self, products: int) -> None:
        """Count the Hessian products of the present epoch."""
        known = self._run.subject.notes.get(PRODUCTS, np.zeros(2, np.int64))
        before = known[1] if known[0] == self._run.epoch else 0
        self._run.subject.notes[PRODUCTS] = np.array([self._run.epoch, before + products], np.int64)


def refuse_normed(net: Weights, optimizer: Optimizer) -> None:
    """Refuse a net whose weights are not those that curvature is measured in.

    Args:
        net: A net that is to be trained.
        optimizer: By what.

    Raises:
        NotPossible: If it has batch normalisation, and the optimiser looks at its sharpest directions.
    """
    if net.is_folded and optimizer.sharpest is not None:
        raise NotPossible(
            f"Curvature is measured with batch normalisation folded in, so {optimizer.name} finds no directions for "
            "the weights of a net that has it.",
            hint="Do without batch normalisation, or take another optimiser.",
        )


def _blocks(vectors: np.ndarray, parts: Blocks) -> Blocks:
    """Cut (K, P) directions into one (K, ...) float32 array a parameter array."""
    ends = np.cumsum([part.size for part in parts])[:-1]
    cut = np.split(vectors.astype(np.float32), ends, axis=1)
    return tuple(piece.reshape(len(piece), *part.shape) for piece, part in zip(cut, parts, strict=True))
