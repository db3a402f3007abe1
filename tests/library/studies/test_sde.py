"""SGD as a stochastic differential equation: chains against closed forms, the same bits on any number of threads."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.studies.sde import Sde
from foldscape.studies.sde.chains import Chains
from foldscape.studies.sde.findings import findings, verdict
from foldscape.studies.sde.formulas import (
    corrected_covariance,
    excess_loss,
    naive_covariance,
    noise_covariance,
    settling_updates,
)
from foldscape.studies.sde.rows import first_row
from foldscape.studies.sde.wells import Wells

EIGENVALUES = (1.0, 5.0, 20.0)
SMALL = Sde(chains=3000, eigenvalues=(1.0, 3.0), lr=0.2, temperature=0.4)


@pytest.fixture(scope="module")
def told():
    return list(SMALL.run(threads=2))


def last_rows(spec):
    last = list(spec.run())[-1]
    return {row.name: row for row in last.rows}


def test_the_same_bits_on_any_number_of_threads(told):
    for threads in (1, 3):
        assert list(SMALL.run(threads=threads)) == told


def test_another_seed_is_another_noise(told):
    assert list(SMALL.model_copy(update={"seed": 1}).run())[-1].rows != told[-1].rows


def test_what_is_told_adds_up(told):
    shares = [one.share for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1 > shares[-2]
    phases = ["waiting", "settling", "measuring", "done"]
    for first in SMALL.rows_at_first():
        own = [row for one in told for row in one.rows if row.key == first.key]
        assert own[0] == first
        assert [row.done for row in own] == sorted(row.done for row in own)
        assert [phases.index(row.phase) for row in own] == sorted(phases.index(row.phase) for row in own)
        assert len({row.phase for row in own}) == 4
        assert all((row.measured is None) == (row.phase in ("waiting", "settling")) for row in own)
        assert own[-1].settled


def test_chains_settle_with_the_finite_step_and_not_by_the_equation():
    """T-B1-1."""
    row = last_rows(Sde(rows=("hessian",)))["hessian"]
    assert row.naive == pytest.approx(0.05 / 16 * 26)
    assert row.corrected == pytest.approx(0.14606, abs=5e-6)
    assert row.measured == pytest.approx(row.corrected, rel=0.02)
    assert abs(row.measured / row.naive - 1) > 0.5
    assert row.measured == pytest.approx(row.corrected, abs=5 * row.error)
    small = first_row(Sde(lr=0.001), "hessian")
    assert small.naive == pytest.approx(small.corrected, rel=0.015)


def test_equal_ratios_give_equal_losses_at_small_rates():
    """T-B1-2: (η, S) and (2η, 2S), η = 0.0008."""
    rows = last_rows(Sde(lr=0.02, chains=4000, rows=("slow", "twice")))
    assert (rows["slow"].lr, rows["slow"].batch) == (pytest.approx(0.0008), 4)
    assert (rows["twice"].lr, rows["twice"].batch) == (pytest.approx(0.0016), 8)
    assert rows["twice"].measured == pytest.approx(rows["slow"].measured, rel=0.02)


def test_the_equations_excess_loss_is_a_quarter_of_the_noises_trace():
    """T-B1-3, of any covariance."""
    root = np.random.default_rng(0).normal(size=(3, 3))
    noise = root @ root.T
    sigma = naive_covariance(EIGENVALUES, noise, lr=0.1, batch=7, momentum=0.5)
    hessian = np.diag(EIGENVALUES)
    np.testing.assert_allclose(hessian @ sigma + sigma @ hessian, 0.1 / 7 / 0.5 * noise, atol=1e-12)
    assert excess_loss(EIGENVALUES, sigma) == pytest.approx(0.1 / (4 * 7 * 0.5) * np.trace(noise), abs=1e-10)


@pytest.mark.parametrize("depth", [0.0, 0.04])
def test_basins_share_the_chains_as_their_widths_and_depths_say(depth):
    """T-B1-6: equal depth, and unequal."""
    spec = Sde(rows=("wells",), chains=4000, well_depth=depth)
    row = last_rows(spec)["wells"]
    odds = row.measured / (1 - row.measured)
    assert odds == pytest.approx(2 * np.exp(2 * depth / spec.temperature), rel=0.2)
    assert row.measured == pytest.approx(row.corrected, abs=5 * row.error)


@pytest.mark.parametrize("noise", ["hessian", "isotropic", "tilted"])
def test_the_corrected_covariance_is_that_of_the_closed_form(noise):
    covariance = noise_covariance(noise, EIGENVALUES)
    assert np.trace(covariance) == pytest.approx(sum(EIGENVALUES))
    assert np.linalg.eigvalsh(covariance).min() > 0
    a, b = np.array(EIGENVALUES)[:, None], np.array(EIGENVALUES)
    expected = 0.05 / 4 * covariance / (a + b - 0.05 * a * b)
    np.testing.assert_allclose(corrected_covariance(EIGENVALUES, covariance, 0.05, 4), expected, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.3, 0.9])
def test_the_corrected_covariance_with_momentum_is_that_of_the_closed_form(momentum):
    step = 0.05 * np.array(EIGENVALUES)
    expected = 0.05 / 4 * (1 + momentum) / ((1 - momentum) * (2 * (1 + momentum) - step))
    found = corrected_covariance(EIGENVALUES, np.diag(EIGENVALUES), 0.05, 4, momentum)
    np.testing.assert_allclose(found, np.diag(expected), atol=1e-12)


@pytest.mark.parametrize("name", ["tilted", "wells"])
def test_chains_with_momentum_settle_as_the_formulas_say(name):
    spec = Sde(momentum=0.8, rows=(name,), chains=3000, temperature=0.35)
    row = last_rows(spec)[name]
    expected, near = (row.naive, 0.05) if name == "wells" else (row.corrected, 5 * row.error)
    assert row.measured == pytest.approx(expected, abs=near)


def test_the_cloud_has_the_corrected_covariance():
    row = last_rows(Sde(rows=("tilted",), chains=10_000))["tilted"]
    np.testing.assert_allclose(row.cloud.measured, row.cloud.corrected, rtol=0.05)
    assert abs(row.cloud.measured[2] / row.cloud.naive[2] - 1) > 0.3


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_compiled_chains_do_what_numpy_does(momentum):
    spec = Sde(chains=100, momentum=momentum, rows=("tilted", "wells"))
    for name in spec.rows:
        chains = Chains(spec, name, threads=1)
        x, v, total = chains.places.copy(), np.zeros_like(chains.places), np.zeros(100)
        found = chains.advance(3)
        noise = Chains(spec, name, threads=1)._blocks[0][1].standard_normal((100, 3, x.shape[1]))
        for update in range(3):
            x, v, total = _by_numpy(spec, name, (x, v, total), noise[:, update])
        np.testing.assert_allclose(chains.places, x, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(found, total, rtol=1e-12)


def _by_numpy(spec, name, state, noise):
    x, v, total = state
    wells, curvatures = Wells.of(spec), np.array(EIGENVALUES)
    if name == "wells":
        gradient = wells.gradient(x) + wells.noise * noise
    else:
        root = np.linalg.cholesky(noise_covariance("tilted", EIGENVALUES) / spec.batch)
        gradient = curvatures * x + noise @ root.T
    v = spec.momentum * v + gradient
    x = x - spec.lr * v
    seen = (x[:, 0] < wells.barrier) if name == "wells" else 0.5 * (curvatures * x**2).sum(axis=1)
    return x, v, total + seen


@pytest.mark.parametrize(("curvatures", "depth"), [((1.0, 4.0), 0.0), ((2.0, 2.0), 0.3), ((9.0, 1.0), -0.2)])
def test_the_double_well_is_smooth_and_has_the_curvatures_and_depths_asked_for(curvatures, depth):
    wells = Wells(curvatures, depth, temperature=0.2, lr=0.01)
    assert -1 < wells.joints[0] < wells.barrier < wells.joints[1] < 1
    x = np.linspace(-2, 2, 8001)
    slope = np.gradient(wells.loss(x), x)
    np.testing.assert_allclose(slope[1:-1], wells.gradient(x)[1:-1], atol=5e-3)
    minima = wells.loss(np.array([-1.0, 1.0]))
    np.testing.assert_allclose(minima, [0, depth], atol=1e-12)
    assert wells.gradient(np.array([-1.0, 1.0, wells.barrier])) == pytest.approx([0, 0, 0])
    bends = [(wells.gradient(np.array([at + 1e-4])) / 1e-4)[0] for at in (-1.0, 1.0)]
    assert bends == pytest.approx(curvatures)


def test_small_steps_have_the_density_of_the_equation():
    wells = Wells((1.0, 4.0), 0.0, temperature=0.5, lr=0.002)
    x, weights, density = wells.chain_density()
    assert weights @ density == pytest.approx(1)
    np.testing.assert_allclose(density, wells.gibbs(x), atol=0.02 * density.max())


def test_the_density_of_a_single_parabola_is_the_corrected_normal_one():
    wells = Wells((3.0, 3.0), 0.0, temperature=0.05, lr=0.2)  # a barrier that nothing crosses
    x, weights, density = wells.chain_density()
    left = x < wells.barrier
    weights = (weights * density)[left] / (weights * density)[left].sum()
    assert weights @ (x[left] + 1) ** 2 == pytest.approx(0.05 / (3 * (2 - 0.2 * 3)), rel=1e-3)


def test_the_slowest_direction_decides_how_long_chains_settle():
    assert settling_updates([2.0, 4.0], 0.25, 0.0) == np.ceil(4 / -np.log(0.5))
    assert settling_updates([1.0], 1.0, 0.0) == 1
    assert settling_updates([1.0, 5e-324], 0.25, 0.0) > 10**15
    assert settling_updates([1.0, 5.0], 0.05, 0.81) == np.ceil(4 / -np.log(0.9))


def test_findings_are_open_where_the_numbers_cannot_tell(told):
    rows = {row.name: row for row in told[-1].rows}
    row = rows["hessian"]
    near = row.model_copy(update={"measured": 1.021 * row.corrected, "error": 0.01 * row.corrected})
    judged = {finding.key: finding.holds for finding in findings(SMALL, {"hessian": near})}
    assert judged["hessian.corrected"] == "open"
    sure = near.model_copy(update={"error": 1e-6 * row.corrected})
    assert {f.key: f.holds for f in findings(SMALL, {"hessian": sure})}["hessian.corrected"] == "no"
    restless = row.model_copy(update={"settled": False})
    found = findings(SMALL, {"hessian": restless})
    assert [finding.holds for finding in found] == ["open", "open"]
    assert "had not settled" in found[0].words
    assert "in 0 of 1 rows" in verdict(found)


def test_the_table_has_both_formulas_beside_what_was_measured(told):
    columns, lines = SMALL.table([row.model_dump(mode="json") for row in told[-1].rows])
    assert columns[-5:] == ("measured", "error", "naive", "corrected", "settled")
    assert [line[0] for line in lines] == list(SMALL.rows)
    row = told[-1].rows[0]
    assert lines[0][-5:] == (row.measured, row.error, row.naive, row.corrected, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lr": 0.1}, "diverges along the curvature 20: with momentum 0 it has to be below 0.1"),
        ({"lr": 0.6, "eigenvalues": (1, 2)}, "diverges along the curvature 4"),
        ({"eigenvalues": (1, 0)}, "greater than 0"),
        ({"eigenvalues": (1,)}, "at least 2"),
        ({"batch": 0}, "greater than or equal to 1"),
        ({"momentum": 1}, "less than or equal to 0.99"),
        ({"temperature": 0}, "greater than 0"),
        ({"temperature": 0.01}, "take fewer chains"),
        ({"well_depth": 3}, "leaves no barrier"),
        ({"rows": ["slow", "slow"]}, "twice"),
        ({"rows": []}, "at least 1"),
    ],
)
def test_a_spec_that_cannot_be_carried_out_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        Sde(**changes)
