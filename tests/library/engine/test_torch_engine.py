"""The torch engine against PyTorch's own optimisers."""

import numpy as np
import pytest
import torch

from foldscape.engine.torch_engine import TorchEngine
from foldscape.growth.base import NewUnit, widened
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.training.carried import memory_after

CASES = [
    (SGD(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    (SGD(lr=0.1, weight_decay=0.01), lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01)),
    (Momentum(lr=0.05), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    (Momentum(lr=0.05, nesterov=True), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
    (Adam(lr=0.01), lambda p: torch.optim.Adam(p, lr=0.01)),
    (Adam(lr=0.01, weight_decay=0.1), lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1)),
]
ACTIVATIONS = {"relu": torch.nn.ReLU(), "leaky_relu": torch.nn.LeakyReLU(0.1), "tanh": torch.nn.Tanh()}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=lambda case: getattr(case, "kind", ""))
def test_agrees_with_pytorch(ours, theirs, activation):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 2, 40)
    net = initial(NetSpec(hidden=(5, 4), activation=activation, output_scale=1), 2, 2, rng)
    engine = TorchEngine(net, ours, x, y, batch=12)
    layers = [
        torch.nn.Linear(2, 5),
        ACTIVATIONS[activation],
        torch.nn.Linear(5, 4),
        ACTIVATIONS[activation],
        torch.nn.Linear(4, 2),
    ]
    module = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), net.flat(), strict=True):
            parameter.copy_(torch.from_numpy(array))
    optimizer = theirs(module.parameters())
    for epoch in range(20):
        order = np.random.default_rng(epoch).permutation(40)
        engine.begin_epoch(order)
        engine.train(0, 4)
        for batch in np.split(order, [12, 24, 36]):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(module(torch.from_numpy(x[batch])), torch.from_numpy(y[batch])).backward()
            optimizer.step()
    for parameter, array in zip(module.parameters(), engine.weights.flat(), strict=True):
        np.testing.assert_allclose(array, parameter.detach().numpy(), atol=2e-5)


def test_a_new_entry_takes_a_first_step_of_adam():
    """With one step counter a tensor, it would be 3.16 times as long."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 2, 40)
    net = initial(NetSpec(hidden=(4,), output_scale=1), 2, 2, rng)
    engine = TorchEngine(net, Adam(lr=0.001), x, y, batch=40)
    for _ in range(300):
        engine.begin_epoch(np.arange(40))
        engine.train(0, 1)
    before = engine.weights
    change = widened(before, 0, NewUnit(np.array([1.0, 0.5]), 0.0, np.zeros(2), 0.0, {}))
    engine.load(change.net, memory_after(engine.memory, before, change))
    engine.begin_epoch(np.arange(40))
    engine.train(0, 1)
    moved = np.abs(engine.weights.weights[1][:, -1])
    np.testing.assert_allclose(moved, 0.001, rtol=0.02)


def test_a_unit_with_zero_incoming_weights_learns():
    """T-E7-5: PyTorch's own relu has derivative 0 at 0 and would leave the unit dead."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 2)).astype(np.float32), rng.integers(0, 2, 30)
    net = initial(NetSpec(hidden=(2,), output_scale=1), 2, 2, rng).with_unit(0, np.zeros(2), 0.0, np.array([0.3, -0.2]))
    engine = TorchEngine(net, SGD(lr=0.1), x, y, batch=30)
    engine.begin_epoch(np.arange(30))
    engine.train(0, 1)
    assert np.abs(engine.weights.weights[0][-1]).max() > 0
    into = torch.zeros(1, 2, requires_grad=True)
    torch.relu(torch.from_numpy(x) @ into.T).sum().backward()
    assert into.grad is not None
    assert torch.equal(into.grad, torch.zeros(1, 2))


def test_a_large_set_is_not_copied_for_an_epoch_and_gives_the_same_bits(monkeypatch):
    rng = np.random.default_rng(2)
    net, x, y = initial(NetSpec(hidden=(5,), output_scale=1), 2, 2, rng), rng.normal(size=(40, 2)), np.arange(40) % 2
    engines = []
    for most in (TorchEngine._lays_out, 10):
        monkeypatch.setattr(TorchEngine, "_lays_out", most)
        engine = TorchEngine(net, SGD(lr=0.1), x.astype(np.float32), y, batch=7)
        engine.begin_epoch(np.random.default_rng(3).permutation(40))
        engine.train(0, 6)
        engines.append(engine)
    assert [len(engine._batches) for engine in engines] == [6, 0]
    assert np.array_equal(engines[0].weights.vector(), engines[1].weights.vector())
