"""Topology of loss surfaces: by hand on small grids, against gudhi's pairs, and what the theorems promise."""

import gudhi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foldscape.errors import InvalidInput
from foldscape.landscape import Surface, merge_tree, topology
from foldscape.landscape.spec import Plane
from foldscape.landscape.surface import VALUES

inf = np.inf
# Basins at the corners: 0 at (0, 0), 1 at (0, 4), 2 at (4, 0); walls of 9 with gates of 5 (to 1) and of 7 (to 2).
CORNERS = np.array(
    [
        [0, 3, 5, 3, 1],
        [3, 3, 9, 3, 3],
        [7, 9, 9, 9, 9],
        [4, 4, 9, 8, 8],
        [2, 4, 9, 8, 8],
    ],
    float,
)
RING = np.array(
    [
        [2, 2, 2, 2, 2],
        [2, 1, 1, 1, 2],
        [2, 1, 6, 0, 2],
        [2, 1, 1, 1, 2],
        [2, 2, 2, 2, 2],
    ],
    float,
)


def pairs_of(tree):
    return sorted(zip(tree.birth, tree.death, strict=True))


def gudhi_pairs(losses, dimension):
    cells = gudhi.CubicalComplex(top_dimensional_cells=np.where(np.isfinite(losses), losses, inf))
    cells.compute_persistence(min_persistence=0)
    return sorted(map(tuple, np.reshape(cells.persistence_intervals_in_dimension(dimension), (-1, 2))))


def grid(n=41, reach=2.0):
    line = np.linspace(-reach, reach, n)
    return np.meshgrid(line, line)


def wave(n, seed=0):
    """A smooth surface with many basins and no two equal losses."""
    x, y = grid(n, 9.0)
    return np.cos(x) + np.cos(1.3 * y) + 0.02 * (x + y) + 1e-6 * np.random.default_rng(seed).random((n, n))


def test_basins_of_a_grid_by_hand():
    """T-F15-1."""
    tree = merge_tree(CORNERS)
    assert [divmod(int(cell), 5) for cell in tree.lowest] == [(0, 0), (4, 0), (0, 4), (3, 3)]
    assert pairs_of(tree) == [(0, inf), (1, 5), (2, 7), (8, 9)]
    assert list(tree.parent) == [-1, 0, 0, 0]
    assert divmod(int(tree.saddle[2]), 5) == (0, 2)
    assert divmod(int(tree.saddle[1]), 5) == (2, 0)
    assert tree.labels[0].tolist() == [0, 0, 0, 2, 2]
    assert tree.labels[4, :2].tolist() == [1, 1]


def test_a_hill_in_a_ring_by_hand():
    """T-F15-1."""
    found = topology(RING)
    assert pairs_of(found.tree) == [(0, inf)]
    assert [divmod(int(cell), 5) for cell in found.hills.top] == [(2, 2)]
    assert (found.hills.birth[0], found.hills.death[0]) == (1, 6)


def test_a_young_basin_is_taken_in_by_the_oldest_that_it_meets():
    tree = merge_tree(np.array([[1.0, 4, 2, 5, 0, 3, 1.5]]))
    assert pairs_of(tree) == [(0, inf), (1, 5), (1.5, 3), (2, 4)]
    by_birth = dict(zip(tree.birth, tree.parent, strict=True))
    assert tree.birth[by_birth[2]] == 1  # inside of the branch of 1, which ends later
    assert tree.birth[by_birth[1]] == tree.birth[by_birth[1.5]] == 0


@given(arrays(float, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.sampled_from([0.0, 1, 2, 3, 4, inf])))
def test_pairs_are_those_of_gudhi_with_ties_and_walls(losses):
    """T-F15-1: the tree's own union-find against cubical persistence, in both dimensions."""
    if not np.isfinite(losses).any():
        return
    found = topology(losses)
    assert pairs_of(found.tree) == gudhi_pairs(losses, 0)
    hills = sorted(zip(found.hills.birth, found.hills.death, strict=True))
    assert hills == (gudhi_pairs(losses, 1) if min(losses.shape) > 2 else [])
    assert (found.tree.parent < np.arange(len(found.tree.parent))).all()
    assert (found.tree.labels >= 0).tolist() == np.isfinite(losses).tolist()


def test_pairs_are_those_of_gudhi_on_noise():
    losses = np.random.default_rng(1).normal(size=(60, 47))
    found = topology(losses)
    assert pairs_of(found.tree) == gudhi_pairs(losses, 0)
    assert sorted(zip(found.hills.birth, found.hills.death, strict=True)) == gudhi_pairs(losses, 1)
    top = losses.ravel()[found.hills.top]
    assert np.array_equal(top, found.hills.death)


@pytest.mark.parametrize("form", [(1, 0, 1), (2, 1, 1), (2, -1, 1), (900, 0, 1)])
@pytest.mark.parametrize("n", [21, 40])
def test_a_paraboloid_has_one_basin_that_never_ends_and_nothing_else(n, form):
    """T-F15-2; with four neighbours a cell the second form is a row of basins."""
    (a, b, c), (x, y) = form, grid(n)
    found = topology(a * x**2 + b * x * y + c * y**2)
    assert (found.count(), found.roughness, len(found.hills.top)) == (1, 0, 0)
    assert found.persistence.tolist() == [inf]


def test_two_wells_are_two_basins():
    """T-F15-2: of x -> (x² - 1)² + x/10 the second is as deep as its saddle lies above it."""
    x, y = grid(161)
    well = (x**2 - 1) ** 2 + x / 10
    found = topology(well + y**2)
    line = well[0]
    saddle, low = line[60:101].max(), line[80:].min()
    assert found.persistence == pytest.approx([inf, saddle - low])
    assert found.roughness == pytest.approx(saddle - low)
    left, right = found.basins()[80, [40, 120]]
    assert (left, right) == (0, 1)
    assert found.count(0.99) == 1
    assert (found.basins(0.99) == 0).all()
    assert topology(line).persistence == pytest.approx(found.persistence)


@pytest.mark.parametrize("rise", [np.exp, np.cbrt, lambda loss: 3 * loss + 7, np.arctan])
def test_the_tree_stays_when_the_loss_is_transformed_monotonely(rise):
    """T-F15-3: basins, saddles, parents and cells depend on the order of the losses alone."""
    losses = wave(50)
    plain, risen = merge_tree(losses), merge_tree(rise(losses))
    order, risen_order = np.argsort(plain.lowest), np.argsort(risen.lowest)
    assert np.array_equal(plain.lowest[order], risen.lowest[risen_order])
    assert np.array_equal(plain.saddle[order], risen.saddle[risen_order])
    parents = [np.where(tree.parent < 0, -1, tree.lowest[tree.parent]) for tree in (plain, risen)]
    assert np.array_equal(parents[0][order], parents[1][risen_order])
    assert np.array_equal(plain.lowest[plain.labels], risen.lowest[risen.labels])
    ends = np.isfinite(plain.death[order])
    assert risen.death[risen_order][ends] == pytest.approx(rise(plain.death[order][ends]))


@pytest.mark.parametrize("size", [1e-3, 0.1, 1.0])
def test_diagrams_move_no_further_than_the_losses(size):
    """T-F15-4: the bottleneck distance is at most the largest change of a loss."""
    losses = wave(30)
    change = size * np.random.default_rng(2).uniform(-1, 1, losses.shape)
    plain, moved = topology(losses), topology(losses + change)
    for a, b in ((plain.tree, moved.tree), (plain.hills, moved.hills)):
        diagrams = (np.stack([one.birth, one.death], axis=1) for one in (a, b))
        assert gudhi.bottleneck_distance(*diagrams) <= np.abs(change).max() * (1 + 1e-9)


def test_what_rounding_can_explain_is_no_basin():
    losses = wave(60)
    rounded = losses + 1e-7 * np.random.default_rng(3).uniform(-1, 1, losses.shape) * np.abs(losses)
    real = topology(losses, relative_error=1e-3)
    found = topology(rounded, relative_error=1e-3)
    assert found.count() == real.count() < topology(rounded).count() + 1
    flat = 1 + 1e-7 * np.random.default_rng(4).uniform(-1, 1, (20, 20))
    assert topology(flat).count() > 10
    assert topology(flat, relative_error=1e-6).count() == 1
    assert (topology(flat, relative_error=1e-6).tree.labels == 0).all()


def test_a_cell_that_is_not_finite_is_a_wall():
    losses = np.add.outer(np.linspace(-1, 1, 5) ** 2, np.linspace(-1, 1, 7) ** 2)
    losses[:, 3] = [np.nan, inf, -inf, np.nan, inf]
    found = topology(losses)
    assert found.walls == 5
    assert found.tree.parent.tolist() == [-1, -1]  # nothing joins what walls part
    assert found.roughness == 0
    hole = np.ones((5, 5)) + RING
    hole[2, 2] = np.nan
    assert topology(hole).hills.death.tolist() == [inf]


def test_a_basin_at_the_edge_is_told():
    assert topology(CORNERS).at_edge.tolist() == [True, True, True, False]
    assert topology(RING).at_edge.tolist() == [False]
    assert topology([1.0, 0, 2, 0.5]).at_edge.tolist() == [False, True]


def test_less_deep_basins_belong_to_what_takes_them_in():
    found = topology(CORNERS)
    assert [found.count(depth) for depth in (0, 2, 4.5, 6)] == [4, 3, 2, 1]
    assert found.basins(4.5)[4].tolist() == [1, 1, 1, 0, 0]
    assert set(found.basins(6).ravel()) == {0}
    assert found.threshold == pytest.approx(0.01 * np.median(CORNERS))


def test_a_surface_is_asked_when_it_is_whole():
    plane = Plane(resolution=5, stages=())
    whole = {name: CORNERS + (name == "test_loss") for name in VALUES}
    surface = Surface(np.arange(5.0), np.arange(5.0), np.ones((5, 5), bool), **whole)
    assert topology(surface).tree.birth[0] == 0
    assert topology(surface, "test_loss").tree.birth[0] == 1
    with pytest.raises(InvalidInput, match="25 of 25 cells are not measured yet"):
        topology(Surface.empty(plane))
    with pytest.raises(InvalidInput, match="No cell has a finite loss"):
        topology(np.full((3, 3), np.nan))
    with pytest.raises(InvalidInput, match="no plane and no line"):
        topology(np.zeros((2, 2, 2)))
    with pytest.raises(InvalidInput, match="no plane and no line"):
        topology([])


def test_the_diagram_has_a_mark_for_each_basin_and_hill():
    figure = topology(CORNERS).figure()
    (basins,) = [trace for trace in figure.data if trace.name == "basins"]
    assert len(basins.x) == 4
    assert np.isfinite(basins.y).all()
    assert figure.layout.title.text == "4 basins at least 0.05 deep"
