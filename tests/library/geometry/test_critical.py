"""The exact critical region against brute force, closed forms and a partition that shares no code with the engine."""

from itertools import pairwise

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.geometry import GeometryError, logits, partition
from foldscape.geometry.around import hexagons_around, max_norm_distance, outside, within
from foldscape.geometry.critical import critical_region
from foldscape.net.mlp import Weights
from tests.library.geometry.drawn import BOX, net, points, winners

SIZES = [[2, 1], [2, 8, 2], [2, 8, 8, 1], [2, 6, 6, 6, 3], [2, 5, 5, 5, 5]]
named = pytest.mark.parametrize("sizes", SIZES, ids=["-".join(map(str, s)) for s in SIZES])


def drawn(sizes, seed=0, **more):
    weights, biases = net(sizes, seed=seed)
    return Weights(tuple(weights), tuple(biases), **more)


def answers(of, X):
    slope = 0.0 if of.activation == "relu" else of.negative_slope
    return winners(logits(of.weights, of.biases, X, slope))


def square(n=161):
    """Places of the square [-1, 1]², its sides included."""
    side = np.linspace(-1, 1, n)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def test_the_distance_to_a_piece_is_the_least_over_very_many_of_its_points():
    rng = np.random.default_rng(3)
    X, pieces = rng.normal(size=(60, 2)), rng.normal(size=(40, 2, 2))
    pieces[0, 1] = pieces[0, 0]  # no longer than a point
    pieces[1, 1, 0], pieces[2, 1, 1] = pieces[1, 0, 0], pieces[2, 0, 1]  # upright and flat
    pieces[3, 1] = pieces[3, 0] + 1.5  # along x = y
    t = np.linspace(0, 1, 4001)[:, None]
    for one in pieces:
        along = one[0] + t * (one[1] - one[0])
        brute = abs(X[:, None] - along).max(axis=2).min(axis=1)
        exact = max_norm_distance(X, one[None])
        assert (exact <= brute + 1e-12).all()
        np.testing.assert_allclose(exact, brute, rtol=0, atol=2e-3)
    each = np.stack([max_norm_distance(X, one[None]) for one in pieces])
    assert (max_norm_distance(X, pieces) == each.min(axis=0)).all()
    assert np.isinf(max_norm_distance(X, np.zeros((0, 2, 2)))).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_band_is_what_lies_within_the_distance(seed):
    rng = np.random.default_rng(seed)
    pieces, r = rng.normal(size=(12, 2, 2)), 0.3
    X = rng.uniform(-4, 4, (4000, 2))
    inside = np.zeros(len(X), bool)
    for corners in hexagons_around(pieces, r):
        along = np.roll(corners, -1, axis=0) - corners
        to = X[:, None] - corners
        inside |= (along[:, 0] * to[..., 1] - along[:, 1] * to[..., 0] >= 0).all(axis=1)
    distance = max_norm_distance(X, pieces)
    sure = abs(distance - r) > 1e-12
    assert (inside == (distance <= r))[sure].all()


def test_a_piece_lies_in_a_square_exactly_where_its_points_do():
    rng = np.random.default_rng(5)
    pieces, middle, r = rng.normal(size=(200, 2, 2)), np.array([0.2, -0.1]), 0.4
    pieces[0, 1, 0], pieces[1, 1, 1] = pieces[0, 0, 0], pieces[1, 0, 1]  # upright and flat
    box = (0.2 - r, 0.2 + r, -0.1 - r, -0.1 + r)
    parts, kept = within(pieces, box)
    assert abs(parts - middle).max() <= r + 1e-12
    t = np.linspace(0, 1, 401)[:, None]
    for i, one in enumerate(pieces):
        inside = (abs(one[0] + t * (one[1] - one[0]) - middle) <= r).all(axis=1)
        assert not inside.any() or i in kept
    near = [i for i, one in enumerate(pieces) if max_norm_distance([middle], one[None])[0] <= r]
    assert kept.tolist() == near
    beyond = outside(pieces, box)
    assert (abs(beyond.mean(axis=1) - middle).max(axis=1) > r).all()
    lengths = [np.linalg.norm(each[:, 1] - each[:, 0], axis=1).sum() for each in (parts, beyond, pieces)]
    assert lengths[0] + lengths[1] == pytest.approx(lengths[2], rel=1e-12)


@named
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_T_B4_1_every_witness_is_another_class_within_the_radius(sizes, activation):
    of, X, r = drawn(sizes, activation=activation), points(300), 0.25
    found = critical_region(of, X, r)
    witnesses = found.witnesses()
    seen = np.isfinite(witnesses).all(axis=1)
    assert (seen <= found.critical).all()
    assert seen.sum() == found.critical.sum() > 0  # at this radius none is a matter of rounding
    assert (witnesses[seen] >= X[seen] - r).all()
    assert (witnesses[seen] <= X[seen] + r).all()
    assert (answers(of, witnesses[seen]) != answers(of, X[seen])).all()


@named
def test_a_dense_grid_of_the_square_finds_just_those_that_are_not_nearly_beyond_it(sizes):
    of, X, r = drawn(sizes, seed=1), points(120, seed=2), 0.2
    found = critical_region(of, X, r)
    own = answers(of, X)
    brute = np.array([(answers(of, x + r * square()) != y).any() for x, y in zip(X, own, strict=True)])
    assert (brute <= found.critical).all()  # never does a search find more
    missed = found.critical & ~brute
    assert (r - found.distance[missed] < 2 * r / 160 * 3).all()
    assert missed.sum() <= 4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("r", [0.05, 0.2, 1.0])
def test_T_B4_2_of_a_linear_classifier_it_is_the_closed_form(seed, r):
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(2, 2)), 0.3 * rng.normal(size=2)
    X = rng.uniform(-1, 1, (500, 2))
    w, offset = W[1] - W[0], b[1] - b[0]
    found = critical_region(Weights((W,), (b,)), X, r)
    exact = abs(X @ w + offset) / abs(w).sum()
    near = found.distance <= r
    assert (near == (exact <= r)).all()
    np.testing.assert_allclose(found.distance[near], exact[near], rtol=0, atol=1e-12)
    assert found.ratio == np.mean(abs(X @ w + offset) <= r * abs(w).sum())


@named
def test_T_B4_3_it_is_zero_at_radius_zero_and_grows_with_the_radius(sizes):
    of, X = drawn(sizes, seed=4), points(200)
    found = [critical_region(of, X, r).critical for r in (0.0, 1e-6, 0.01, 0.1, 0.5, 2.0)]
    assert not found[0].any()
    assert all((less <= more).all() for less, more in pairwise(found))
    assert found[-1].any()


def test_a_boundary_beyond_the_points_counts():
    """The boundary x = 1.2 lies beyond every point, and beyond a tenth more around them."""
    of = Weights((np.array([[0.0, 0.0], [1.0, 0.0]]),), (np.array([0.0, -1.2]),))
    X = np.array([[-1.0, 0.0], [0.9, 0.3], [1.0, -0.2]])
    found = critical_region(of, X, 0.25)
    assert found.critical.tolist() == [False, False, True]
    assert critical_region(of, X[2:], 0.2 + 1e-12).critical.all()  # of a single point too


def test_the_region_lies_where_points_would_be_critical():
    of, X, r = drawn([2, 8, 8, 2], seed=2), points(60), 0.15
    region = critical_region(of, X, r).hexagons()
    boundary = partition(of.weights, of.biases, np.add(BOX, [-1, 1, -1, 1])).boundary.points
    assert (max_norm_distance(region.reshape(-1, 2), boundary) <= r + 1e-9).all()


def test_whoever_asks_wrongly_is_told_why():
    of = drawn([2, 4, 2])
    for r in (-0.1, np.nan, np.inf):
        with pytest.raises(GeometryError, match="at least 0"):
            critical_region(of, points(10), r)
    with pytest.raises(GeometryError, match="at least one finite point"):
        critical_region(of, np.zeros((0, 2)), 0.1)
    with pytest.raises(GeometryError, match="takes 3 inputs"):
        critical_region(Weights((np.ones((2, 3)),), (np.zeros(2),)), points(10), 0.1)
    with pytest.raises(NotPossible, match="bends everywhere"):
        critical_region(drawn([2, 4, 2], activation="tanh"), points(10), 0.1)
