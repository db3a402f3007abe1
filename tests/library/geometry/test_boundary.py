import numpy as np
import pytest

from foldscape.geometry import logits, partition
from tests.library.geometry.drawn import BOX, distance_to_segments, hidden, net, winners

CASES = [
    ([2, 2], 1, 0.0),
    ([2, 12, 1], 2, 0.0),
    ([2, 12, 2], 3, 0.0),
    ([2, 10, 10, 2], 4, 0.1),
    ([2, 8, 8, 3], 5, 0.0),
    ([2, 8, 8, 8, 10], 6, 0.0),
    ([2, 6, 6, 6, 6, 10], 7, 0.1),
    ([2, 10], 8, 0.0),
]
cases = pytest.mark.parametrize(("sizes", "seed", "slope"), CASES, ids=lambda v: str(v).replace(" ", ""))


def as_classes(out):
    """Logits with the one-output net read as two classes, the first against zero."""
    return np.concatenate([np.zeros_like(out), out], axis=1) if out.shape[1] == 1 else out


@cases
def test_T_E1_4_both_classes_tie_on_the_boundary_and_none_is_above(sizes, seed, slope):
    weights, biases = net(sizes, seed)
    boundary = partition(weights, biases, BOX, negative_slope=slope).boundary
    for t in (0.0, 0.5, 1.0):
        X = (1 - t) * boundary.points[:, 0] + t * boundary.points[:, 1]
        out = as_classes(logits(weights, biases, X, slope))
        a, b = np.take_along_axis(out, boundary.pair, axis=1).T
        assert np.abs(a - b).max(initial=0) <= 1e-10
        assert (out.max(axis=1, initial=-np.inf) - a).max(initial=0) <= 1e-10
    assert (boundary.pair[:, 0] < boundary.pair[:, 1]).all()


@cases
def test_T_E1_4_every_change_of_class_on_a_grid_is_beside_the_boundary(sizes, seed, slope):
    weights, biases = net(sizes, seed)
    boundary = partition(weights, biases, BOX, negative_slope=slope).boundary
    x, y = np.linspace(-2, 3, 251), np.linspace(-2, 2, 201)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    classes = winners(logits(weights, biases, grid.reshape(-1, 2), slope)).reshape(201, 251)
    changes = np.concatenate([grid[:, :-1][classes[:, 1:] != classes[:, :-1]], grid[:-1][classes[1:] != classes[:-1]]])
    assert len(changes)
    assert distance_to_segments(changes, boundary.points).max() <= 0.02


@cases
def test_classes_differ_across_each_piece(sizes, seed, slope):
    weights, biases = net(sizes, seed)
    boundary = partition(weights, biases, BOX, negative_slope=slope).boundary
    along = boundary.points[:, 1] - boundary.points[:, 0]
    length = np.linalg.norm(along, axis=1)
    long = length > 1e-3
    step = 1e-7 * np.column_stack([-along[:, 1], along[:, 0]])[long] / length[long, None]
    middle = boundary.points.mean(axis=1)[long]
    sides = np.column_stack([winners(logits(weights, biases, middle + s * step, slope)) for s in (1, -1)])
    assert (np.sort(sides, axis=1) == boundary.pair[long]).all()


def corners_by_walking(boundary, box):
    """Points at which two pieces of a two-class boundary meet, inside the box."""
    ends = boundary.points.reshape(-1, 2)
    xmin, xmax, ymin, ymax = box
    inside = (np.abs(ends[:, 0] - xmin) > 1e-9) & (np.abs(ends[:, 0] - xmax) > 1e-9)
    inside &= (np.abs(ends[:, 1] - ymin) > 1e-9) & (np.abs(ends[:, 1] - ymax) > 1e-9)
    return np.unique(ends[inside], axis=0)


@pytest.mark.parametrize(
    ("sizes", "seed"), [([2, 12, 1], 2), ([2, 12, 2], 3), ([2, 10, 10, 2], 4), ([2, 30, 30, 2], 9)]
)
def test_fold_points_are_the_corners_met_when_walking_the_boundary(sizes, seed):
    weights, biases = net(sizes, seed)
    found = partition(weights, biases, BOX)
    walked = corners_by_walking(found.boundary, BOX)
    at = found.fold_points
    assert len(at) == len(walked) > 0
    np.testing.assert_array_equal(np.unique(at.xy, axis=0), walked)
    starts = np.cumsum([0, *sizes[1:-1]])
    z = hidden(weights, biases, at.xy)[np.arange(len(at)), starts[at.layer] + at.unit]
    assert np.abs(z).max() <= 1e-12


def test_fold_points_of_many_classes_lie_on_the_boundary_and_on_their_folds():
    weights, biases = net([2, 8, 8, 4], 5)
    found = partition(weights, biases, BOX)
    at = found.fold_points
    assert len(at)
    assert distance_to_segments(at.xy, found.boundary.points).max() <= 1e-12
    z = hidden(weights, biases, at.xy)[np.arange(len(at)), 8 * at.layer + at.unit]
    assert np.abs(z).max() <= 1e-12
    # Every end of a piece is a fold point, a point of three classes, or on the rim of the box.
    ends = corners_by_walking(found.boundary, BOX)
    out = np.sort(logits(weights, biases, ends), axis=1)
    of_three = out[:, -1] - out[:, -3] <= 1e-9
    assert np.abs(ends[~of_three][:, None] - at.xy).max(axis=2).min(axis=1).max() == 0


def test_pieces_of_two_classes_form_closed_or_rim_to_rim_lines():
    found = partition(*net([2, 24, 24, 2], 11), BOX)
    ends, count = np.unique(found.boundary.points.reshape(-1, 2), axis=0, return_counts=True)
    inside = (ends[:, 0] > -2) & (ends[:, 0] < 3) & (ends[:, 1] > -2) & (ends[:, 1] < 2)
    assert (count[inside] == 2).all()
    assert (count[~inside] == 1).all()


def test_a_crossing_of_two_folds_on_the_boundary_is_told_once_for_each_fold():
    # The logit x + y is kept by relu(x) - relu(-x) + relu(y) - relu(-y); its zero line runs through the crossing at 0.
    weights = [[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, -1, 1, -1]]]
    at = partition(weights, [[0, 0, 0, 0], [0]], (-1, 1, -1, 1)).fold_points
    assert at.xy.tolist() == [[0, 0]] * 4
    assert sorted(at.unit.tolist()) == [0, 1, 2, 3]


def test_a_boundary_that_runs_along_a_fold():
    # relu(x) > 0 exactly to the right of its fold: the winner changes on the fold itself.
    found = partition([[[1.0, 0.0]], [[0.0], [1.0]]], [[0.0], [0.0, 0.0]], (-1, 1, -1, 1))
    assert np.sort(found.boundary.points[:, :, 1].ravel()).tolist() == [-1, 1]
    assert (found.boundary.points[:, :, 0] == 0).all()
    assert found.boundary.pair.tolist() == [[0, 1]]
