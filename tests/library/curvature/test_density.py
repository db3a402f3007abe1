"""The density of a spectrum, against all eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, SpectralDensity, matrix, spectral_density
from foldscape.errors import InvalidInput


@pytest.fixture(scope="module")
def found(by_hand):
    return spectral_density(by_hand, steps=60, runs=10)


@pytest.fixture(scope="module")
def eigenvalues(whole):
    return np.linalg.eigvalsh(whole)


def test_T_0_5_moments_and_top_of_the_density(found, eigenvalues):
    assert found.trace == pytest.approx(eigenvalues.sum(), rel=0.15)
    assert found.frobenius**2 == pytest.approx((eigenvalues**2).sum(), rel=0.15)
    assert found.largest == pytest.approx(eigenvalues[-1], rel=1e-4)
    assert found.weights.sum(axis=1) == pytest.approx(np.ones(10), abs=1e-12)


def test_T_0_5_the_density_integrates_to_one(found):
    places = found.grid(4000)
    assert np.trapezoid(found.density(places), places) == pytest.approx(1, abs=1e-3)


def test_every_node_lies_in_the_spectrum(found, eigenvalues):
    assert found.lowest >= eigenvalues[0] - 1e-10
    assert found.largest <= eigenvalues[-1] + 1e-10


def test_T_F3_what_is_read_off_the_density(found, eigenvalues):
    rank = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert found.effective_rank == pytest.approx(rank, rel=0.2)
    below = (eigenvalues < -1e-6 * eigenvalues[-1]).mean()
    assert found.negative_mass == pytest.approx(below, abs=0.1)
    assert abs(found.outliers - (eigenvalues > found.bulk_edge).sum()) <= 3
    assert 8 <= found.outliers <= 12, "ten classes"


def test_the_density_matches_a_histogram_of_all_eigenvalues(eigenvalues, by_hand):
    """With a step for every distinct eigenvalue and many runs, mass in each tenth of the spectrum agrees."""
    found = spectral_density(by_hand, steps=150, runs=40)
    edges = np.linspace(eigenvalues[0] - 1e-9, eigenvalues[-1] + 1e-9, 11)
    exact = np.histogram(eigenvalues, edges)[0] / len(eigenvalues)
    masses = np.histogram(found.nodes[np.isfinite(found.nodes)], edges, weights=found.weights[np.isfinite(found.nodes)])
    assert np.abs(masses[0] / 40 - exact).max() <= 0.01


def test_a_run_ends_when_nothing_is_new():
    """One sample, two classes: the Gauss-Newton matrix has one direction."""
    objective = Objective.of_mlp([np.ones((2, 3))], [np.zeros(2)], "relu", np.ones((1, 3)), [0])
    found = spectral_density(objective, name="gauss_newton", steps=8, runs=2)
    exact = np.linalg.eigvalsh(matrix(objective, "gauss_newton").dense())[-1]
    assert found.products < 2 * 8
    assert found.largest == pytest.approx(exact, rel=1e-10)
    assert np.isfinite(found.density()).all()


def test_what_gives_no_density_is_said(by_hand):
    with pytest.raises(InvalidInput, match="0 runs"):
        spectral_density(by_hand, runs=0)
    with pytest.raises(InvalidInput, match="no finite gradient"):
        spectral_density(by_hand, theta=np.full(610, np.inf))


def test_the_density_of_a_matrix_of_zeros_fits_single_precision():
    nothing = SpectralDensity(np.zeros((2, 3)), np.full((2, 3), 1 / 3), 3, 6, 0.0)
    grid = nothing.grid()
    drawn = nothing.density(grid).astype(np.float32)
    assert np.isfinite(drawn).all()
    assert np.trapezoid(nothing.density(grid), grid) == pytest.approx(1, rel=1e-3)
