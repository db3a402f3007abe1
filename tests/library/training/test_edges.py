"""Stability edges: where the engines really diverge, and what the runs say about it."""

import numpy as np
import pytest

import foldscape
from foldscape.curvature import Objective
from foldscape.engine.torch_engine import TorchEngine
from foldscape.losses import loss_of
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.training import Loop

RULES = [SGD(), Momentum(momentum=0), Momentum(), Momentum(momentum=0.5), Momentum(nesterov=True)]
DIGITS = {
    "data": {"kind": "digits", "centred": True},
    "net": {"hidden": [64, 64, 64], "activation": "tanh", "output_scale": 1},
    "batch": 1437,
    "loss": "mse",
    "seed": 0,
}


def quadratic():
    """A net without hidden layers on the squared error: its loss is a quadratic of its parameters."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 4)).astype(np.float32), rng.integers(0, 2, 30)
    net = initial(NetSpec(hidden=(), output_scale=1), 4, 2, rng)
    sharpest = np.linalg.eigvalsh(Objective.of_mlp(net.weights, net.biases, "relu", x, y, loss="mse").dense_hessian())
    return net, x, y, sharpest[-1]


@pytest.mark.parametrize("share", [0.99, 1.01])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind} {rule.edge(1).name}")
def test_training_diverges_just_above_the_edge_and_not_just_below(rule, share):
    """T-F2-2: the thresholds of gradient descent and of both momenta, to one per cent."""
    net, x, y, sharpest = quadratic()
    lr = share * rule.edge(1).value / sharpest
    engine = TorchEngine(net, rule.model_copy(update={"lr": lr}), x, y, batch=30, loss="mse")

    def loss():
        return loss_of("mse").values(engine.weights.logits(x), y).mean()

    before = loss()
    for _ in range(1500):
        engine.begin_epoch(np.arange(30))
        engine.train(0, 1)
    after = loss()
    assert after < before if share < 1 else not after < 100 * before


@pytest.mark.parametrize("share", [0.99, 1.01])
def test_adams_edge_is_that_of_averaged_gradients_with_held_step_sizes(share):
    """T-F2-2, Adam: with its preconditioner held, it is a momentum of (1 - β₁) times the gradient: 38/η."""
    edge = Adam().edge(1)
    assert edge.value == pytest.approx(38)
    velocity, theta, lr = 0.0, 1.0, share * edge.value / 5
    for _ in range(2000):
        velocity = 0.9 * velocity + 0.1 * 5 * theta
        theta -= lr * velocity
    assert (abs(theta) < 1e-3) if share < 1 else abs(theta) > 1e3


def test_the_eigenvalue_in_units_of_adams_steps_is_that_of_the_whole_matrix():
    spec = {"net": {"hidden": [5], "output_scale": 1}, "optimizer": {"kind": "adam", "lr": 0.02}, "stop": {"epochs": 4}}
    loop = Loop(foldscape.RunSpec.model_validate(spec | {"probes": [{"kind": "curvature", "every": 1}]}))
    told = [event for event in loop.events() if event.kind == "curvature"]
    rule, net = loop.spec.optimizer, loop.engine.weights
    theta = Objective.of_mlp(net.weights, net.biases, "relu", *loop.subject.probe_points())
    second, age = loop.engine.memory.second, loop.engine.memory.age
    flat = [np.concatenate([part.ravel() for part in parts]).astype(float) for parts in (second, age)]
    root = np.sqrt(flat[0] / (1 - rule.beta2 ** flat[1])) + rule.epsilon
    scale = 1 / np.sqrt((1 - rule.beta1 ** flat[1]) * root)
    exact = np.linalg.eigvalsh(scale[:, None] * theta.dense_hessian() * scale)[-1]
    assert told[-1].preconditioned == pytest.approx(exact, rel=1e-3)
    assert (told[-1].edge, told[-1].edge_name) == (pytest.approx(38 / 0.02), "38/η")
    assert told[0].preconditioned is None
    assert "before the first update" in told[0].edge_note
    np.testing.assert_allclose(rule.step_scale(loop.engine.memory), scale)


def test_a_batch_normed_net_says_why_nothing_is_held_against_adams_edge():
    grow = {"step": 0, "command": {"kind": "grow", "rule": {"kind": "batch_norm"}}}
    spec = foldscape.RunSpec.model_validate({"commands": [grow], "stop": {"epochs": 2}})
    told = [event for event in foldscape.run(spec) if event.kind == "curvature"]
    assert told[-1].preconditioned is None
    assert "batch normalisation" in told[-1].edge_note


def full_batch(lr, steps, **more):
    """Train on centred digits; give the losses of all steps and the sharpness by its edge."""
    optimizer, stop = {"kind": "sgd", "lr": lr}, {"epochs": steps}
    spec = foldscape.RunSpec.model_validate(DIGITS | {"optimizer": optimizer, "stop": stop} | more)
    events = list(foldscape.run(spec))
    losses = [event.values[1] for event in events if event.kind == "metrics"]
    ratios = [
        (event.step, event.lambda_max / event.edge)
        for event in events
        if event.kind == "curvature" and event.lambda_max
    ]
    return np.array(losses), np.array(ratios)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_gradient_descent_trains_at_the_edge_of_stability():
    """T-F2-1, the larger rate: sharpness climbs to 2/η and hovers there, and the loss no longer falls at each step."""
    probe = {"kind": "curvature", "every": 20, "granularities": []}
    losses, ratios = full_batch(0.3, 3000, probes=[probe])
    assert 0.95 <= ratios[ratios[:, 0] > 1500, 1].mean() <= 1.10
    assert (np.diff(losses) > 0).sum() >= 50


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_below_the_edge_the_loss_falls_at_each_step():
    """T-F2-1, the smaller rate."""
    losses, _ = full_batch(0.1, 3000, probes=[])
    assert not (np.diff(losses) > 0).any()
