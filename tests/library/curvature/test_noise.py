"""Gradient noise, its place in the curvature, overlaps, and flat channels."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import (
    batch_gradients,
    flat_channels,
    gradient_noise,
    gradient_overlap,
    matrix,
    noise_curvature,
    subspace_overlap,
    top_eigenpairs,
)
from foldscape.curvature import noise as noise_module
from foldscape.errors import InvalidInput
from foldscape.net.mlp import Weights


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
def test_noise_is_that_of_the_gradient_covariance(path, request, by_hand):
    covariance = matrix(by_hand, "gradient_covariance").dense()
    found = gradient_noise(request.getfixturevalue(path))
    assert found.covariance_trace == pytest.approx(covariance.trace(), rel=1e-10)
    assert found.noise_scale == pytest.approx(covariance.trace() / np.sum(by_hand.gradient() ** 2), rel=1e-10)


@pytest.mark.parametrize("replace", [False, True])
def test_T_B1_4_mini_batches_vary_as_the_covariance_says(replace, by_hand, rng):
    size, draws = 600, 400
    batches = [rng.choice(by_hand.samples, size, replace=replace) for _ in range(draws)]
    spread = np.square(batch_gradients(by_hand, batches) - by_hand.gradient()).sum(axis=1)
    expected = gradient_noise(by_hand).batch_variance(size, replace=replace)
    assert abs(spread.mean() - expected) <= 4 * spread.std() / np.sqrt(draws)


def test_T_B1_5_two_batch_sizes_give_the_same_trace(by_hand, rng):
    means = [
        np.square(batch_gradients(by_hand, [rng.integers(0, 1797, size) for _ in range(400)])).sum(axis=1).mean()
        for size in (8, 64)
    ]
    assert (means[0] - means[1]) / (1 / 8 - 1 / 64) == pytest.approx(gradient_noise(by_hand).covariance_trace, rel=0.1)


def test_noise_and_curvature_are_measured_exactly_where_the_matrices_fit(by_hand, whole):
    covariance = matrix(by_hand, "gradient_covariance").dense()
    found = noise_curvature(by_hand)
    assert found.product.value == pytest.approx(np.trace(whole @ covariance), rel=1e-10)
    cosine = np.trace(whole @ covariance) / (np.linalg.norm(whole) * np.linalg.norm(covariance))
    assert found.cosine.value == pytest.approx(cosine, rel=1e-10)
    assert 0 < cosine < 1


def test_elsewhere_they_are_estimated(by_hand, monkeypatch):
    exact = noise_curvature(by_hand)
    monkeypatch.setattr(noise_module, "MAX_DENSE", 100)
    found = noise_curvature(by_hand, probes=200)
    for name in ("product", "cosine", "hessian_norm", "covariance_norm"):
        estimate = getattr(found, name)
        assert abs(estimate.value - getattr(exact, name).value) <= 4 * estimate.standard_error
        assert estimate.standard_error > 0


def test_T_B2_1_all_directions_hold_the_whole_gradient(by_hand):
    pairs = top_eigenpairs(by_hand, k=610, method="dense")
    gradient = by_hand.gradient()
    assert np.square(pairs.vectors @ gradient).sum() == pytest.approx(gradient @ gradient, rel=1e-8)
    shares = [gradient_overlap(gradient, pairs.vectors[:k]) for k in (1, 10, 610)]
    assert shares[0] <= shares[1] <= shares[2] == pytest.approx(1, abs=1e-8)


def test_subspaces_overlap_wholly_with_themselves_and_not_at_all_with_others(rng):
    basis = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    turned = np.linalg.qr(rng.normal(size=(4, 4)))[0] @ basis[:4]
    assert subspace_overlap(basis[:4], turned) == pytest.approx(1, abs=1e-12)
    assert subspace_overlap(basis[:4], basis[4:8]) == pytest.approx(0, abs=1e-12)
    assert subspace_overlap(basis[:4], basis[2:6]) == pytest.approx(0.5, abs=1e-12)
    with pytest.raises(InvalidInput, match="30 and of 31"):
        subspace_overlap(basis, np.ones((1, 31)))


def test_a_planted_flat_channel_is_found(rng):
    first, bias = rng.normal(size=(8, 5)), rng.normal(size=8)
    first[6], bias[6] = first[2] + 0.01 * rng.normal(size=5), bias[2]
    second = rng.normal(size=(3, 8))
    second[:, 2] *= 5
    second[:, 6] = -second[:, 2] + 0.1
    net = Weights((first, second), (bias, np.zeros(3)))
    found = flat_channels(net)
    assert [(pair.layer, pair.units) for pair in found] == [(0, (2, 6))]
    assert found[0].incoming_cosine > 0.99
    assert found[0].outgoing_cosine < -0.95
    assert found[0].outgoing_size > 1
    second[:, 6] *= -1
    assert flat_channels(Weights((first, second), (bias, np.zeros(3)))) == []
