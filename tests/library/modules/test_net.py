"""A module under measurement: the same objects and bits afterwards, whatever it is and does."""

import copy
import gc

import numpy as np
import pytest
import torch
from torch import nn

from foldscape import landscape
from foldscape.curvature import Objective, top_eigenpairs, trace
from foldscape.errors import FoldscapeError, InvalidInput
from foldscape.modules.net import Net


class Twice(nn.Module):
    """One layer under two names."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = self.a
        self.o = nn.Linear(4, 3)

    def forward(self, x):
        return self.o(torch.tanh(self.b(torch.tanh(self.a(x)))))


class Tied(nn.Module):
    """One tensor in two layers."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.o = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.o(torch.tanh(self.b(torch.tanh(self.a(x)))))


class Recurrent(nn.Module):
    """Keeps its weights in a list beside its parameters, as torch's recurrent layers do."""

    def __init__(self, kind):
        super().__init__()
        self.cell, self.o = kind(2, 3, batch_first=True), nn.Linear(3, 3)

    def forward(self, x):
        return self.o(self.cell(x.reshape(len(x), 2, 2))[0][:, -1])


class Remembers(nn.Module):
    """Changes itself while it runs."""

    def __init__(self):
        super().__init__()
        self.o, self.calls = nn.Linear(4, 3), 0
        self.register_buffer("seen", torch.zeros(4))

    def forward(self, x):
        self.calls += 1
        self.last = self.o(x)
        self.seen += x.sum(0)
        return self.last


class Fails(nn.Module):
    """Raises in the middle of its pass."""

    def __init__(self):
        super().__init__()
        self.o = nn.Linear(4, 3)

    def forward(self, x):
        raise ValueError("not today: " + str(self.o(x).shape))


def shared_norm():
    norm, layer = nn.BatchNorm1d(4), nn.Linear(4, 4)
    return nn.Sequential(layer, norm, nn.Sigmoid(), layer, norm, nn.Linear(4, 3))


NETS = {
    "twice": Twice,
    "tied": Tied,
    "shared": shared_norm,
    "lstm": lambda: Recurrent(nn.LSTM),
    "gru": lambda: Recurrent(nn.GRU),
    "remembers": Remembers,
    "old weight norm": lambda: nn.Sequential(nn.utils.spectral_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, 3)),
    "weight norm": lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))),
    "fails": Fails,
}


def drawn():
    torch.manual_seed(1)
    return torch.randn(60, 4), torch.randint(0, 3, (60,))


@pytest.mark.parametrize("name", NETS)
def test_every_attribute_is_afterwards_the_same_object_with_the_same_bits(name):
    X, y = drawn()
    net = NETS[name]()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    before = {part: dict(vars(part)) for part in net.modules()}
    tables = [(table, dict(table)) for part in net.modules() for table in (part._parameters, part._buffers)]
    bits = {key: value.clone() for key, value in net.state_dict().items()}
    for measure in (
        lambda: top_eigenpairs(net, X, y),
        lambda: trace(net, X, y, name="gauss_newton", probes=2),
        lambda: landscape.plane(net, (X, y), resolution=3, progress=False),
    ):
        try:
            measure()
        except FoldscapeError:
            assert name == "fails"
    for part, state in before.items():
        assert vars(part).keys() == state.keys()
        assert all(vars(part)[key] is value for key, value in state.items())
    assert all(list(now.items()) == list(then.items()) for now, then in tables if not then)
    assert all(now[key] is then[key] for now, then in tables for key in then)
    assert all(torch.equal(value, bits[key]) for key, value in net.state_dict().items())
    copy.deepcopy(net)
    if name != "fails":
        nn.functional.cross_entropy(net(X), y).backward()
        optimiser.step()
        assert any(not torch.equal(value, bits[key]) for key, value in net.state_dict().items())


@pytest.mark.parametrize("name", ["twice", "tied", "shared"])
def test_a_tensor_of_several_names_is_one_entry(name):
    X, y = drawn()
    net = NETS[name]().double()
    objective = Objective.of(net, X.double(), y)
    assert objective.size == sum(one.numel() for one in net.parameters())
    parameters = list(net.parameters())
    net.eval()
    loss = nn.functional.cross_entropy(net(X.double()), y)
    first = torch.autograd.grad(loss, parameters, create_graph=True)
    flat = torch.cat([one.reshape(-1) for one in first])
    rows = [
        torch.cat([part.reshape(-1) for part in torch.autograd.grad(one, parameters, retain_graph=True)])
        for one in flat
    ]
    np.testing.assert_allclose(objective.gradient(), flat.detach(), atol=1e-12)
    np.testing.assert_allclose(objective.dense_hessian(), torch.stack(rows), atol=1e-12)


def test_hooks_on_backward_passes_stay_out_of_it():
    X, y = drawn()
    net, told = nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 3)), []
    net[0].weight.register_hook(told.append)
    net[0].register_full_backward_hook(lambda *parts: told.append(parts))
    top_eigenpairs(net, X, y)
    assert told == []
    assert len(net[0]._backward_hooks) == 1


def test_half_precision_is_measured_in_single():
    X, y = drawn()
    for short in (torch.bfloat16, torch.float16):
        net = nn.Sequential(nn.Linear(4, 6), nn.GELU(), nn.Linear(6, 3)).to(short)
        wide = copy.deepcopy(net).double()
        found = top_eigenpairs(net, X.to(short), y, k=3)
        exact = top_eigenpairs(wide, X.to(short).double(), y, k=3)
        np.testing.assert_allclose(found.values, exact.values, rtol=1e-5)
        assert net[0].weight.dtype == short


class Mixed(nn.Module):
    """A first layer in half precision, with casts of its own."""

    def __init__(self, first, head):
        super().__init__()
        self.a, self.b = nn.Linear(4, 6).to(first), nn.Linear(6, 3).to(head)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x.to(self.a.weight.dtype))).to(self.b.weight.dtype))


class Named(Mixed):
    """The same, naming the types."""

    def forward(self, x):
        return self.b(torch.tanh(self.a(x.bfloat16())).float())


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (Mixed, (torch.bfloat16, torch.float32)),
        (Mixed, (torch.float32, torch.float64)),
        (Named, (torch.bfloat16, torch.float32)),
    ],
)
def test_each_tensor_has_its_own_type(kind, types):
    X, y = drawn()
    net = kind(*types)
    wide = Mixed(torch.float64, torch.float64)
    wide.load_state_dict({name: value.double() for name, value in net.state_dict().items()})
    found, exact = Objective.of(net, X, y), Objective.of(wide, X.double(), y)
    assert found.loss() == pytest.approx(exact.loss(), rel=1e-6)
    np.testing.assert_allclose(found.dense_hessian(), exact.dense_hessian(), atol=1e-6)


def test_complex_parameters_are_refused_and_complex_numbers_of_real_ones_are_measured():
    class Turned(nn.Module):
        def __init__(self, kind):
            super().__init__()
            self.w = nn.Parameter(torch.randn(4, 3, dtype=kind))

        def forward(self, x):
            return (x.to(torch.complex64) @ torch.complex(self.w.real, self.w.real)).abs()

    X, y = drawn()
    with pytest.raises(InvalidInput, match="w is complex"):
        Objective.of(Turned(torch.complex64), X, y)
    assert np.isfinite(top_eigenpairs(Turned(torch.float32), X, y).values).all()


def test_wrappers_are_opened():
    X, y = drawn()
    net = Twice()
    exact = top_eigenpairs(net, X, y).values
    for wrapped in (nn.DataParallel(net), torch.compile(net, backend="eager"), nn.DataParallel(nn.DataParallel(net))):
        np.testing.assert_array_equal(top_eigenpairs(wrapped, X, y).values, exact)
        assert landscape.slice(wrapped, (X, y), "v1", points=3).train.loss.shape == (3,)
    plain = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    assert type(Objective.of(torch.compile(plain, backend="eager"), X, y)).__name__ == "MlpObjective"


def test_the_callers_mode_does_not_matter():
    X, y = drawn()
    net = Twice()
    exact = top_eigenpairs(net, X, y).values
    with torch.no_grad():
        np.testing.assert_array_equal(top_eigenpairs(net, X, y).values, exact)
    with torch.inference_mode():
        np.testing.assert_array_equal(top_eigenpairs(net, X.clone(), y.clone()).values, exact)
        made = Twice()
        assert np.isfinite(top_eigenpairs(made, X, y).values).all()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        np.testing.assert_array_equal(top_eigenpairs(net, X, y).values, exact)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scripted_nets_are_refused():
    X, y = drawn()
    with pytest.raises(InvalidInput, match="scripted"):
        Objective.of(torch.jit.trace(nn.Linear(4, 3), X), X, y)


def test_nothing_is_trained_or_has_no_shape_yet():
    X, y = drawn()
    with pytest.raises(InvalidInput, match="no trained parameter"):
        Net(nn.ReLU())
    with pytest.raises(InvalidInput, match="no shape yet"):
        Objective.of(nn.Sequential(nn.LazyLinear(3), nn.Tanh()), X, y)
    with pytest.raises(InvalidInput, match="no torch module"):
        Net("net")


def test_frozen_tensors_stay_and_a_clipped_embedding_is_not_written_to():
    net = nn.Sequential(nn.Embedding(5, 3, max_norm=0.1), nn.Linear(3, 3))
    net[0].weight.requires_grad_(False)
    before = net[0].weight.clone()
    Objective.of(net, torch.randint(0, 5, (20,)), torch.randint(0, 3, (20,))).loss()
    assert torch.equal(net[0].weight, before)


def test_no_graph_outlives_a_measurement():
    X, y = drawn()
    net = Recurrent(nn.LSTM)
    top_eigenpairs(net, X, y)
    gc.collect()
    assert all(one.grad_fn is None for one in net.cell._flat_weights)
