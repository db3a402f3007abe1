"""Spectra in batches: the density of the whole matrix, outliers that are counted, the part that is not Gauss-Newton."""

import itertools

import numpy as np
import pytest

from foldscape.curvature import spectral_density
from foldscape.landscape import slice as slice_of
from foldscape.landscape.spectrum import (
    Sharpest,
    density_of,
    doubling_batches,
    joined_densities,
    outliers,
    rest_share,
    sharpest,
    standard_error,
)
from foldscape.net.mlp import Weights


def objective(activation="relu", hidden=5, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    sizes = [2, hidden, classes]
    weights = tuple(rng.normal(size=(o, i)) for i, o in itertools.pairwise(sizes))
    net = Weights(weights, tuple(rng.normal(size=o) for o in sizes[1:]), activation)
    return net.objective(rng.normal(size=(40, 2)), rng.integers(0, classes, 40))


@pytest.mark.parametrize("runs", [1, 2, 3, 8, 11])
def test_batches_cover_all_runs_once_and_double(runs):
    cut = list(doubling_batches(runs))
    assert [run for batch in cut for run in batch] == list(range(runs))
    assert all(len(batch) <= max(1, batch.start) for batch in cut)


def test_runs_that_are_joined_are_those_of_one_density():
    net = objective()
    parts = [density_of(net, batch, 30) for batch in doubling_batches(8)]
    whole = joined_densities(parts)
    assert whole.nodes.shape == (8, 30)
    exact = np.linalg.eigvalsh(net.dense_hessian())
    assert whole.largest == pytest.approx(exact[-1], rel=1e-6)
    assert whole.lowest == pytest.approx(exact[0], rel=1e-6)
    assert np.array_equal(density_of(net, range(4, 8), 30).nodes, parts[-1].nodes, True)
    at = whole.grid(200)
    one_by_one = np.mean([part.density(at, whole.width) * len(part.nodes) for part in parts], axis=0) * len(parts) / 8
    assert whole.density(at) == pytest.approx(one_by_one)


def test_the_spread_of_runs_is_the_standard_error():
    density = spectral_density(objective(), steps=20, runs=6)
    at = density.grid(50)
    each = [spectral_density(objective(), steps=20, runs=6).density(at)]
    assert standard_error(density, at).shape == each[0].shape
    twice = joined_densities([density, density])
    ratio = standard_error(twice, at)[25] / standard_error(density, at)[25]
    assert ratio == pytest.approx(np.sqrt(5 / 11))
    assert np.isnan(standard_error(spectral_density(objective(), steps=20, runs=1), at)).all()


def test_t_f3_the_largest_values_are_those_of_the_dense_matrix_with_their_gauss_newton_part():
    net = objective("tanh")
    found = sharpest(net, 4)
    values, vectors = np.linalg.eigh(net.dense_hessian())
    assert found.values == pytest.approx(values[::-1][:4])
    assert found.believed.all()
    top = vectors[:, -1]
    assert found.gauss_newton[0] == pytest.approx(top @ net.at().gauss_newton(top[None])[0])
    assert len(sharpest(net, 1000).values) == net.size


def test_a_search_cut_short_is_not_believed():
    found = sharpest(objective(hidden=120), 6, products=7)
    assert not found.believed.all()
    assert (found.residuals[~found.believed] > 0).all()


def test_outliers_are_counted_only_among_believed_values():
    net = objective()
    density = spectral_density(net, steps=30, runs=4)
    exact = np.linalg.eigvalsh(net.dense_hessian())
    above = int((exact > density.bulk_edge).sum())
    assert outliers(density, sharpest(net, net.size)) == (above, True)
    assert outliers(density, sharpest(net, above)) == (above, False)
    edge = density.bulk_edge
    doubtful = Sharpest(np.array([9, 8, 0.1]) * edge, np.ones(3), np.array([True, False, True]), np.zeros(3), 1)
    assert outliers(density, doubtful) == (1, False)


def test_the_rest_is_nothing_where_the_net_is_linear_and_the_norms_ratio_elsewhere():
    rng = np.random.default_rng(1)
    net = Weights((rng.normal(size=(3, 2)),), (np.zeros(3),))
    linear = net.objective(rng.normal(size=(20, 2)), rng.integers(0, 3, 20))
    assert rest_share(linear) == pytest.approx(0, abs=1e-20)
    net = objective("tanh", hidden=12)
    hessian = net.dense_hessian()
    rest = hessian - net.at().gauss_newton(np.eye(net.size))
    exact = np.linalg.norm(rest) ** 2 / np.linalg.norm(hessian) ** 2
    assert np.mean([rest_share(net, seed) for seed in range(20)]) == pytest.approx(exact, rel=0.1)


def test_a_radial_slice_multiplies_the_net():
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    x, y = torch.randn(30, 2, generator=torch.Generator().manual_seed(0)), torch.arange(30) % 3
    found = slice_of(net, (x, y), "radial", reach=(-1.0, 1.0), points=5)
    assert found.train.loss[0] == pytest.approx(np.log(3), rel=1e-6)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(1.5)
        assert found.train.loss[3] == pytest.approx(float(torch.nn.functional.cross_entropy(net(x), y)), rel=1e-5)
