from itertools import pairwise

import numpy as np
import pytest

from foldscape.geometry import GeometryError, logits
from foldscape.geometry.rays import breakpoints
from tests.library.geometry.drawn import hidden, net


def drawn(seed):
    rng = np.random.default_rng(seed)
    d, depth = int(rng.integers(1, 8)), int(rng.integers(0, 5))
    sizes = [d, *rng.integers(2, 9, size=depth).tolist(), 3]
    weights = [rng.normal(size=(b, a)) for a, b in pairwise(sizes)]
    biases = [rng.normal(size=b) * 0.5 for b in sizes[1:]]
    return weights, biases, rng.normal(size=d), rng.normal(size=d), sizes


def bisected(weights, biases, x0, u, length, slope):
    """Crossings by a fine grid and bisection: (t, column of the hidden values)."""
    t = np.linspace(0, length, 4001)
    on = hidden(weights, biases, x0 + t[:, None] * u, slope) > 0
    k, column = np.nonzero(on[1:] != on[:-1])
    low, high = t[k], t[k + 1]
    for _ in range(60):
        middle = (low + high) / 2
        here = hidden(weights, biases, x0 + middle[:, None] * u, slope) > 0
        same = here[np.arange(len(k)), column] == on[k, column]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return low, column


@pytest.mark.parametrize("seed", range(20))
def test_T_E1_5_crossings_are_those_of_bisection_on_a_fine_grid(seed):
    weights, biases, x0, u, sizes = drawn(seed)
    slope = 0.1 * (seed % 2)
    found = breakpoints(weights, biases, x0, u, 3.0, negative_slope=slope)
    t, column = bisected(weights, biases, x0, u, 3.0, slope)
    starts = np.cumsum([0, *sizes[1:-1]])
    ours = sorted(zip((starts[found.layer] + found.unit).tolist(), found.t.tolist(), strict=True))
    theirs = sorted(zip(column.tolist(), t.tolist(), strict=True))
    assert [c for c, _ in ours] == [c for c, _ in theirs]
    np.testing.assert_allclose([t for _, t in ours], [t for _, t in theirs], rtol=0, atol=1e-10)
    assert (np.diff(found.t) >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_logits_between_knots_are_linear_and_exact(seed):
    weights, biases, x0, u, _ = drawn(seed)
    found = breakpoints(weights, biases, x0, u, 3.0)
    middle = (found.knots[1:] + found.knots[:-1]) / 2
    exact = logits(weights, biases, x0 + middle[:, None] * u)
    np.testing.assert_allclose((found.logits[1:] + found.logits[:-1]) / 2, exact, rtol=0, atol=1e-11)


def test_the_first_zero_of_a_margin_is_the_first():
    weights, biases = net([2, 16, 16, 2], seed=3)
    x0, u = np.array([-2.0, -2.0]), np.array([5.0, 4.0])
    at = breakpoints(weights, biases, x0, u).margin_zero(0, 1)
    assert at is not None
    out = logits(weights, biases, x0 + np.linspace(0, at - 1e-9, 5000)[:, None] * u)
    assert len(np.unique(out.argmax(axis=1))) == 1
    a, b = logits(weights, biases, [x0 + at * u])[0]
    assert abs(a - b) <= 1e-12


def test_a_margin_without_a_zero_is_none():
    assert breakpoints([[[0.0], [0.0]]], [[0.0, 1.0]], [0.0], [1.0]).margin_zero(0, 1) is None


@pytest.mark.parametrize(("start", "direction", "length"), [([0.0], [1.0, 0.0], 1.0), ([0.0, 0.0], [1.0, 0.0], 0.0)])
def test_rays_that_do_not_fit_are_refused(start, direction, length):
    with pytest.raises(GeometryError):
        breakpoints(*net([2, 4, 2]), start, direction, length)
