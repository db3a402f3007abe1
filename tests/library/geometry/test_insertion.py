"""Adding one unit to a finished partition gives what cutting the grown net anew gives."""

import itertools

import numpy as np
import pytest

from foldscape.geometry import GeometryError, partition, with_fold

BOX = (-2.0, 3.0, -2.0, 2.0)


def drawn(sizes, rng):
    pairs = list(itertools.pairwise(sizes))
    return [rng.normal(size=(b, a)) for a, b in pairs], [0.5 * rng.normal(size=b) for _, b in pairs]


def grown(weights, biases, layer, weight, bias):
    weights, biases = list(weights), list(biases)
    weights[layer] = np.vstack([weights[layer], weight])
    biases[layer] = np.append(biases[layer], bias)
    weights[layer + 1] = np.pad(weights[layer + 1], ((0, 0), (0, 1)))
    return weights, biases


def in_order(points):
    """Give rows of numbers in an order that does not depend on where they came from."""
    rows = np.round(np.asarray(points, dtype=np.float64).reshape(len(points), 2), 9) + 0.0
    return rows[np.lexsort(rows.T)]


def assert_same(one, other):
    assert len(one.cells) == len(other.cells)
    np.testing.assert_allclose(np.sort(one.cells.areas), np.sort(other.cells.areas), atol=1e-9)
    np.testing.assert_allclose(in_order(one.cells.centroids), in_order(other.cells.centroids), atol=1e-8)
    for part in ("folds", "boundary", "fold_points"):
        mine, theirs = getattr(one, part), getattr(other, part)
        points = [each.xy if part == "fold_points" else each.points.mean(axis=1) for each in (mine, theirs)]
        np.testing.assert_allclose(in_order(points[0]), in_order(points[1]), atol=1e-8)
    told = [np.stack([each.layer, each.unit], axis=1) for each in (one.fold_points, other.fold_points)]
    assert sorted(map(tuple, told[0])) == sorted(map(tuple, told[1]))


@pytest.mark.parametrize("sizes", [(2, 3, 2), (2, 16, 2), (2, 16, 16, 2), (2, 8, 8, 8, 3), (2, 5, 1)])
@pytest.mark.parametrize("slope", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_a_fold_put_in_equals_cutting_anew(sizes, slope, seed):
    rng = np.random.default_rng([seed, len(sizes), sizes[1]])
    weights, biases = drawn(sizes, rng)
    before = partition(weights, biases, BOX, negative_slope=slope)
    for layer in range(len(sizes) - 2):
        weight, bias = rng.normal(size=sizes[layer]), 0.3 * rng.normal()
        after = with_fold(before, layer, weight, bias)
        anew = partition(*grown(weights, biases, layer, weight, bias), BOX, negative_slope=slope)
        assert_same(after, anew)
        normals = [in_order(each.folds.active_side) for each in (after, anew)]
        np.testing.assert_allclose(normals[0], normals[1], atol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_cells_that_the_fold_does_not_cross_keep_their_corners_to_the_last_bit(seed):
    rng = np.random.default_rng(seed)
    weights, biases = drawn((2, 12, 10, 2), rng)
    before = partition(weights, biases, BOX)
    weight, bias = rng.normal(size=2), 0.1
    after = with_fold(before, 0, weight, bias)
    polygons = {frozenset(map(tuple, cell.polygon)) for cell in after.cells}
    sides = [np.sign(cell.polygon @ weight + bias) for cell in before.cells]
    missed = [cell for cell, side in zip(before.cells, sides, strict=True) if (side > 0).all() or (side < 0).all()]
    assert 0 < len(missed) < len(before.cells)
    assert len(after.cells) == len(before.cells) + (len(before.cells) - len(missed))
    # A neighbour's cut may put a vertex on a straight side, never move a corner.
    kept = [cell for cell in missed if any(frozenset(map(tuple, cell.polygon)) <= polygon for polygon in polygons)]
    assert len(kept) == len(missed)


def test_folds_can_be_put_in_one_after_another():
    rng = np.random.default_rng(4)
    weights, biases = drawn((2, 4, 4, 2), rng)
    found = partition(weights, biases, BOX)
    for step in range(6):
        layer = step % 2
        fan_in = weights[layer].shape[1]
        weight, bias = rng.normal(size=fan_in), 0.2 * rng.normal()
        found = with_fold(found, layer, weight, bias)
        weights, biases = grown(weights, biases, layer, weight, bias)
    assert_same(found, partition(weights, biases, BOX))


@pytest.mark.parametrize("degenerate", ["same fold", "no weights", "along the rim", "beside the box"])
def test_degenerate_folds_are_put_in_as_well(degenerate):
    rng = np.random.default_rng(1)
    weights, biases = drawn((2, 4, 2), rng)
    weight, bias = {
        "same fold": (weights[0][0], biases[0][0]),
        "no weights": (np.zeros(2), 0.0),
        "along the rim": (np.array([1.0, 0.0]), 2.0),
        "beside the box": (np.array([1.0, 0.0]), 9.0),
    }[degenerate]
    after = with_fold(partition(weights, biases, BOX), 0, weight, bias)
    anew = partition(*grown(weights, biases, 0, weight, bias), BOX)
    assert len(after.cells) == len(anew.cells)
    assert after.cells.areas.sum() == pytest.approx(20, abs=1e-9)


def test_a_layer_that_is_not_there_is_named():
    found = partition(*drawn((2, 3, 2), np.random.default_rng(0)), BOX)
    with pytest.raises(GeometryError, match="this net has 1 hidden layers"):
        with_fold(found, 1, [0.0, 0.0, 0.0], 0.0)
    with pytest.raises(GeometryError, match="it receives 2 numbers"):
        with_fold(found, 0, [1.0], 0.0)
