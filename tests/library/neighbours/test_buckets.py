"""Test points by novelty: buckets are a partition, and what stands in them is what can be counted by hand."""

from itertools import pairwise

import numpy as np
import pytest

from foldscape.errors import InvalidInput
from foldscape.novelty import Neighbours, by_novelty, by_quantile


@pytest.mark.parametrize("points", [5, 7, 360, 1043])
@pytest.mark.parametrize("buckets", [1, 2, 5])
def test_buckets_part_the_test_set_evenly(points, buckets):
    """T-B6-2: each point in one bucket, sizes that differ by one at most, each bucket more novel than the last."""
    novelty = np.random.default_rng(points).integers(0, 20, points).astype(float)
    parts = by_quantile(novelty, buckets)
    assert sorted(np.concatenate(parts).tolist()) == list(range(points))
    sizes = [len(part) for part in parts]
    assert len(sizes) == buckets
    assert max(sizes) - min(sizes) <= 1
    for before, after in pairwise(parts):
        assert novelty[before].max() <= novelty[after].min()


@pytest.mark.parametrize("buckets", [0, 4])
def test_more_buckets_than_points_are_refused(buckets):
    with pytest.raises(InvalidInput, match=f"3 test points cannot fill {buckets} buckets"):
        by_quantile(np.arange(3.0), buckets)


def test_the_table_is_that_counted_by_hand():
    neighbours = Neighbours(np.array([0, 1, 1, 0]), np.array([0.4, 0.1, 0.2, 0.9]))
    outputs = np.log(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]))
    train_y, test_y = np.array([0, 1]), np.array([0, 1, 1, 1])
    critical = np.array([True, False, False, True])
    found = by_novelty(neighbours, outputs, train_y, test_y, buckets=2, critical=critical)
    assert found.bucket.tolist() == [1, 0, 0, 1]
    assert found.edges.tolist() == [0.1, 0.4, 0.9]
    assert found.counts.tolist() == [2, 2]
    assert found.accuracy.tolist() == [0.5, 1]
    np.testing.assert_allclose(found.confidence, [0.7, 0.8])
    assert found.memoriser.tolist() == [1, 0.5]
    assert found.critical.tolist() == [0, 1]
    assert found.gap.tolist() == [-0.5, 0.5]
    assert [row["points"] for row in found.rows()] == [2, 2]


def test_without_probabilities_and_without_a_search_nothing_is_claimed():
    neighbours = Neighbours(np.array([0, 0]), np.array([0.0, 1.0]))
    found = by_novelty(neighbours, np.eye(2), np.array([0]), np.array([0, 1]), buckets=2, has_probabilities=False)
    assert np.isnan(found.confidence).all()
    assert np.isnan(found.critical).all()
