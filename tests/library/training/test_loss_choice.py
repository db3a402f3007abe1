"""A run on the squared error: trained, measured and grown on it, and refused where only the cross-entropy will do."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

import foldscape
from foldscape.engine.torch_engine import TorchEngine
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.training import Loop
from tests.probes import probes_for

PROBES = probes_for("moons", every=1)


def spec(**changes):
    plain = {
        "data": {"kind": "moons", "n": 80},
        "net": {"hidden": [6], "output_scale": 1},
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "batch": 60,
        "stop": {"epochs": 20},
        "loss": "mse",
        "probes": PROBES,
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def test_one_full_batch_step_is_one_step_down_the_gradient_of_the_mse():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(30, 4)).astype(np.float32), rng.integers(0, 3, 30)
    net = initial(NetSpec(hidden=(5,), activation="tanh", output_scale=1), 4, 3, rng)
    engine = TorchEngine(net, SGD(lr=0.2), x, y, batch=30, loss="mse")
    engine.begin_epoch(np.arange(30))
    engine.train(0, 1)
    parts = [torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in net.flat()]
    hidden = torch.tanh(torch.from_numpy(x).double() @ parts[0].T + parts[1])
    target = torch.nn.functional.one_hot(torch.from_numpy(y), 3)
    loss = 0.5 * (hidden @ parts[2].T + parts[3] - target).square().sum(dim=1).mean()
    for after, before, gradient in zip(engine.weights.flat(), parts, torch.autograd.grad(loss, parts), strict=True):
        np.testing.assert_allclose(after, (before - 0.2 * gradient).detach(), atol=1e-6)


def test_every_part_of_a_run_speaks_of_the_same_loss():
    loop = Loop(spec())
    events = list(loop.events())
    rows = [event.values for event in events if event.kind == "metrics"]
    assert rows[-1][1] < rows[0][1] < 1.5  # half the squared distance, not nats
    cut = [event for event in events if event.kind == "slice"][-1]
    assert cut.train[len(cut.t) // 2] == pytest.approx(rows[-1][1], rel=1e-5)
    assert cut.test[len(cut.t) // 2] == pytest.approx(rows[-1][3], rel=1e-5)
    noise = [event for event in events if event.kind == "noise"][-1]
    assert noise.gradient_norm == pytest.approx(rows[-1][5], rel=1e-4)
    assert {event.kind for event in events} >= {"curvature", "traces", "density", "sharpness", "directions"}


@pytest.mark.parametrize("rule", ["gradmax", "random_direction"])
def test_a_net_grows_on_the_mse(rule):
    grow = {"step": 10, "command": {"kind": "grow", "rule": {"kind": rule}}}
    events = list(foldscape.run(spec(commands=[grow], probes=[])))
    (grown,) = [event for event in events if event.kind == "grown"]
    assert grown.kept < 1e-6
    assert grown.gain is None
    assert grown.lambda_before > 0


@pytest.mark.parametrize("rule", [{"kind": "folding"}, {"kind": "line", "a": [0, 0], "b": [1, 1]}])
def test_a_rule_that_weighs_cross_entropy_says_so(rule):
    grow = {"step": 10, "command": {"kind": "grow", "rule": rule}}
    taken = [event for event in foldscape.run(spec(commands=[grow], probes=[])) if event.kind == "command"]
    assert "trains on mse" in taken[0].refused


def test_the_compiled_engine_refuses_the_mse():
    with pytest.raises(ValidationError, match="set engine to auto or torch"):
        spec(engine="compiled")


def test_a_run_that_diverges_on_the_mse_fails_in_words():
    diverging = spec(optimizer={"kind": "sgd", "lr": 50}, stop={"epochs": 400}, probes=[])
    last = list(foldscape.run(diverging))[-1]
    assert (last.state, last.reason) == ("failed", "blew_up")
