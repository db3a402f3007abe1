"""Coincidences: folds through corners, on top of one another, along the rim; silent units; extreme scales."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foldscape.geometry import logits, partition
from tests.library.geometry.drawn import hidden, net, winners
from tests.library.geometry.oracle import area, slow_partition

BOX = (-1.0, 1.0, -1.0, 1.0)


def sound(weights, biases, box=BOX, slope=0.0, rounding=1e-9):
    """Partition a net and hold it to everything that must be true of any net."""
    found = partition(weights, biases, box, negative_slope=slope)
    cells = found.cells
    whole = (box[1] - box[0]) * (box[3] - box[2])
    assert abs(cells.areas.sum() - whole) <= 1e-9 * whole
    assert (cells.areas > 0).all()
    for array in (cells.vertices, cells.centroids, found.folds.points, found.boundary.points, found.fold_points.xy):
        assert np.isfinite(array).all()
    size = max(box[1] - box[0], box[3] - box[2])
    for cell in cells:
        along = np.roll(cell.polygon, -1, axis=0) - cell.polygon
        turn = along[:, 0] * np.roll(along[:, 1], -1) - along[:, 1] * np.roll(along[:, 0], -1)
        assert (turn >= -1e-9 * size**2).all()
    # The net is affine in each cell: at its corners the map found at the centroid still holds.
    out = logits(weights, biases, cells.vertices[cells.indices], slope)
    which = np.repeat(np.arange(len(cells)), np.diff(cells.offsets))
    mapped = np.einsum("nkd,nd->nk", cells.affine[which], cells.vertices[cells.indices]) + cells.offset[which]
    scale = 1 + np.abs(out).max() + np.abs(cells.offset).max()
    big = cells.areas[which] > 1e-9 * whole  # the centroid of a sliver may fall beside it
    assert np.abs(mapped - out)[big].max(initial=0) <= rounding * scale
    return found


weight = st.one_of(
    st.integers(-2, 2).map(float),
    st.sampled_from([0.5, -0.5, 1 / 3, 1e-12, -1e-12, 1e12, 1e6, -1e6, 1e-300]),
    st.floats(-2, 2, allow_nan=False).map(lambda v: round(v, 3)),
)


@st.composite
def degenerate_nets(draw):
    depth = draw(st.integers(0, 4))
    widths = draw(st.lists(st.integers(1, 6), min_size=depth, max_size=depth))
    sizes = [2, *widths, draw(st.sampled_from([1, 2, 3, 10]))]
    weights, biases = [], []
    for a, b in pairwise(sizes):
        rows = draw(st.lists(st.lists(weight, min_size=a, max_size=a), min_size=b, max_size=b))
        bias = draw(st.one_of(st.just([0.0] * b), st.lists(weight, min_size=b, max_size=b)))
        if b > 1 and draw(st.booleans()):  # a twin, perhaps turned round or stretched
            factor = draw(st.sampled_from([1.0, -1.0, 2.0, 1 / 3]))
            rows[-1], bias[-1] = [factor * v for v in rows[0]], factor * bias[0]
        if draw(st.integers(0, 5)) == 0:  # a dead layer
            bias = [-abs(v) for v in bias]
            rows = [[-abs(v) for v in row] for row in rows]
        weights.append(np.array(rows).reshape(b, a))
        biases.append(np.array(bias))
    return weights, biases


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(degenerate_nets(), st.sampled_from([0.0, 0.01, 0.25]))
def test_any_degenerate_net_loses_no_area_and_stays_affine_in_its_cells(drawn, slope):
    sound(*drawn, slope=slope, rounding=1e-6)


small = st.integers(-2, 2)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(small, small, small), min_size=1, max_size=6),
    st.lists(st.tuples(st.lists(small, min_size=6, max_size=6), small), min_size=1, max_size=5),
    st.lists(small, min_size=5, max_size=5),
)
def test_nets_of_small_whole_numbers_have_the_cells_of_the_slow_oracle(first, second, last):
    W1 = np.array([row[:2] for row in first], float)
    W2 = np.array([row[0][: len(first)] for row in second], float)
    weights = [W1, W2, np.array([last[: len(second)]], float)]
    biases = [np.array([row[2] for row in first], float), np.array([row[1] for row in second], float), np.array([-0.5])]
    found = sound(weights, biases)
    slow = slow_partition(weights, biases, BOX)
    np.testing.assert_allclose(np.sort(found.cells.areas), np.sort([area(p) for p, *_ in slow]), rtol=0, atol=1e-9)
    out = logits(weights, biases, found.boundary.points.reshape(-1, 2))
    assert np.abs(out).max(initial=0) <= 1e-10
    z = hidden(weights, biases, found.fold_points.xy)
    starts = np.array([0, len(first)])
    at = found.fold_points
    assert np.abs(z[np.arange(len(at)), starts[at.layer] + at.unit]).max(initial=0) <= 1e-10


def test_all_folds_through_one_point_when_there_are_no_biases():
    weights, _ = net([2, 12, 12, 2], seed=1)
    found = sound(weights, [np.zeros(12), np.zeros(12), np.zeros(2)])
    assert len(partition([*weights[:1], np.ones((1, 12))], [np.zeros(12), np.zeros(1)], BOX).cells) == 24
    assert (np.abs(found.cells.vertices).max(axis=1) < 1e-12).any()


def test_a_regular_lattice_of_folds():
    k = np.arange(-4, 5) / 5
    W = np.concatenate([np.tile([1.0, 0.0], (9, 1)), np.tile([0.0, 1.0], (9, 1)), np.tile([1.0, 1.0], (9, 1))])
    b = np.concatenate([k, k, k])
    found = sound([W, np.ones((1, 27))], [b, np.zeros(1)])
    # 100 squares; the 9 diagonals x + y = -k/5 go through corners and halve 6 + 7 + 8 + 9 + 10 + 9 + 8 + 7 + 6 of them.
    assert len(found.cells) == 100 + 70


def test_twin_units_fold_the_same_lines_and_cut_once():
    weights, biases = net([2, 6, 5, 2], seed=2)
    doubled = [
        np.repeat(weights[0], 2, axis=0) * np.tile([1.0, 2.0], 6)[:, None],
        np.repeat(weights[1] / 2, 2, axis=1) * np.tile([1.0, 0.5], 6),
        weights[2],
    ]
    once = partition(weights, biases, BOX)
    twice = sound(doubled, [np.repeat(biases[0], 2) * np.tile([1.0, 2.0], 6), biases[1], biases[2]])
    assert len(twice.cells) == len(once.cells)
    assert len(twice.folds) == len(once.folds) + (once.folds.layer == 0).sum()
    np.testing.assert_allclose(np.sort(twice.cells.areas), np.sort(once.cells.areas), atol=1e-12)
    assert len(twice.fold_points) == len(once.fold_points) + (once.fold_points.layer == 0).sum()


def test_a_second_layer_that_folds_along_the_first():
    # Behind the first fold everything is 0, so the second layer's unit x > 0 switches on exactly there.
    found = sound([[[1.0, 0.0]], [[1.0]], [[1.0]]], [[0.0], [0.0], [-0.5]])
    assert len(found.cells) == 2
    assert found.folds.layer.tolist() == [0, 1]
    np.testing.assert_array_equal(found.folds.active_side, [[1, 0], [1, 0]])


def test_a_fold_on_the_rim_of_the_box_is_none():
    found = sound([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0]]], [[1.0, -1.0], [-0.3]])
    assert len(found.cells) == 1
    assert len(found.folds) == 0


def test_a_fold_from_corner_to_corner():
    found = sound([[[1.0, -1.0]], [[1.0]]], [[0.0], [-0.1]])
    assert found.cells.areas.tolist() == [2, 2]
    assert len(found.folds) == 1


def test_a_net_of_nothing_but_zeros():
    found = sound([np.zeros((4, 2)), np.zeros((3, 4)), np.zeros((2, 3))], [np.zeros(4), np.zeros(3), np.zeros(2)])
    assert (len(found.cells), len(found.folds), len(found.boundary), len(found.fold_points)) == (1, 0, 0, 0)


@pytest.mark.parametrize("scale", [1e-12, 1e12, 1e-100, 1e100])
def test_scaling_every_layer_moves_nothing(scale):
    weights, biases = net([2, 10, 2], seed=3)
    found = partition([weights[0] * scale, weights[1]], [biases[0] * scale, biases[1] * scale], BOX)
    plain = partition(weights, biases, BOX)
    np.testing.assert_allclose(found.cells.areas, plain.cells.areas, rtol=1e-9)
    np.testing.assert_allclose(found.boundary.points, plain.boundary.points, atol=1e-12)


def test_a_box_far_from_the_data():
    weights, biases = net([2, 16, 16, 2], seed=4)
    sound(weights, biases, (1e6, 1e6 + 1, -1e6, -1e6 + 1))
    shifted = [biases[0] - weights[0] @ [1e5, -1e5], *biases[1:]]
    found = sound(weights, shifted, (1e5 - 1, 1e5 + 1, -1e5 - 1, -1e5 + 1), rounding=1e-5)
    assert len(found.cells) == len(partition(weights, biases, BOX).cells)


def test_parallel_folds_one_rounding_apart():
    b = np.array([0.0, 2.0**-52, 2.0**-40, 1e-9])
    sound([np.tile([1.0, 0.3], (4, 1)), np.ones((2, 4)) * [[1], [-1]]], [b, np.array([-0.1, 0.1])])


def test_lattice_folds_keep_their_classes():
    rng = np.random.default_rng(0)
    weights = [rng.integers(-2, 3, size=(b, a)).astype(float) for a, b in ((2, 12), (12, 12), (12, 4))]
    biases = [rng.integers(-2, 3, size=b).astype(float) for b in (12, 12, 4)]
    found = sound(weights, biases)
    assert (found.cells.classes == winners(logits(weights, biases, found.cells.centroids))).all()
