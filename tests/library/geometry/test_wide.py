"""Wide layers: units that hear the inputs and all layers before theirs. The properties of plain nets, on any DAG."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foldscape.geometry import GeometryError, logits, partition, with_fold
from foldscape.geometry.rays import breakpoints
from tests.library.geometry.drawn import BOX, SQUARE, dag, distance_to_segments, hidden, outputs, passed_through, points
from tests.library.geometry.oracle import area, slow_partition
from tests.library.geometry.test_boundary import as_classes, corners_by_walking
from tests.library.geometry.test_cells import cell_of
from tests.library.geometry.test_degenerate import sound

SIZES = [[2, 4, 1, 2], [2, 3, 2, 1], [2, 5, 4, 3, 2], [2, 2, 2, 2, 2, 1, 1, 3], [2, 9, 8, 2, 10]]
named = pytest.mark.parametrize("sizes", SIZES, ids=["-".join(map(str, s)) for s in SIZES])
slopes = pytest.mark.parametrize("slope", [0.0, 0.1], ids=["relu", "leaky"])


@named
@slopes
def test_T_E1_1_the_affine_map_of_its_cell_is_the_dag(sizes, slope):
    weights, biases = dag(sizes)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    X = points()
    c = cell_of(cells, X)
    mapped = np.einsum("nkd,nd->nk", cells.affine[c], X) + cells.offset[c]
    assert np.abs(mapped - outputs(weights, biases, X, slope)).max() <= 1e-12
    assert np.abs(logits(weights, biases, X, slope) - outputs(weights, biases, X, slope)).max() <= 1e-12
    assert (cells.patterns == (hidden(weights, biases, cells.centroids, slope) > 0)).all()


@named
@slopes
def test_T_E1_2_cells_tile_the_box_and_are_those_of_the_slow_oracle_with_units_passed_through(sizes, slope):
    weights, biases = dag(sizes, seed=5)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    assert abs(cells.areas.sum() - SQUARE) <= 1e-9 * SQUARE
    slow = slow_partition(*passed_through(weights, biases, slope), BOX, slope)
    np.testing.assert_allclose(np.sort(cells.areas), np.sort([area(p) for p, *_ in slow]), rtol=0, atol=1e-9)
    own = np.concatenate([np.repeat([False, True], [sum(sizes[:k]), sizes[k]]) for k in range(1, len(sizes) - 1)])
    theirs = {(tuple(np.array(pattern)[own].tolist()), round(area(p), 6)) for p, _, _, pattern in slow}
    assert {(tuple(p), round(a, 6)) for p, a in zip(cells.patterns.tolist(), cells.areas, strict=True)} == theirs


@named
@slopes
def test_the_engine_draws_the_same_lines_for_the_plain_net_with_units_passed_through(sizes, slope):
    weights, biases = dag(sizes, seed=2)
    found = partition(weights, biases, BOX, negative_slope=slope)
    plain = partition(*passed_through(weights, biases, slope), BOX, negative_slope=slope)
    passed = np.cumsum(sizes)[plain.folds.layer]
    for ours, theirs, first in ((found.folds, plain.folds, passed), (found.boundary, plain.boundary, None)):
        order, other = (np.lexsort(np.round(p.points.reshape(-1, 4), 6).T) for p in (ours, theirs))
        np.testing.assert_allclose(ours.points[order], theirs.points[other], rtol=0, atol=1e-8)
        if first is not None:
            np.testing.assert_array_equal(ours.layer[order], theirs.layer[other])
            np.testing.assert_array_equal(ours.unit[order], (theirs.unit - first)[other])
    assert len(found.fold_points) == len(plain.fold_points)


@named
def test_T_E1_7_folds_lie_where_their_unit_is_zero_and_switch_it_alone_in_its_layer(sizes):
    weights, biases = dag(sizes, seed=7)
    folds = partition(weights, biases, BOX).folds
    starts = np.cumsum([0, *sizes[1:-1]])
    rows, place = np.arange(len(folds)), starts[folds.layer] + folds.unit
    for t in (0.0, 0.3, 1.0):
        z = hidden(weights, biases, (1 - t) * folds.points[:, 0] + t * folds.points[:, 1])
        assert np.abs(z[rows, place]).max() <= 1e-12
    middle, step = folds.points.mean(axis=1), 1e-7 * folds.active_side
    active, inactive = (hidden(weights, biases, middle + side * step) > 0 for side in (1, -1))
    assert active[rows, place].all()
    for row in rows:
        changed = np.flatnonzero(active[row] != inactive[row])
        assert changed[changed < starts[folds.layer[row] + 1]].tolist() == [place[row]]


@named
@slopes
def test_T_E1_4_classes_tie_on_the_boundary_and_every_change_on_a_grid_lies_beside_it(sizes, slope):
    weights, biases = dag(sizes, seed=3)
    boundary = partition(weights, biases, BOX, negative_slope=slope).boundary
    for t in (0.0, 0.5, 1.0):
        X = (1 - t) * boundary.points[:, 0] + t * boundary.points[:, 1]
        out = as_classes(outputs(weights, biases, X, slope))
        a, b = np.take_along_axis(out, boundary.pair, axis=1).T
        assert np.abs(a - b).max(initial=0) <= 1e-10
        assert (out.max(axis=1, initial=-np.inf) - a).max(initial=0) <= 1e-10
    grid = np.stack(np.meshgrid(np.linspace(-2, 3, 251), np.linspace(-2, 2, 201)), axis=-1)
    classes = as_classes(outputs(weights, biases, grid.reshape(-1, 2), slope)).argmax(axis=1).reshape(201, 251)
    changes = np.concatenate([grid[:, :-1][classes[:, 1:] != classes[:, :-1]], grid[:-1][classes[1:] != classes[:-1]]])
    assert len(changes)
    assert distance_to_segments(changes, boundary.points).max() <= 0.02


@pytest.mark.parametrize(("sizes", "seed"), [([2, 6, 3, 1], 1), ([2, 5, 4, 3, 2], 2), ([2, 2, 2, 2, 2, 2], 3)])
def test_fold_points_are_the_corners_met_when_walking_the_boundary(sizes, seed):
    weights, biases = dag(sizes, seed)
    found = partition(weights, biases, BOX)
    at = found.fold_points
    np.testing.assert_array_equal(np.unique(at.xy, axis=0), corners_by_walking(found.boundary, BOX))
    assert len(at)
    starts = np.cumsum([0, *sizes[1:-1]])
    z = hidden(weights, biases, at.xy)[np.arange(len(at)), starts[at.layer] + at.unit]
    assert np.abs(z).max() <= 1e-12


@named
@slopes
def test_T_E1_5_a_ray_crosses_the_folds_that_a_fine_grid_along_it_sees(sizes, slope):
    weights, biases = dag(sizes, seed=4)
    start, direction = np.array([-1.9, -1.3]), np.array([4.7, 2.9])
    found = breakpoints(weights, biases, start, direction, negative_slope=slope)
    t = np.linspace(0, 1, 40_001)
    active = hidden(weights, biases, start + t[:, None] * direction, slope) > 0
    step, unit = np.nonzero(active[1:] != active[:-1])
    starts = np.cumsum([0, *sizes[1:-1]])
    assert sorted(zip(np.floor(found.t * 40_000), starts[found.layer] + found.unit, strict=True)) == sorted(
        zip(step, unit, strict=True)
    )
    X = start + found.knots[:, None] * direction
    np.testing.assert_allclose(found.logits, outputs(weights, biases, X, slope), rtol=0, atol=1e-12)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_fold_more_is_what_cutting_anew_gives(layer):
    weights, biases = dag([2, 5, 4, 3, 2], seed=6)
    weight = np.random.default_rng(layer).normal(size=weights[layer].shape[1])
    put = with_fold(partition(weights, biases, BOX), layer, weight, 0.2)
    weights[layer], biases[layer] = np.vstack([weights[layer], weight]), np.append(biases[layer], 0.2)
    for above in range(layer + 1, 4):
        weights[above] = np.insert(weights[above], sum([2, 5, 4, 3][: layer + 2]), 0.0, axis=1)
    anew = partition(weights, biases, BOX)
    np.testing.assert_allclose(np.sort(put.cells.areas), np.sort(anew.cells.areas), rtol=0, atol=1e-12)
    assert len(put.folds) == len(anew.folds)
    for one, other in ((put.folds, anew.folds), (put.boundary, anew.boundary)):
        assert distance_to_segments(one.points.reshape(-1, 2), other.points).max() <= 1e-9
    np.testing.assert_array_equal(put.cells.patterns, hidden(weights, biases, put.cells.centroids) > 0)


def test_wide_layers_of_which_some_are_plain():
    weights, biases = dag([2, 5, 4, 3, 2], seed=8)
    weights[1][:, :2] = 0
    weights[3][:, :11] = 0
    mixed = [weights[0], weights[1][:, 2:], weights[2], weights[3][:, 11:]]
    ours, padded = partition(mixed, biases, BOX), partition(weights, biases, BOX)
    np.testing.assert_array_equal(ours.cells.areas, padded.cells.areas)
    assert np.abs(logits(mixed, biases, points()) - outputs(mixed, biases, points())).max() <= 1e-12


def test_a_plain_net_written_with_wide_layers_keeps_every_line():
    weights, biases = dag([2, 6, 5, 2], seed=9)
    weights[1][:, :2], weights[2][:, :8] = 0, 0
    wide = partition(weights, biases, BOX)
    plain = partition([weights[0], weights[1][:, 2:], weights[2][:, 8:]], biases, BOX)
    np.testing.assert_array_equal(wide.cells.indices, plain.cells.indices)
    np.testing.assert_allclose(wide.cells.vertices, plain.cells.vertices, rtol=0, atol=1e-13)
    np.testing.assert_allclose(wide.boundary.points, plain.boundary.points, rtol=0, atol=1e-12)


def test_outputs_fed_by_the_inputs_alone_have_a_boundary_whatever_silent_units_stand_beside():
    weights = [np.zeros((2, 2)), np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])]
    found = sound(weights, [np.zeros(2), np.zeros(2)])
    assert (len(found.cells), len(found.folds), len(found.fold_points)) == (1, 0, 0)
    assert sorted(found.boundary.points.reshape(-1, 2).tolist()) == [[-1, -1], [1, 1]]


def test_a_unit_without_a_way_to_the_outputs_folds_the_plane_and_bends_nothing():
    weights = [np.array([[1.0, 0.2], [0.3, 1.0]]), np.array([[1.0, 0.0, 0.0, 2.0]])]
    found = sound(weights, [np.zeros(2), np.array([0.1])])
    assert set(found.folds.unit.tolist()) == {0, 1}
    assert set(found.fold_points.unit.tolist()) == {1}


def test_shapes_that_are_neither_say_both_that_would_do():
    with pytest.raises(GeometryError, match=r"Layer 1 has weights \(1, 4\).*\(out, 3\) or \(out, 5\)"):
        partition([np.ones((3, 2)), np.ones((1, 4))], [np.zeros(3), np.zeros(1)], BOX)


weight = st.one_of(st.just(0.0), st.integers(-2, 2).map(float), st.sampled_from([0.5, 1 / 3, 1e-12, 1e6, 1e-300]))


@st.composite
def degenerate_dags(draw):
    sizes = [2, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=5)), draw(st.sampled_from([1, 2, 3]))]
    weights, biases = [], []
    for layer in range(1, len(sizes)):
        a, b = sum(sizes[:layer]), sizes[layer]
        weights.append(np.array(draw(st.lists(weight, min_size=a * b, max_size=a * b))).reshape(b, a))
        biases.append(np.array(draw(st.lists(weight, min_size=b, max_size=b))))
        if b > 1 and draw(st.booleans()):  # a twin
            weights[-1][-1], biases[-1][-1] = -2 * weights[-1][0], -2 * biases[-1][0]
    return weights, biases


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(degenerate_dags(), st.sampled_from([0.0, 0.25]))
def test_any_degenerate_dag_loses_no_area_and_stays_affine_in_its_cells(drawn, slope):
    sound(*drawn, slope=slope, rounding=1e-6)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(-2, 2), min_size=42, max_size=42))
def test_dags_of_small_whole_numbers_keep_their_boundary_where_folds_meet_in_points(drawn):
    numbers = np.array(drawn, float)
    shapes = [(4, 2), (3, 6), (1, 9)]
    weights = [part.reshape(s) for part, s in zip(np.split(numbers[:35], [8, 26]), shapes, strict=True)]
    biases = [numbers[35:39], numbers[39:42], np.array([-0.5])]
    found = sound(weights, biases)
    slow = slow_partition(*passed_through(weights, biases), (-1.0, 1.0, -1.0, 1.0))
    np.testing.assert_allclose(np.sort(found.cells.areas), np.sort([area(p) for p, *_ in slow]), rtol=0, atol=1e-9)
    assert np.abs(outputs(weights, biases, found.boundary.points.reshape(-1, 2))).max(initial=0) <= 1e-10
    at = found.fold_points
    z = hidden(weights, biases, at.xy)
    assert np.abs(z[np.arange(len(at)), np.array([0, 4])[at.layer] + at.unit]).max(initial=0) <= 1e-10
