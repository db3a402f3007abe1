"""The mistake that stands for many: near the middle of the cluster of examples that the net gets most wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.folds.kernels_clusters import lloyd, seeds
from foldscape.losses.cross_entropy import cross_entropy

ClustersOf = Literal["all", "wrong"]
PRINCIPAL = 20
ROUNDS, TOLERANCE = 50, 1e-6


@dataclass(frozen=True, eq=False)
class TypicalInstance:
    """A mis-predicted example and the cluster that it stands for.

    Attributes:
        index: Its number among the examples.
        cluster: (size,) numbers of the examples of its cluster, ascending.
        loss: Mean loss of the cluster, nats.
        centroid: (d,) mean of the cluster, each example weighted with its loss.
    """

    index: int
    cluster: np.ndarray
    loss: float
    centroid: FloatArray

    @property
    def size(self) -> int:
        """Examples in the cluster."""
        return len(self.cluster)


def typical_instance(
    x: FloatArray,
    y: np.ndarray,
    logits: FloatArray,
    rng: np.random.Generator,
    *,
    clusters_of: ClustersOf = "all",
    size: int = 2000,
    k: int | None = None,
    restrict: bool = True,
) -> TypicalInstance | None:
    """Find a typical mis-predicted example (J. Kang 2024; docs/growth.md).

    Inputs are clustered by k-means, each weighted with its loss: k-means++ seeds, then Lloyd's rounds. The cluster of
    the highest mean loss that holds a mistake is taken, and in it the mistake nearest to the centroid. Above 20 inputs
    the distances are those of the first 20 principal components.

    Args:
        x: (N, d) inputs.
        y: (N,) classes.
        logits: (N, K) of the net.
        rng: The only source of chance.
        clusters_of: ``"all"`` examples, or only those that are ``"wrong"``.
        size: Examples that are looked at; of more, a random draw.
        k: Number of clusters; by default the root of half the number of mistakes, from 3 to 10.
        restrict: Whether the example has to be mis-predicted itself; else it is the one nearest to the centroid.

    Returns:
        The example with its cluster, or ``None`` where every example is right.
    """
    wrong = logits.argmax(axis=1) != y
    if not wrong.any():
        return None
    sample = _sample(wrong, size, rng)
    if clusters_of == "wrong":
        sample = sample[wrong[sample]]
    points, losses = _space(x[sample]), cross_entropy(logits[sample], y[sample]).astype(np.float64)
    mistaken = wrong[sample]
    clusters = k or min(max(round(math.sqrt(int(mistaken.sum()) / 2)), 3), 10)
    labels, centres = lloyd(
        points, losses, seeds(points, losses, rng.random(min(clusters, len(points)))), ROUNDS, TOLERANCE
    )
    sizes = np.bincount(labels, minlength=len(centres))
    mean = np.bincount(labels, losses, len(centres)) / np.maximum(sizes, 1)
    holds = np.bincount(labels, mistaken, len(centres)) > 0
    chosen = int(np.where(holds, mean, -1).argmax())
    inside = labels == chosen
    distance = np.square(points - centres[chosen]).sum(axis=1)
    index = int(np.where(inside & (mistaken | (not restrict)), distance, np.inf).argmin())
    weight = losses[inside] / losses[inside].sum()
    return TypicalInstance(int(sample[index]), sample[inside], float(mean[chosen]), weight @ x[sample[inside]])


def _sample(wrong: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    if len(wrong) <= size:
        return np.arange(len(wrong))
    drawn = rng.choice(len(wrong), size, replace=False)
    if not wrong[drawn].any():  # a rare mistake must not be missed
        drawn[0] = rng.choice(np.flatnonzero(wrong))
    return np.sort(drawn)


def _space(x: FloatArray) -> FloatArray:
    """Give the inputs, or above 20 of them their leading principal components, (n, min(d, 20))."""
    points = np.ascontiguousarray(x, np.float64)
    if points.shape[1] <= PRINCIPAL:
        return points
    centred = points - points.mean(axis=0)
    leading = np.linalg.eigh(centred.T @ centred)[1][:, -PRINCIPAL:]
    return np.ascontiguousarray(centred @ leading)
