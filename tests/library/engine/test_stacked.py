"""Nets trained as one program get the updates that each would get alone."""

import numpy as np
import pytest

from foldscape.engine.modular import ModularEngine
from foldscape.engine.stacked import StackedTraining
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum

NETS = [
    {"wiring": "resnet", "n": 1, "width": 4},
    {"wiring": "resnet", "n": 1, "width": 4, "norm": "group"},
    {"wiring": "cnn", "channels": (4, 6), "norm": "batch"},
]


@pytest.mark.parametrize("net", NETS, ids=lambda net: f"{net['wiring']} {net.get('norm', '')}")
@pytest.mark.parametrize("optimizer", [SGD(lr=0.1), Momentum(lr=0.05, weight_decay=0.01), Adam(lr=0.01)])
def test_each_net_gets_the_updates_that_it_would_get_alone(net, optimizer):
    rng = np.random.default_rng(0)
    x, y = rng.random((23, 64), dtype=np.float32), rng.integers(0, 3, 23)
    spec = NetSpec(**net)
    nets = [spec.first_on((1, 8, 8), 3, np.random.default_rng(seed)) for seed in range(3)]
    orders = np.stack([rng.permutation(23) for _ in nets])
    many = StackedTraining(nets, optimizer, x, y)
    many.train_epoch(orders, batch=8)
    for place, one in enumerate(nets):
        alone = ModularEngine(one, optimizer, x, y, 8)
        alone.weight_decay = optimizer.weight_decay
        alone.begin_epoch(orders[place])
        alone.train(0, 3)
        together, apart = many.weights[place], alone.weights
        np.testing.assert_allclose(together.vector(), apart.vector(), rtol=2e-4, atol=2e-5)
        for mine, its in zip(together.buffers, apart.buffers, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-6)
        for row in optimizer.remembers:
            for mine, its in zip(getattr(many.memories[place], row), getattr(alone.memory, row), strict=True):
                np.testing.assert_allclose(mine, its, rtol=2e-3, atol=2e-5)


def test_nets_of_other_blocks_are_refused():
    one, other = (
        NetSpec(wiring="cnn", channels=(width,)).first_on((1, 8, 8), 3, np.random.default_rng(0)) for width in (2, 3)
    )
    with pytest.raises(ValueError, match="must have the same blocks"):
        StackedTraining([one, other], SGD(lr=0.1), np.zeros((4, 64), np.float32), np.zeros(4, np.int64))
