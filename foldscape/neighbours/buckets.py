"""Test points in buckets of equal size, from those nearest to a training point to the most novel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from foldscape.arrays import BoolArray, Float64Array, FloatArray, Int64Array, Labels
from foldscape.errors import InvalidInput
from foldscape.losses.cross_entropy import softmax
from foldscape.neighbours.distances import Neighbours

BUCKETS = 5


@dataclass(frozen=True)
class ByNovelty:
    """How a net does on test points by how novel they are.

    Attributes:
        neighbours: The nearest training point of each of the M test points.
        bucket: (M,) the bucket of each test point, from 0 for the least novel.
        edges: (B + 1,) novelty at which the buckets begin, and where the last ends.
        counts: (B,) test points.
        accuracy: (B,) share of them that the net puts into their class.
        confidence: (B,) mean probability that the net gives to its own answer; NaN if its loss makes none.
        memoriser: (B,) accuracy of a 1-nearest-neighbour classifier: it answers with the nearest training label.
        critical: (B,) critical sample ratio; NaN where it was not asked for.
        predicted: (M,) class that the net answers with.
        certainty: (M,) probability that it gives to it; NaN if its loss makes none.
    """

    neighbours: Neighbours
    bucket: Int64Array
    edges: Float64Array
    counts: Int64Array
    accuracy: Float64Array
    confidence: Float64Array
    memoriser: Float64Array
    critical: Float64Array
    predicted: Int64Array
    certainty: Float64Array

    @property
    def gap(self) -> Float64Array:
        """Accuracy of the net less that of the memoriser, (B,)."""
        return self.accuracy - self.memoriser

    def rows(self) -> list[dict[str, float]]:
        """Give the table, a row a bucket, as plain values."""
        return [
            {
                "bucket": number + 1, "novelty_from": float(low), "novelty_to": float(high), "points": int(count),
                "accuracy": float(accuracy), "confidence": float(confidence), "critical_sample_ratio": float(critical),
                "memoriser_accuracy": float(memoriser), "gap": float(accuracy - memoriser),
            }
            for number, (low, high, count, accuracy, confidence, critical, memoriser) in enumerate(
                zip(self.edges, self.edges[1:], self.counts, self.accuracy, self.confidence, self.critical,
                    self.memoriser, strict=False)
            )
        ]  # fmt: skip


def by_quantile(novelty: FloatArray, buckets: int = BUCKETS) -> list[Int64Array]:
    """Part test points by quantiles of their novelty.

    Args:
        novelty: (M,) novelty of each.
        buckets: How many parts B.

    Returns:
        B arrays of test points, the least novel first; sizes differ by at most one, and equally novel points keep
        their order.

    Raises:
        InvalidInput: If there are fewer points than buckets.

    Example:
        >>> [part.tolist() for part in by_quantile(np.array([3.0, 0.0, 1.0, 2.0, 9.0]), 2)]
        [[1, 2, 3], [0, 4]]
    """
    if not 1 <= buckets <= len(novelty):
        raise InvalidInput(
            f"{len(novelty)} test points cannot fill {buckets} buckets.", hint=f"Ask for 1 to {len(novelty)} buckets."
        )
    return np.array_split(np.argsort(novelty, kind="stable"), buckets)


def by_novelty(
    neighbours: Neighbours,
    outputs: FloatArray,
    train_y: Labels,
    test_y: Labels,
    *,
    buckets: int = BUCKETS,
    has_probabilities: bool = True,
    critical: BoolArray | None = None,
) -> ByNovelty:
    """Say how a net does on test points by how novel they are (arXiv 1804.09259, section 3).

    Args:
        neighbours: The nearest training point of each test point.
        outputs: (M, K) outputs of the net for the test points.
        train_y: (N,) labels that the training points were learnt with.
        test_y: (M,) classes of the test points.
        buckets: Quantile buckets B.
        has_probabilities: Whether the outputs are logits of probabilities, as those of cross-entropy are.
        critical: (M,) whether another class lies near each test point; ``None`` where nobody looked.

    Returns:
        The buckets.

    Raises:
        InvalidInput: If there are fewer points than buckets.
    """
    parts = by_quantile(neighbours.distance, buckets)
    predicted = outputs.argmax(axis=1)
    unknown = np.full(len(test_y), np.nan)
    certainty = softmax(outputs.astype(np.float64), axis=1).max(axis=1) if has_probabilities else unknown
    bucket = np.zeros(len(test_y), np.int64)
    for number, part in enumerate(parts):
        bucket[part] = number
    distances = [neighbours.distance[part] for part in parts]
    return ByNovelty(
        neighbours,
        bucket,
        np.array([*(part.min() for part in distances), distances[-1].max()]),
        np.array([len(part) for part in parts]),
        _means(predicted == test_y, parts),
        _means(certainty, parts),
        _means(train_y[neighbours.index] == test_y, parts),
        _means(unknown if critical is None else critical, parts),
        predicted,
        certainty,
    )


def _means(values: npt.NDArray[Any], parts: Sequence[Int64Array]) -> Float64Array:
    return np.array([np.mean(values[part], dtype=np.float64) for part in parts])
