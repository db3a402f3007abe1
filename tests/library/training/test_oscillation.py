"""How steps swing along the sharpest directions: exact on quadratics, and of no consequence to the run itself."""

import numpy as np
import pytest

from foldscape.curvature import sign_changes, step_correlation, top_eigenpairs
from foldscape.errors import InvalidInput
from foldscape.events import Oscillation
from foldscape.spec import RunSpec
from foldscape.training import Loop


def descended(values, lr, steps=30):
    """Slopes and displacements of full-batch descent on a diagonal quadratic."""
    theta, slopes, moved = np.ones(len(values)), [], []
    for _ in range(steps):
        g = values * theta
        slopes.append(g)
        moved.append(-lr * g)
        theta = theta - lr * g
    return np.array(slopes), np.array(moved)


@pytest.mark.parametrize("product", [1.01, 1.5, 1.99])
def test_T_H_2_descent_above_one_over_the_rate_changes_sides_at_every_step(product):
    """On a quadratic the share of sign changes is exactly 1 for eta lambda in (1, 2)."""
    slopes, moved = descended(np.array([product, 0.3]) / 0.5, 0.5)
    assert sign_changes(slopes).tolist() == [1, 0]
    np.testing.assert_allclose(step_correlation(moved), [-1, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("product", [0.01, 0.5, 0.99])
def test_T_H_2_descent_below_one_over_the_rate_never_does(product):
    slopes, moved = descended(np.array([product]) / 0.5, 0.5)
    assert sign_changes(slopes).tolist() == [0]
    np.testing.assert_allclose(step_correlation(moved), [1], rtol=0, atol=1e-12)


def spec_of(**fields):
    plain = {"data": {"kind": "gaussian_blobs", "n": 80, "k": 2}, "batch": 16, "stop": {"epochs": 3}, "probes": []}
    return RunSpec.model_validate(plain | {"optimizer": {"kind": "sgd", "lr": 0.1}} | fields)


def quadratic(lr):
    """Full-batch descent of a linear net on the squared loss, whose Hessian is the same everywhere."""
    data = {"kind": "gaussian_blobs", "n": 80, "k": 2, "test_share": 0}
    probe = {"kind": "oscillation", "every": 1, "k": 1, "updates": 12}
    return spec_of(
        data=data, net={"hidden": []}, loss="mse", batch=80, batch_schedule={"kind": "constant"},
        optimizer={"kind": "sgd", "lr": lr}, probes=[probe],
    )  # fmt: skip


@pytest.mark.parametrize(("product", "share"), [(1.6, 1.0), (0.4, 0.0)])
def test_T_H_2_so_does_the_probe_of_a_run(product, share, monkeypatch):
    """An epoch of full-batch descent is one update, so the coming epochs are looked at as one."""
    loop = Loop(quadratic(0.1))
    split = loop.subject.split
    largest = top_eigenpairs(loop.subject.net.objective(split.train_x, split.train_y, loop.spec.loss)).values[0]
    loop = Loop(quadratic(product / largest))
    order = np.arange(len(split.train_x))
    monkeypatch.setattr("foldscape.probes.measuring.oscillation._coming", lambda subject: (order, 0, [order] * 12))
    whole = type(loop.engine).train
    monkeypatch.setattr(
        type(loop.engine), "train", lambda engine, first, updates, rates=None: whole(engine, 0, 1, rates)
    )
    first = next(event for event in loop.events() if isinstance(event, Oscillation))
    assert first.sign_changes.tolist() == [share]
    assert first.changes == share
    assert first.correlation == pytest.approx(1 - 2 * share, abs=1e-4)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("optimizer", [{"kind": "adam", "lr": 0.01}, {"kind": "nudged", "lr": 0.1, "momentum": 0.5}])
@pytest.mark.parametrize("speed", [None, 4])
def test_a_run_that_is_looked_at_gets_the_bits_of_one_that_is_not(engine, optimizer, speed):
    probe = {"kind": "oscillation", "every": 1, "k": 2, "updates": 5}
    runs = [Loop(spec_of(engine=engine, optimizer=optimizer, speed=speed, probes=each)) for each in ([probe], [])]
    told, _ = (list(loop.events()) for loop in runs)
    assert sum(isinstance(event, Oscillation) for event in told) >= 3
    ours, theirs = ([part.tobytes() for part in loop.engine.weights.flat()] for loop in runs)
    assert ours == theirs


def test_what_it_foresees_is_what_comes():
    """The path that is looked at is the run's own, update by update."""
    spec = spec_of(net={"hidden": [8]}, probes=[{"kind": "oscillation", "every": 1, "k": 1, "updates": 3}])
    loop, seen = Loop(spec), []

    class Step:
        def take(self, position):
            seen.append(loop.subject.net.vector())
            return ()

        def allowance(self, position):
            return 1

    told = [event for event in loop.events(Step()) if isinstance(event, Oscillation)]
    split = loop.subject.split
    net = Loop(spec).subject.net
    vector = top_eigenpairs(net.objective(split.train_x, split.train_y, "cross_entropy"), tol=1e-3).vectors[0]
    moved = np.diff([theta @ vector for theta in seen[:4]])
    assert told[0].correlation == pytest.approx(float(step_correlation(moved[:, None])[0]), abs=1e-3)


def test_too_few_updates_are_no_number():
    with pytest.raises(InvalidInput, match="two updates"):
        sign_changes(np.zeros((1, 3)))
    assert np.isnan(step_correlation(np.zeros((4, 1)))).all()
    assert sign_changes([[0.0], [1.0], [0.0]]).tolist() == [0]
