"""A loss is held against its derivatives: what cuts, draws or rounds is refused, whatever is honest passes."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from foldscape.curvature import Objective, gradient_noise, matrix, top_eigenpairs, trace
from foldscape.errors import NotPossible


class Through(nn.Module):
    """Two layers with something between them."""

    def __init__(self, between):
        super().__init__()
        self.a, self.b, self.between = nn.Linear(4, 5), nn.Linear(5, 3), between

    def forward(self, x):
        return self.b(self.between(self.a, x))


class Cubed(torch.autograd.Function):
    """A cube whose second derivative is wrong: its backward pass uses a number that torch does not know of."""

    @staticmethod
    def forward(ctx, x):
        ctx.x = x.detach()
        return x**3

    @staticmethod
    def backward(ctx, gradient):
        return 3 * ctx.x**2 * gradient


class Rounded(torch.autograd.Function):
    """A rounding with the gradient of the identity."""

    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def numpy_square(a, x):
    z = a(x)
    return z * torch.from_numpy(np.tanh(z.detach().numpy())).to(z.dtype)


def no_grad_norm(a, x):
    z = a(x)
    with torch.no_grad():
        size = z.norm(dim=1, keepdim=True)
    return z / size


def autocast(a, x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return torch.tanh(a(x)).float()


DISHONEST = {
    "detach": (lambda a, x: torch.tanh(a(x)) + a(x).detach(), "not that of its loss"),
    "data": (lambda a, x: functional.linear(x, a.weight.data, a.bias), "they differ by a.weight"),
    "no_grad": (no_grad_norm, "not that of its loss"),
    "numpy": (numpy_square, "not that of its loss"),
    "rounding": (lambda a, x: Rounded.apply(4 * a(x)), "not that of its loss"),
    "reentrant checkpoint": (lambda a, x: checkpoint(a, x, use_reentrant=True), "not that of its loss"),
    "second derivative": (lambda a, x: Cubed.apply(a(x)), "second derivative"),
    "dropout left on": (lambda a, x: functional.dropout(torch.tanh(a(x))), "random"),
    "noise": (lambda a, x: a(x) + 0.1 * torch.randn(len(x), 5), "random"),
    "autocast": (autocast, "computes in bfloat16"),
}


def drawn(count=60):
    torch.manual_seed(1)
    return torch.randn(count, 4), torch.randint(0, 3, (count,))


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")
@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("name", DISHONEST)
def test_what_is_differentiated_has_to_be_what_is_plotted(name, double):
    between, said = DISHONEST[name]
    X, y = drawn()
    net = Through(between)
    if double and name != "autocast":  # It leaves double precision alone.
        net = net.double()
    with pytest.raises(NotPossible, match=said):
        top_eigenpairs(net, X, y)
    if name != "second derivative":
        with pytest.raises(NotPossible, match=said):
            Objective.of(net, X, y).gradient()


class Listed(nn.Module):
    """Uses a tensor from a list, where nothing can be put in its place."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.again = [self.a.weight]
        self.o = nn.Linear(4, 3)

    def forward(self, x):
        return self.o(torch.tanh(torch.tanh(self.a(x)) @ self.again[0]))


def test_a_parameter_used_from_a_list_is_named():
    with pytest.raises(NotPossible, match=r"a\.weight is also used"):
        top_eigenpairs(Listed(), *drawn())


class Sequence(nn.Module):
    """Attention or a recurrent layer over four numbers."""

    def __init__(self, layer, width):
        super().__init__()
        self.embed, self.layer, self.o = nn.Linear(1, width), layer, nn.Linear(width, 3)

    def forward(self, x):
        h = self.layer(self.embed(x[..., None]))
        return self.o((h[0] if isinstance(h, tuple) else h).mean(1))


class Attends(nn.Module):
    """Heads of attention without their weights."""

    def __init__(self):
        super().__init__()
        self.heads = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        return self.heads(x, x, x, need_weights=False)[0]


class Checkpointed(nn.Module):
    """Computed again on the way back."""

    def __init__(self):
        super().__init__()
        self.block, self.o = nn.Sequential(nn.Linear(4, 5), nn.Tanh()), nn.Linear(5, 3)

    def forward(self, x):
        return self.o(checkpoint(self.block, x, use_reentrant=False))


def zeroed(net):
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    return net


def images(*layers):
    return nn.Sequential(nn.Unflatten(1, (1, 2, 2)), *layers)


HONEST = {
    "relu": lambda: nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 9), nn.Hardtanh(), nn.Linear(9, 3)),
    "all zero": lambda: zeroed(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.PReLU(), nn.Linear(5, 3))),
    "kinks at zero": lambda: nn.Sequential(zeroed(nn.Linear(4, 5)), nn.LeakyReLU(), nn.ReLU6(), nn.Linear(5, 3)),
    "pooled": lambda: images(
        nn.Conv2d(1, 4, 2, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4, 3)
    ),
    "norms": lambda: nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.GroupNorm(2, 6), nn.Linear(6, 3)),
    "weight norm": lambda: nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Linear(4, 5)),
        nn.Tanh(),
        nn.utils.parametrizations.spectral_norm(nn.Linear(5, 3)),
    ),
    "encoder": lambda: Sequence(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 4),
    "heads": lambda: Sequence(Attends(), 4),
    "lstm": lambda: Sequence(nn.LSTM(4, 4, batch_first=True), 4),
    "checkpoint": Checkpointed,
    "half": lambda: nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.GELU(), nn.Linear(5, 3)).bfloat16(),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_nets_pass_and_have_the_hessian_of_differences(name):
    X, y = drawn()
    X[:20] = 0
    torch.manual_seed(2)
    net = HONEST[name]()
    found = Objective.of_module(net, X, y)
    double = Objective.of_module(copy.deepcopy(net).double(), X.double(), y)
    operator = found.at()
    assert operator.finite
    rng = np.random.default_rng(0)
    # Away from the kinks that weights of zero put the net on.
    base = double.theta + 0.05 * rng.normal(size=double.size)
    along = rng.normal(size=double.size)
    step = 1e-7
    change = (double.gradient(base + step * along) - double.gradient(base - step * along)) / (2 * step)
    np.testing.assert_allclose(double.hvp(base, along), change, atol=1e-5 * np.abs(change).max())
    np.testing.assert_allclose(found.hvp(base, along), change, atol=1e-4 * np.abs(change).max())
    assert np.isfinite(trace(found, name="gauss_newton", probes=2).value)
    assert gradient_noise(found).covariance_trace == pytest.approx(
        matrix(found, "gradient_covariance").dense().trace(), rel=1e-3
    )


def test_rows_of_padding_count_as_fixed():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Embedding(6, 4, padding_idx=0), nn.Flatten(), nn.Linear(12, 3))
    found = top_eigenpairs(net, torch.randint(0, 6, (40, 3)), torch.randint(0, 3, (40,)))
    assert not found.vectors[0][:4].any()


def test_the_check_costs_less_than_a_pass():
    X, y = drawn(400)
    passed = []

    class Counting(Through):
        def forward(self, x):
            passed.append(len(x))
            return super().forward(x)

    objective = Objective.of_module(Counting(lambda a, x: torch.tanh(a(x))), X, y)
    passed.clear()
    objective.hold(2)
    assert sum(passed) < 400
    passed.clear()
    objective.hold(2)
    assert passed == []
