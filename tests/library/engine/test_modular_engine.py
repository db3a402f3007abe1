"""The engine of nets that a torch module computes, against the compiled one and against an eager loop."""

from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
import torch

from foldscape.engine.choose import engine_for
from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.modular import engine_of
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.block import NetBlock
from foldscape.net.blocks.linear import LinearLayer
from foldscape.net.blocks.plan import NetPlan
from foldscape.net.modular import ModularNet
from foldscape.net.modular_spec import ModularSpec, abilities
from foldscape.spec import RunSpec


class ChainOfBlocks(ModularSpec):
    """A dense net as a plan, the same as wiring ``layers`` has."""

    can = abilities("chain_of_blocks", "chain of blocks", "a chain of blocks", "chains of blocks")
    wiring: Literal["chain_of_blocks"] = "chain_of_blocks"
    inner: tuple[int, ...] = (6, 5)

    def plan(self, shape, classes, structure=None):
        act, sizes = ActivationLayer(self.activation, self.negative_slope), (*shape, *self.inner, classes)
        blocks = [
            NetBlock(
                f"dense{number}", (("linear", LinearLayer(*pair)), *((("act", act),) if pair[1] != classes else ()))
            )
            for number, pair in enumerate(pairwise(sizes))
        ]
        return NetPlan(shape, tuple(blocks))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_dense_net_by_the_module_path_learns_as_the_compiled_engine_has_it(activation, optimizer):
    """To 1e-5 after 200 updates."""
    net = {"hidden": [6, 5], "activation": activation, "output_scale": 1}
    spec = RunSpec.model_validate(
        {"data": {"kind": "moons", "n": 120}, "net": net, "batch": 18, "optimizer": {"kind": optimizer, "lr": 0.01}}
    )
    split = spec.load()
    chain = spec.net.first(2, split.classes, np.random.default_rng(3))
    modular = ModularNet(
        activation=activation,
        negative_slope=spec.net.negative_slope,
        spec=ChainOfBlocks(activation=activation),
        shape=(2,),
        outputs=split.classes,
        structure=(),
        arrays=tuple(chain.flat()),
        buffers=(),
    )
    engines = [engine_for(spec, chain, split), engine_of(modular, spec, split)]
    assert isinstance(engines[0], CompiledEngine)
    for engine in engines:
        for epoch in range(40):
            engine.begin_epoch(np.random.default_rng(epoch).permutation(len(split.train_y)))
            engine.train(0, 5)
    ours, theirs = (engine.weights.vector() for engine in engines)
    assert np.abs(theirs - chain.vector()).max() > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_residual_net_learns_as_an_eager_loop_has_it():
    """Same weights and running statistics as torch.optim's momentum on the module in training."""
    spec = RunSpec.model_validate(
        {
            "data": {"kind": "digits"},
            "net": {"wiring": "resnet", "width": 2},
            "batch": 25,
            "validation_share": 0.8,
            "optimizer": {"kind": "momentum", "lr": 0.05},
        }
    )
    split = spec.load()
    net = spec.net.first_on(split.shape, split.classes, np.random.default_rng(3))
    order, size = np.random.default_rng(0).permutation(len(split.train_y)), 25
    trained = engine_for(spec, net, split)
    trained.begin_epoch(order)
    trained.train(0, spec.steps_per_epoch)
    module = net.module().train()
    optimizer = torch.optim.SGD(module.parameters(), 0.05, momentum=spec.optimizer.momentum)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        optimizer.zero_grad()
        x, y = torch.from_numpy(split.train_x[chosen]), torch.from_numpy(split.train_y[chosen])
        torch.nn.functional.cross_entropy(module(x), y).backward()
        optimizer.step()
    found = trained.weights
    plain = [part.detach().numpy().ravel() for part in module.parameters()]
    np.testing.assert_allclose(found.vector(), np.concatenate(plain), atol=1e-5)
    for ours, theirs in zip(found.buffers, module.buffers(), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5)
