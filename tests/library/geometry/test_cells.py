import numpy as np
import pytest

from foldscape.geometry import logits, partition
from tests.library.geometry.drawn import BOX, SQUARE, hidden, net, points, winners
from tests.library.geometry.oracle import area, slow_partition

SIZES = [[2, 2], [2, 8, 2], [2, 7, 1], [2, 8, 8, 2], [2, 6, 6, 6, 3], [2, 5, 5, 5, 5, 10], [2, 20, 20, 2]]
named = pytest.mark.parametrize("sizes", SIZES, ids=["-".join(map(str, s)) for s in SIZES])
slopes = pytest.mark.parametrize("slope", [0.0, 0.1], ids=["relu", "leaky"])


def cell_of(cells, X):
    """A cell that holds each point: the one whose sides it is deepest inside of."""
    best, depth = np.zeros(len(X), int), np.full(len(X), -np.inf)
    for c in range(len(cells)):
        polygon = cells.vertices[cells.indices[cells.offsets[c] : cells.offsets[c + 1]]]
        along = np.roll(polygon, -1, axis=0) - polygon
        length = np.linalg.norm(along, axis=1)
        polygon, along, length = polygon[length > 0], along[length > 0], length[length > 0]
        to = X[:, None] - polygon
        here = ((along[:, 0] * to[..., 1] - along[:, 1] * to[..., 0]) / length).min(axis=1)
        best, depth = np.where(here > depth, c, best), np.maximum(here, depth)
    return best


@named
@slopes
def test_T_E1_1_the_affine_map_of_its_cell_is_the_network(sizes, slope):
    weights, biases = net(sizes)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    X = points()
    c = cell_of(cells, X)
    mapped = np.einsum("nkd,nd->nk", cells.affine[c], X) + cells.offset[c]
    assert np.abs(mapped - logits(weights, biases, X, slope)).max() <= 1e-12
    at_centroids = np.einsum("ckd,cd->ck", cells.affine, cells.centroids) + cells.offset
    np.testing.assert_allclose(at_centroids, logits(weights, biases, cells.centroids, slope), rtol=0, atol=1e-13)
    assert (cells.classes == winners(logits(weights, biases, cells.centroids, slope))).all()


@named
@slopes
def test_T_E1_2_areas_sum_to_the_box(sizes, slope):
    weights, biases = net(sizes, seed=3)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    assert abs(cells.areas.sum() - SQUARE) <= 1e-9 * SQUARE
    assert abs(sum(area(cell.polygon) for cell in cells) - SQUARE) <= 1e-9 * SQUARE


@named
@slopes
def test_T_E1_2_every_cell_is_convex_and_turns_counter_clockwise(sizes, slope):
    weights, biases = net(sizes, seed=4)
    for cell in partition(weights, biases, BOX, negative_slope=slope).cells:
        along = np.roll(cell.polygon, -1, axis=0) - cell.polygon
        turn = along[:, 0] * np.roll(along[:, 1], -1) - along[:, 1] * np.roll(along[:, 0], -1)
        assert (turn >= -1e-12).all()
        assert cell.area > 0


def test_T_E1_2_patterns_of_distinct_cells_of_one_layer_differ():
    cells = partition(*net([2, 24, 2]), BOX).cells
    assert len(np.unique(cells.patterns, axis=0)) == len(cells)


@named
@slopes
def test_cells_are_those_of_the_slow_oracle(sizes, slope):
    weights, biases = net(sizes, seed=5)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    slow = slow_partition(weights, biases, BOX, slope)
    np.testing.assert_allclose(np.sort(cells.areas), np.sort([area(p) for p, *_ in slow]), rtol=0, atol=1e-12)
    ours = {(tuple(p), round(a, 9)) for p, a in zip(cells.patterns.tolist(), cells.areas, strict=True)}
    assert ours == {(tuple(map(int, pattern)), round(area(p), 9)) for p, _, _, pattern in slow}


def test_T_E1_3_one_layer_reaches_the_bound_when_all_lines_meet_in_the_box():
    rng = np.random.default_rng(0)
    m = 16
    angle = np.pi * (np.arange(m) + rng.uniform(0.2, 0.8, m)) / m
    W, b = np.column_stack([np.cos(angle), np.sin(angle)]), rng.normal(size=m) * 0.1
    bound = 1 + m + m * (m - 1) // 2
    weights, biases = [W, np.ones((1, m))], [b, np.zeros(1)]
    assert len(partition(weights, biases, (-1e3, 1e3, -1e3, 1e3)).cells) == bound
    assert len(partition(weights, biases, (-0.2, 0.2, -0.2, 0.2)).cells) < bound


def test_T_E1_3_patterns_of_a_grid_are_all_enumerated():
    weights, biases = net([2, 16, 2], seed=2)
    cells = partition(weights, biases, BOX).cells
    assert len(cells) <= 1 + 16 + 16 * 15 // 2
    on_grid = {tuple(p) for p in (hidden(weights, biases, points(4000)) > 0).astype(int).tolist()}
    assert on_grid <= {tuple(p) for p in cells.patterns.tolist()}


@pytest.mark.parametrize("sizes", [[2, 16, 2], [2, 8, 8, 2], [2, 6, 6, 6, 2]], ids=str)
def test_T_E1_7_crossing_a_fold_switches_only_its_unit_in_its_layer(sizes):
    weights, biases = net(sizes, seed=6)
    folds = partition(weights, biases, BOX).folds
    starts = np.cumsum([0, *sizes[1:-1]])
    middle, step = folds.points.mean(axis=1), 1e-7 * folds.active_side
    active = hidden(weights, biases, middle + step) > 0
    inactive = hidden(weights, biases, middle - step) > 0
    rows = np.arange(len(folds))
    place = starts[folds.layer] + folds.unit
    assert active[rows, place].all()
    assert not inactive[rows, place].any()
    for row in rows:
        changed = np.flatnonzero(active[row] != inactive[row])
        layer = folds.layer[row]
        assert changed[changed < starts[layer + 1]].tolist() == [place[row]]


def test_folds_lie_where_their_unit_is_zero():
    weights, biases = net([2, 10, 10, 10, 2], seed=7)
    folds = partition(weights, biases, BOX).folds
    starts = np.cumsum([0, 10, 10])
    for t in (0.0, 0.3, 1.0):
        z = hidden(weights, biases, (1 - t) * folds.points[:, 0] + t * folds.points[:, 1])
        assert np.abs(z[np.arange(len(folds)), starts[folds.layer] + folds.unit]).max() <= 1e-12


def test_a_cell_by_its_number():
    cells = partition(*net([2, 8, 3]), BOX).cells
    last = cells[-1]
    assert last.index == len(cells) - 1
    assert last.area == pytest.approx(area(last.polygon))
    assert last.affine.shape == (3, 2)
    assert (last.affine @ last.centroid + last.offset).argmax() == last.winner
    with pytest.raises(IndexError):
        cells[len(cells)]


def test_the_same_net_gives_the_same_bits():
    first, second = (partition(*net([2, 20, 20, 2]), BOX) for _ in range(2))
    assert (first.cells.vertices == second.cells.vertices).all()
    assert (first.cells.indices == second.cells.indices).all()
    assert (first.boundary.points == second.boundary.points).all()
