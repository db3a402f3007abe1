"""Gradient by layer, saddle index and tunnel width against what is known exactly."""

import numpy as np
import pytest

from foldscape.curvature import Objective, layer_gradients, saddle_index, spectral_density
from foldscape.curvature.saddle import index_of
from foldscape.errors import InvalidInput
from foldscape.landscape.tunnel import tunnel_width
from tests.library.curvature.quadratic import Quadratic


def tanh_chain(depth, slope=1.5, width=1):
    """A chain of tanh layers that stands at a fixed point h = tanh(slope h): each layer does the same to a gradient."""
    h = 1.0
    for _ in range(500):
        h = np.tanh(slope * h)
    weights = [np.full((1, 1), slope)] * depth + [np.array([[1.0], [-1.0]])]
    biases = [np.zeros(1)] * depth + [np.zeros(2)]
    return Objective.of_mlp(weights, biases, "tanh", np.full((3, 1), h), np.zeros(3, int)), slope * (1 - h**2)


@pytest.mark.parametrize("depth", [2, 5, 12])
def test_T_H_9_at_a_fixed_point_of_tanh_the_gradient_falls_by_one_factor_a_layer(depth):
    objective, factor = tanh_chain(depth)
    norms = layer_gradients(objective).norms
    assert len(norms) == depth + 1
    np.testing.assert_allclose(norms[:-2] / norms[1:-1], factor, rtol=1e-9)
    assert factor < 0.6


def test_T_H_9_with_growing_depth_the_first_layers_gradient_falls_exponentially():
    found = [(layer_gradients(tanh_chain(depth)[0]).norms[0], tanh_chain(depth)[1]) for depth in range(2, 20)]
    norms = np.array([norm for norm, _ in found])
    np.testing.assert_allclose(norms[1:] / norms[:-1], found[0][1], rtol=1e-9)


def test_the_norms_of_the_layers_make_up_the_whole_gradient(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    found = layer_gradients(objective)
    assert np.linalg.norm(found.norms) == pytest.approx(np.linalg.norm(objective.gradient()), rel=1e-12)
    assert 0 < found.per_layer < np.inf


def test_one_layer_alone_has_no_factor():
    objective = Objective.of_mlp([np.ones((2, 2))], [np.zeros(2)], "tanh", np.eye(2), [0, 0])
    assert np.isnan(layer_gradients(objective).per_layer)


@pytest.mark.parametrize("scale", ["unit", "filter"])
def test_T_H_10_on_a_quadratic_the_width_is_the_root_of_twice_the_rise_over_the_curvature(scale):
    hessian = np.diag([50.0, 4.0, 1.0, 0.2])
    objective = Quadratic(hessian, [[1.0, 2.0, -1.0, 0.5]], [1.0, 2.0, -1.0, 0.5])
    objective.blocks = _as_matrix(objective)
    found = tunnel_width(objective, rise=0.3, scale=scale, draws=20, largest=30)
    neurons = np.sqrt(1 / 2) if scale == "filter" else 1.0  # v1 moves one neuron of two, by 1 / sqrt(5) of its size
    size = neurons / np.sqrt(5) if scale == "filter" else 1.0
    np.testing.assert_allclose(found.sides, size * np.sqrt(2 * 0.3 / 50), rtol=1e-8)
    rays = _rays(objective, scale, 20)
    exact = np.sqrt(2 * 0.3 / np.einsum("rp,pq,rq->r", rays, hessian, rays))
    np.testing.assert_allclose(found.rays, exact, rtol=1e-8)
    assert found.random == pytest.approx(np.median(exact), rel=1e-8)
    assert found.sharpest == found.sides.min()


def _as_matrix(objective):
    from foldscape.curvature.blocks import block_table

    return block_table([("theta", (2, objective.size // 2))])


def _rays(objective, scale, draws):
    from foldscape.landscape import random_direction

    mode = "filter" if scale == "filter" else "none"
    drawn = [random_direction(objective.theta, objective.blocks, seed, mode) for seed in range(draws)]
    return np.stack(
        [one.scaled("neuron-relative" if scale == "filter" else "unit", objective.theta).vector for one in drawn]
    )


def test_T_H_10_what_rises_only_beyond_the_largest_radius_has_no_width():
    objective = Quadratic(np.diag([1e-6, 1e-7]), np.zeros((1, 2)), np.zeros(2))
    found = tunnel_width(objective, rise=0.1, scale="unit", draws=3, largest=1.0)
    assert np.isinf(found.rays).all()
    assert found.reached == 0
    assert np.isnan(found.random)
    assert np.isnan(found.sharpest)


def test_T_H_10_a_larger_rise_makes_a_wider_tunnel(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    widths = [tunnel_width(objective, rise=rise, draws=4, largest=50).rays for rise in (0.05, 0.2, 0.8)]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()


def test_a_filter_normalised_width_ignores_the_scale_of_neurons():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)
    weights, biases = [rng.normal(size=(6, 2)), rng.normal(size=(2, 6))], [np.zeros(6), np.zeros(2)]
    scaled = [3.0 * weights[0], weights[1] / 3.0]
    one, other = (
        tunnel_width(Objective.of_mlp(these, biases, "relu", X, y), largest=20).rays for these in (weights, scaled)
    )
    np.testing.assert_allclose(one, other, rtol=1e-8)


@pytest.mark.parametrize("wrong", [{"rise": 0}, {"rise": np.inf}, {"largest": -1}, {"draws": 0}, {"scale": "layer"}])
def test_a_tunnel_without_a_measure_is_refused(wrong, by_hand):
    with pytest.raises(InvalidInput, match="has no width"):
        tunnel_width(by_hand, **wrong)


def test_T_H_11_counted_the_index_is_that_of_the_dense_hessian(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    values = np.linalg.eigvalsh(objective.dense_hessian())
    found = saddle_index(objective, method="dense")
    assert found.count == pytest.approx(np.sum(values < -1e-6 * np.abs(values).max()))
    assert found.exact
    assert found.error == 0


def test_T_H_11_estimated_it_is_within_its_errors():
    rng = np.random.default_rng(1)
    values = np.concatenate([np.linspace(-1, -0.2, 120), np.linspace(0.1, 5, 280)])
    basis = np.linalg.qr(rng.normal(size=(400, 400)))[0]
    objective = Quadratic(basis * values @ basis.T, np.zeros((1, 400)), np.zeros(400))
    found = saddle_index(objective, method="lanczos", steps=60, runs=20)
    assert 0 < found.error < 0.02
    assert abs(found.share - 0.3) <= 4 * found.error
    assert found.low <= found.share <= found.high


def test_T_H_11_the_quadratures_bounds_hold_for_each_vector():
    """Few steps cut a spectrum coarsely; what a random vector truly holds below zero lies between low and high."""
    rng = np.random.default_rng(2)
    values = np.sort(rng.normal(size=60))
    objective = Quadratic(np.diag(values), np.zeros((1, 60)), np.zeros(60))
    for seed in range(5):
        found = saddle_index(objective, method="lanczos", steps=8, runs=1, rng=seed)
        assert np.isnan(found.error)
        # a vector of signs holds the same in each coordinate, so that its share is the spectrum's own
        assert found.low <= np.mean(values < 0) <= found.high
        assert found.high - found.low > 0.05


def test_with_as_many_steps_as_eigenvalues_a_vector_of_signs_counts_a_diagonal():
    values = np.linspace(-2, 3, 16)
    objective = Quadratic(np.diag(values), np.zeros((1, 16)), np.zeros(16))
    found = saddle_index(objective, method="lanczos", steps=16, runs=3)
    assert found.share == pytest.approx(np.mean(values < 0), abs=1e-9)
    assert found.error == pytest.approx(0, abs=1e-9)


def test_the_index_of_a_density_is_its_negative_mass(smooth_net, digits):
    density = spectral_density(Objective.of(smooth_net, *digits), steps=30, runs=4)
    assert index_of(density, 0.0).share == pytest.approx(density.negative_mass, rel=1e-12)


def test_no_index_of_a_wrong_method_or_a_net_too_large(by_hand):
    with pytest.raises(InvalidInput, match="no method 'slq'"):
        saddle_index(by_hand, method="slq")
    large = Quadratic(np.eye(1501), np.zeros((1, 1501)), np.zeros(1501))
    with pytest.raises(InvalidInput, match="1501 parameters is too large"):
        saddle_index(large, method="dense")
