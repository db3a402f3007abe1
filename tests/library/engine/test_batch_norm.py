"""Training with batch normalisation, against PyTorch's own modules, and who does it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.compiled_many import ManyNets
from foldscape.engine.switching import Switching
from foldscape.engine.torch_engine import TorchEngine
from foldscape.errors import NotPossible
from foldscape.net.mlp import initial
from foldscape.net.norm import BatchNorm
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam
from foldscape.spec import RunSpec


def drawn(n=40):
    rng = np.random.default_rng(3)
    return rng.normal(size=(n, 2)).astype(np.float32), rng.integers(0, 2, n)


def plain_net(hidden=(5, 4)):
    return initial(NetSpec(hidden=hidden, output_scale=1), 2, 2, np.random.default_rng(1))


def normed(net, layer=0):
    rng = np.random.default_rng(2)
    norms = list(net.norms)
    norms[layer] = BatchNorm(*(rng.uniform(0.5, 1.5, net.hidden[layer]).astype(np.float32) for _ in range(4)))
    return replace(net, norms=tuple(norms))


def module_of(net):
    """Build the net of PyTorch's modules."""
    layers = []
    for weight, bias, norm in zip(net.weights, net.biases, (*net.norms, None), strict=True):
        linear = torch.nn.Linear(*reversed(weight.shape))
        linear.weight.data, linear.bias.data = torch.from_numpy(weight.copy()), torch.from_numpy(bias.copy())
        layers.append(linear)
        if norm:
            module = torch.nn.BatchNorm1d(len(bias))
            places = (module.weight.data, module.bias.data, module.running_mean, module.running_var)
            for place, part in zip(places, norm.arrays(), strict=True):
                place.copy_(torch.from_numpy(part))
            layers.append(module)
        layers.append(torch.nn.ReLU())
    return torch.nn.Sequential(*layers[:-1])


def assert_equal_nets(net, module):
    for ours, theirs in zip(net.flat(), module.parameters(), strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=2e-5)
    ours = [part for norm in net.norms if norm for part in (norm.mean, norm.var)]
    theirs = [part for name, part in module.named_buffers() if name.endswith(("mean", "var"))]
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other.numpy(), atol=2e-5)


@pytest.mark.parametrize("batch", [12, 13])  # the last batch then has 4 points, or a single one
@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        (SGD(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
        # biases before a normalisation have no gradient but rounding; a small epsilon would make steps of it
        (Adam(lr=0.01, epsilon=1e-3), lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-3)),
    ],
    ids=["sgd", "adam"],
)
def test_agrees_with_pytorch(rule, theirs, batch):
    x, y = drawn()
    net = normed(normed(plain_net(), 0), 1)
    engine, module = TorchEngine(net, rule, x, y, batch), module_of(net)
    optimizer = theirs(module.parameters())
    for epoch in range(10):
        order = np.random.default_rng(epoch).permutation(40)
        engine.begin_epoch(order)
        engine.train(0, 4)
        for part in np.split(order, range(batch, 40, batch)):
            module.train(len(part) > 1)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(module(torch.from_numpy(x[part])), torch.from_numpy(y[part])).backward()
            optimizer.step()
    assert_equal_nets(engine.weights, module)
    module.eval()
    with torch.no_grad():
        np.testing.assert_allclose(engine.weights.logits(x), module(torch.from_numpy(x)).numpy(), atol=2e-5)


def test_running_statistics_are_loaded_as_they_were():
    x, y = drawn()
    first = TorchEngine(normed(plain_net()), Adam(), x, y, batch=8)
    first.begin_epoch(np.arange(40))
    first.train(0, 3)
    second = TorchEngine(plain_net(), Adam(), x, y, batch=8)
    second.load(first.weights, first.memory)
    second.begin_epoch(np.arange(40))
    for engine in (first, second):
        engine.train(3, 2)
    for mine, theirs in zip(first.weights.state()["norms"], second.weights.state()["norms"], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_compiled_engines_refuse_it():
    x, y = drawn()
    net = normed(plain_net())
    with pytest.raises(NotPossible, match=r'no batch normalisation\. Set engine to "torch" or "auto"'):
        CompiledEngine(net, SGD(), x, y, 8)
    with pytest.raises(NotPossible, match="no batch normalisation"):
        ManyNets([net], SGD(), x, y, 8, threads=1)


def switching(engine="auto"):
    spec = RunSpec.model_validate({"engine": engine, "optimizer": {"kind": "adam", "lr": 0.02}})
    split = spec.data.load(spec.seed)
    return Switching(spec, plain_net(), split), split


def bits(engine):
    return [part.tobytes() for part in (*engine.weights.flat(), *engine.memory.first, *engine.memory.age)]


def test_a_net_that_gains_batch_normalisation_goes_on_in_torch_and_comes_back():
    engine, split = switching()
    alone = CompiledEngine(plain_net(), Adam(lr=0.02), split.train_x, split.train_y, 32)
    order = np.random.default_rng(0).permutation(len(split.train_x))
    for one in (engine, alone):
        one.begin_epoch(order)
        one.train(0, 2)
    before = engine.weights, engine.memory
    engine.lr, engine.weight_decay = 0.005, 0.1
    grown = normed(engine.weights)
    engine.load(grown, None)
    engine.train(2, 1)
    moved = engine.weights
    assert moved.is_normed
    assert np.abs(moved.weights[0] - grown.weights[0]).max() == pytest.approx(0.005, rel=0.05)
    assert (moved.norms[0].mean != grown.norms[0].mean).all()
    engine.load(*before)
    assert (engine.lr, engine.weight_decay) == (0.005, 0.1)
    alone.lr, alone.weight_decay = 0.005, 0.1
    for one in (engine, alone):
        one.train(2, 3)
    assert bits(engine) == bits(alone)


def test_a_run_that_names_the_compiled_engine_keeps_its_net():
    engine, _ = switching("compiled")
    before = bits(engine)
    with pytest.raises(NotPossible, match="no batch normalisation"):
        engine.load(normed(engine.weights), None)
    assert bits(engine) == before
