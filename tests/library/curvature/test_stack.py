"""A dense net is measured by hand only where it is the same function of the same tensors."""

import types

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize, prune

from foldscape.curvature import Objective
from foldscape.curvature.stack import dense_stack
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.module import ModuleEvaluator
from foldscape.landscape.tracing import traced_stack


def plain():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3))


class Chain(nn.Module):
    """The same through a forward of its own."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.o = nn.Linear(4, 6), nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.o(torch.relu(self.b(torch.relu(self.a(x)))))


class Scaled(nn.Linear):
    """A layer of a class of its own."""

    def forward(self, x):
        return 2 * super().forward(x)


class Doubled(nn.Module):
    """Doubles a weight."""

    def forward(self, weight):
        return 2 * weight


def tied(net):
    net[2].weight = nn.Parameter(torch.randn(6, 6))
    net.insert(3, nn.ReLU())
    net.insert(4, nn.Linear(6, 6))
    net[4].weight = net[2].weight
    return net


def patched(net):
    net[2].forward = types.MethodType(lambda self, x: 2 * nn.functional.linear(x, self.weight, self.bias), net[2])
    return net


def whole_patched(net):
    own = net.forward
    net.forward = lambda x: own(x) + x.sum()
    return net


def hooked(net):
    net[0].register_forward_hook(lambda part, inputs, output: output + 1)
    return net


def subclassed(net):
    net[2] = Scaled(6, 6)
    return net


def parametrized(net):
    parametrize.register_parametrization(net[2], "weight", Doubled())
    return net


def pruned(net):
    prune.l1_unstructured(net[2], "weight", 0.5)
    return net


def masked_later(net):
    """Weights that are zero, and a hook that keeps them so: only away from the net does it show."""
    with torch.no_grad():
        net[2].weight[0].zero_()

    def keep(part, inputs):
        return (inputs[0],)

    def after(part, inputs, output):
        return output - nn.functional.linear(inputs[0], part.weight * (torch.arange(6) == 0)[:, None])

    net[2].register_forward_pre_hook(keep)
    net[2].register_forward_hook(after)
    return net


def frozen(net):
    net[0].weight.requires_grad_(False)
    return net


def with_more(net):
    net.scale = nn.Parameter(torch.ones(1))
    return net


def normed(net):
    nn.utils.parametrizations.weight_norm(net[2])
    return net


OTHERS = [
    tied,
    patched,
    whole_patched,
    hooked,
    subclassed,
    parametrized,
    pruned,
    masked_later,
    frozen,
    normed,
]


def drawn():
    torch.manual_seed(1)
    return torch.randn(40, 4), torch.randint(0, 3, (40,))


@pytest.mark.parametrize("change", OTHERS)
def test_what_is_another_function_goes_the_general_way(change):
    X, y = drawn()
    net = change(plain())
    assert dense_stack(net, X) is None
    assert traced_stack(net, X) is None
    objective, evaluator = Objective.of(net, X, y), Evaluator.of(net, X, y)
    net.eval()
    with torch.no_grad():
        loss = float(nn.functional.cross_entropy(net(X), y))
    assert objective.loss() == pytest.approx(loss, rel=1e-6)
    assert evaluator.at(evaluator.theta).loss[0] == pytest.approx(loss, rel=1e-6)
    assert objective.size == evaluator.size == sum(one.numel() for one in net.parameters() if one.requires_grad)


def test_a_net_that_is_changed_after_it_was_measured_is_looked_at_anew():
    X = drawn()[0]
    net = plain()
    assert dense_stack(net, X) is not None
    assert dense_stack(patched(net), X) is None
    net = plain()
    assert dense_stack(net, X) is not None
    net[1] = nn.Tanh()
    assert dense_stack(net, X) is None
    net[3] = nn.Tanh()
    assert dense_stack(net, X).activation == "tanh"


@pytest.mark.parametrize("made", [plain, Chain])
def test_plain_chains_are_taken_and_carry_the_names_of_the_net(made):
    X, y = drawn()
    net = made()
    fast, general = Evaluator.of(net, X, y), ModuleEvaluator(net, X, y)
    assert type(fast).__name__ == "DenseEvaluator"
    assert fast.blocks == general.blocks
    np.testing.assert_allclose(fast.at(fast.theta).loss, general.at(general.theta).loss, rtol=1e-6)
    assert Objective.of(net, X, y).blocks == Objective.of_module(net, X, y).blocks


def test_a_tensor_beside_the_layers_counts():
    X, y = drawn()
    net = with_more(plain())
    assert Objective.of(net, X, y).size == sum(one.numel() for one in net.parameters())
