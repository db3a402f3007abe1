import numpy as np
import pytest
from scipy.optimize import minimize

from foldscape.geometry import GeometryError
from foldscape.geometry.closest import closest_point


@pytest.mark.parametrize("seed", range(20))
def test_T_E1_6_agrees_with_a_general_solver(seed):
    rng = np.random.default_rng(seed)
    d, n = int(rng.integers(2, 21)), int(rng.integers(1, 31))
    x, normal, offset = rng.normal(size=d) * 2, rng.normal(size=d), rng.normal()
    G = rng.normal(size=(n, d))
    inside = rng.normal(size=d)
    inside -= (normal @ inside + offset) / (normal @ normal) * normal
    h = G @ inside - rng.uniform(0, 1, size=n)
    ours = closest_point(x, normal, offset, G, h)
    general = minimize(
        lambda z: 0.5 * ((z - x) ** 2).sum(),
        inside,
        jac=lambda z: z - x,
        method="SLSQP",
        constraints=[
            {"type": "eq", "fun": lambda z: normal @ z + offset, "jac": lambda z: normal},
            {"type": "ineq", "fun": lambda z: G @ z - h, "jac": lambda z: G},
        ],
        options={"ftol": 1e-16, "maxiter": 500},
    )
    assert abs(normal @ ours + offset) <= 1e-12 * np.linalg.norm(normal) * (1 + np.abs(ours).max())
    assert (G @ ours - h).min() >= -1e-10
    assert abs(np.linalg.norm(ours - x) - np.linalg.norm(general.x - x)) <= 1e-9
    np.testing.assert_allclose(ours, general.x, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_T_E1_6_infeasible_polyhedra_are_told_by_brute_force_in_the_plane(seed):
    rng = np.random.default_rng(seed)
    normal, offset = rng.normal(size=2), rng.normal()
    n = int(rng.integers(2, 6))
    G, h = rng.normal(size=(n, 2)), rng.normal(size=n)
    x = rng.normal(size=2)
    # On the line p + s v each constraint is one bound on s.
    p, v = -offset / (normal @ normal) * normal, np.array([-normal[1], normal[0]])
    slope, need = G @ v, h - G @ p
    low = max([need[k] / slope[k] for k in range(n) if slope[k] > 0], default=-np.inf)
    high = min([need[k] / slope[k] for k in range(n) if slope[k] < 0], default=np.inf)
    found = closest_point(x, normal, offset, G, h)
    if low > high:
        assert found is None
    else:
        s = np.clip((x - p) @ v / (v @ v), low, high)
        np.testing.assert_allclose(found, p + s * v, rtol=0, atol=1e-9)


def test_without_constraints_it_is_the_projection():
    np.testing.assert_allclose(closest_point([3.0, 4.0, 5.0], [0.0, 0.0, 2.0], -2.0), [3, 4, 1])


def test_a_constraint_parallel_to_the_plane_decides_at_once():
    assert closest_point([0.0, 0.0], [0.0, 1.0], -1.0, [[0.0, 1.0]], [2.0]) is None
    np.testing.assert_allclose(closest_point([0.0, 0.0], [0.0, 1.0], -1.0, [[0.0, 1.0]], [0.5]), [0, 1])


def test_a_zero_normal_is_refused():
    with pytest.raises(GeometryError, match="no hyperplane"):
        closest_point([0.0, 0.0], [0.0, 0.0], 1.0)


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(GeometryError, match=r"\(3,\)"):
        closest_point([0.0, 0.0], [0.0, 1.0, 0.0], 1.0)
