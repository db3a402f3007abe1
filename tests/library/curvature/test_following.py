"""One step of subspace iteration: exact where the Hessian has not moved, nearer where it has, and when it is enough."""

import numpy as np

from foldscape.curvature import top_eigenpairs
from foldscape.curvature.following import followed_pairs
from foldscape.curvature.objective import Objective


def objective():
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(24, 10)) / 3, rng.normal(size=(4, 24)) / 5]
    x = rng.normal(size=(300, 10))
    return Objective.of_mlp(weights, [np.zeros(24), np.zeros(4)], "tanh", x, (x[:, :4]).argmax(axis=1))


def test_eigenvectors_stay_and_their_values_are_right():
    net = objective()
    exact = top_eigenpairs(net, k=3, tol=1e-8)
    found = followed_pairs(net.at(), exact.vectors)
    assert found.converged
    np.testing.assert_allclose(found.values, exact.values, rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.einsum("kp,kp->k", found.vectors, exact.vectors)), 1, rtol=1e-6)


def test_a_step_brings_moved_directions_nearer_and_keeps_them_orthonormal():
    net = objective()
    exact = top_eigenpairs(net, k=3, tol=1e-8)
    moved = exact.vectors + 0.1 * np.random.default_rng(1).normal(size=exact.vectors.shape) / np.sqrt(net.size)
    moved = np.linalg.qr(moved.T)[0].T
    found = followed_pairs(net.at(), moved)
    assert found.converged
    np.testing.assert_allclose(found.vectors @ found.vectors.T, np.eye(3), atol=1e-10)
    left = [3 - np.square(rows @ exact.vectors.T).sum() for rows in (moved, found.vectors)]
    assert left[1] < 0.2 * left[0]


def test_strange_directions_are_not_enough_and_a_search_goes_on_from_them():
    net = objective()
    strange = np.linalg.qr(np.random.default_rng(2).normal(size=(net.size, 3)))[0].T
    assert not followed_pairs(net.at(), strange).converged
    searched = top_eigenpairs(net, k=3, method="lanczos", tol=0.03, start=strange, rough=True)
    np.testing.assert_allclose(searched.values, top_eigenpairs(net, k=3).values, rtol=0.01)
