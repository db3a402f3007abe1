"""Learning rate by batch size, batch by training points and λ₁ by its edge: run-level columns of every curve."""

import numpy as np
import pytest

from foldscape.measures.ratio import ratio_columns
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.spec import RunSpec
from foldscape.sweep.expand import expand
from foldscape.sweep.running import read
from foldscape.sweep.task import run_task

NAMES = ("lr_batch_ratio", "batch_share", "edge_ratio")


def at(optimizer, *, batch=10, sharpest=4.0, **more):
    run = RunSpec(optimizer=optimizer, batch=batch, **more)
    found = ratio_columns(run, [0], [optimizer.lr], [sharpest])
    return {name: pytest.approx(float(found[name][0]), rel=1e-12, nan_ok=True) for name in NAMES}


def test_of_plain_descent_they_are_the_formulas():
    points = RunSpec().train_size
    assert at(SGD(lr=0.2)) == {"lr_batch_ratio": 0.02, "batch_share": 10 / points, "edge_ratio": 0.2 * 4 / 2}


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_is_counted(nesterov):
    told = at(Momentum(lr=0.2, momentum=0.9, nesterov=nesterov))
    assert told["lr_batch_ratio"] == 0.2 / (10 * (1 - 0.9))
    assert told["edge_ratio"] == 4 / Momentum(momentum=0.9, nesterov=nesterov).edge(0.2).value


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_effective_rate_is_what_one_gradient_moves_in_all(nesterov):
    """A gradient of 1, then none, for 400 updates."""
    import torch

    rule, memory, moved = Momentum(momentum=0.9, nesterov=nesterov), {"first": [torch.zeros(1).double()]}, 0.0
    for update in range(400):
        moved += float(rule.direction([torch.full((1,), float(update == 0)).double()], memory)[0])
    assert rule.effective_lr(0.3) == pytest.approx(0.3 * moved, rel=1e-9)


def test_of_adam_only_the_share_of_a_batch_is_a_number():
    told = at(Adam(lr=0.2))
    assert told["batch_share"] == 10 / RunSpec().train_size
    assert np.isnan([told["lr_batch_ratio"].expected, told["edge_ratio"].expected]).all()


def test_what_is_not_known_is_no_number():
    run = RunSpec(optimizer=SGD(lr=0.2))
    found = ratio_columns(run, [0, 1, 2], [np.nan, 0.2, 0.2], [1.0, np.nan, 1.0])
    assert np.isfinite(found["edge_ratio"]).tolist() == [False, False, True]
    assert np.isfinite(found["lr_batch_ratio"]).tolist() == [False, True, True]


STEP = {"kind": "step", "every": 2, "gamma": 0.5}
GROW = {"kind": "step", "every": 2, "factor": 2}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("schedules", "ratios", "shares"),
    [
        ({"lr_schedule": STEP}, [0.04, 0.04, 0.02, 0.02, 0.01, 0.01, 0.01], [5, 5, 5, 5, 5, 5, 5]),
        ({"batch_schedule": GROW}, [0.04, 0.04, 0.02, 0.02, 0.01, 0.01, 0.01], [5, 5, 10, 10, 20, 20, 20]),
    ],
)
def test_they_follow_the_present_rate_and_batch_in_and_outside_the_run_loop(apart, schedules, ratios, shares):
    """The last row is that of the last update: none comes after it."""
    base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3]}, "optimizer": {"kind": "sgd", "lr": 0.2},
            "batch": 5, "stop": {"epochs": 6}} | schedules  # fmt: skip
    measured = {"measure": {"flatness": ["none"], "every": 1}, "primary": {"measure": "lambda_none"}}
    sweep = read({"base": base, "seeds": [0], **measured})
    (row,) = [each for step in run_task(list(expand(sweep)), sweep.measure, apart=apart) for each in step.ended]
    columns = row.curve.columns
    assert columns["lr_batch_ratio"] == pytest.approx(ratios)
    assert columns["batch_share"] == pytest.approx([batch / sweep.base.train_size for batch in shares])
    rates = np.array(ratios) * shares
    assert columns["edge_ratio"] == pytest.approx(rates * columns["lambda_none"] / 2)
