"""The value of a criterion on all data, and its derivatives, whatever the chunks and the order: or a refusal."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from foldscape import landscape
from foldscape.curvature import (
    BatchLoss,
    Objective,
    gradient_noise,
    matrix,
    sharpness,
    spectral_density,
    top_eigenpairs,
    trace,
)
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape import Evaluator


def hessian(net, loss):
    """The whole Hessian of a loss, row by row in float64, as the oracle."""
    flat = torch.cat([one.detach().reshape(-1) for one in net.parameters()])

    def of(vector):
        tensors, at = {}, 0
        for name, one in net.named_parameters():
            tensors[name] = vector[at : at + one.numel()].view(one.shape)
            at += one.numel()
        return loss(lambda *args, **named: torch.func.functional_call(net, tensors, args, named))

    return torch.autograd.functional.hessian(of, flat).numpy()


@pytest.fixture
def net():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 5), nn.Sigmoid(), nn.Linear(5, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(2)
    X = torch.randn(60, 4, dtype=torch.float64, generator=generator)
    return X, torch.randint(0, 3, (60,), generator=generator)


WEIGHTED = {
    "weights": (nn.CrossEntropyLoss(weight=torch.tensor([0.1, 1.0, 7.0])), lambda y: y.sort().values),
    "ignored": (nn.CrossEntropyLoss(), lambda y: torch.where(torch.arange(60) < 25, -100, y)),
    "ignored by name": ("cross_entropy", lambda y: torch.where(torch.arange(60) < 25, -100, y)),
    "both": (nn.CrossEntropyLoss(torch.tensor([0.1, 1.0, 7.0]), ignore_index=0), lambda y: y.sort().values),
}


@pytest.mark.parametrize("case", WEIGHTED)
def test_weighted_and_masked_losses_are_those_of_all_data(net, data, case):
    loss, labelled = WEIGHTED[case]
    X, y = data[0], labelled(data[1])
    criterion = loss if callable(loss) else functional.cross_entropy
    if isinstance(criterion, nn.Module) and criterion.weight is not None:
        criterion = type(criterion)(criterion.weight.double(), ignore_index=criterion.ignore_index)
    exact, dense = float(criterion(net(X), y).detach()), hessian(net, lambda run: criterion(run(X), y))
    order = torch.randperm(60)
    for chunk, rows in ((60, slice(None)), (7, slice(None)), (7, order)):
        objective = Objective.of_module(net, X[rows], y[rows], loss=loss, chunk=chunk)
        assert objective.loss() == pytest.approx(exact, rel=1e-10)
        np.testing.assert_allclose(objective.dense_hessian(), dense, atol=1e-10)
        evaluator = Evaluator.of_module(net, X[rows], y[rows], loss=loss, chunk=chunk)
        assert evaluator.at(evaluator.theta).loss[0] == pytest.approx(exact, rel=1e-10)
        gradient = evaluator.gradient(evaluator.theta, np.arange(60))
        np.testing.assert_allclose(gradient, objective.gradient(), atol=1e-12)
        slopes = objective.at().weighted_gradients(np.full((1, 60), 1 / 60))[0]
        np.testing.assert_allclose(slopes, gradient, atol=1e-12)
        np.testing.assert_allclose(
            objective.at().squared_norms().sum(), matrix(objective, "empirical_fisher").dense().trace() * 60, rtol=1e-9
        )
    found = landscape.slice(net, (X, y), "random", loss=loss, points=3)
    assert found.loss == pytest.approx(exact, rel=1e-10)
    counted = y != (0 if case == "both" else -100)
    right = (net(X).argmax(1) == y)[counted].double().mean()
    assert found.train.accuracy[1] == pytest.approx(float(right))


def test_a_sum_is_refused(net, data):
    def summed(outputs, labels):
        return functional.cross_entropy(outputs, labels, reduction="sum")

    for loss in (
        summed,
        nn.CrossEntropyLoss(reduction="sum"),
        BatchLoss(lambda run, batch: summed(run(batch[0]), batch[1])),
    ):
        with pytest.raises(InvalidInput, match="sum"):
            top_eigenpairs(net, *data, loss=loss)
        with pytest.raises(InvalidInput, match="sum"):
            landscape.slice(net, data, "random", loss=loss)


def test_a_loss_that_is_no_mean_is_measured_in_one_piece_or_refused(net, data):
    X, y = data
    weight = torch.tensor([0.1, 1.0, 7.0], dtype=torch.float64)

    def weighted(outputs, labels):
        return functional.cross_entropy(outputs, labels, weight=weight)

    exact = float(weighted(net(X), y).detach())
    objective = Objective.of_module(net, X, y, loss=weighted)
    assert objective.loss() == pytest.approx(exact, rel=1e-12)
    np.testing.assert_allclose(objective.dense_hessian(), hessian(net, lambda run: weighted(run(X), y)), atol=1e-10)
    with pytest.raises(NotPossible, match="no gradients of single samples"):
        gradient_noise(objective)
    with pytest.raises(NotPossible, match=r"no mean over the samples: the loss or the net.*chunk=60"):
        Objective.of_module(net, X, y, loss=weighted, chunk=30)


def test_samples_that_see_each_other_go_through_the_net_together(data):
    X, y = data
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.Tanh(), nn.Linear(5, 3))
    net.double().eval()
    exact = float(functional.cross_entropy(net(X), y).detach())
    dense = hessian(net, lambda run: functional.cross_entropy(run(X), y))
    assert Objective.of(net, X, y).loss() == pytest.approx(exact, rel=1e-12)
    assert top_eigenpairs(net, X, y).values[0] == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-6)
    assert landscape.slice(net, data, "random", points=3).loss == pytest.approx(exact, rel=1e-12)
    with pytest.raises(NotPossible, match="the net lets them see each other"):
        Objective.of_module(net, X, y, chunk=30)
    with pytest.raises(NotPossible, match="the net lets them see each other"):
        Evaluator.of_module(net, X, y, chunk=30)


LOSSES = {
    "mse": lambda outputs, y: 0.5 * (outputs - functional.one_hot(y, 3)).square().sum(1).mean(),
    "cross_entropy": functional.cross_entropy,
    "callable": lambda outputs, y: functional.nll_loss(outputs.log_softmax(1), y) + outputs.square().mean(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_every_entry_takes_a_loader_and_a_loss(net, data, name):
    X, y = data
    loss = LOSSES[name] if name == "callable" else name
    loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True)
    dense = hessian(net, lambda run: LOSSES[name](run(X), y))
    exact = float(LOSSES[name](net(X), y).detach())
    assert top_eigenpairs(net, loader, loss=loss).values[0] == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-6)
    assert trace(net, loader, loss=loss, method="exact").value == pytest.approx(dense.trace(), rel=1e-8)
    assert spectral_density(net, iter(loader), loss=loss, runs=1).trace == pytest.approx(dense.trace(), rel=0.5)
    assert sharpness(net, loader, loss=loss, steps=1, draws=2).loss == pytest.approx(exact, rel=1e-9)
    assert Objective.of(net, loader, loss=loss).loss() == pytest.approx(exact, rel=1e-9)
    assert landscape.slice(net, loader, "v1", loss=loss, points=3).loss == pytest.approx(exact, rel=1e-9)
    plane = landscape.plane(net, loader, loss=loss, resolution=3, progress=False)
    assert plane.surface.train_loss[1, 1] == pytest.approx(exact, rel=1e-9)


def test_a_plain_net_takes_mse_by_hand_and_in_landscapes(data):
    torch.manual_seed(0)
    net, (X, y) = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double(), data
    objective = Objective.of(net, data, loss="mse")
    assert type(objective).__name__ == "MlpObjective"
    np.testing.assert_allclose(
        objective.dense_hessian(), hessian(net, lambda run: LOSSES["mse"](run(X), y)), atol=1e-10
    )
    exact = float(LOSSES["mse"](net(X), y).detach())
    for dtype in (torch.float64, torch.float32):
        found = landscape.slice(net.to(dtype), (X.to(dtype), y), "v1", loss="mse", points=3)
        assert found.loss == pytest.approx(exact, rel=1e-5)


def test_shuffling_does_not_change_the_samples_that_a_direction_is_found_on():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), nn.Sigmoid(), nn.Linear(4, 2))
    X = torch.randn(2100, 2)
    loader = DataLoader(TensorDataset(X, (X[:, 0] > 0).long()), batch_size=100, shuffle=True)
    one, other = (landscape.slice(net, loader, "v1", points=3) for _ in range(2))
    assert one.direction.curvature == other.direction.curvature
    once = landscape.slice(net, iter(DataLoader(loader.dataset, batch_size=100)), "v1", points=3)
    assert once.direction.curvature == one.direction.curvature


class Masked(nn.Module):
    """Means of embedded tokens that count; gives what models of others give."""

    def __init__(self, form):
        super().__init__()
        self.table, self.head, self.form = nn.Embedding(11, 4), nn.Linear(4, 3), form

    def forward(self, input_ids, attention_mask, labels=None):
        shares = attention_mask / attention_mask.sum(1, keepdim=True)
        logits = self.head(torch.tanh((self.table(input_ids) * shares[..., None]).sum(1)))
        loss = None if labels is None else functional.cross_entropy(logits, labels)
        return {"tensor": logits, "dict": {"logits": logits}, "object": SimpleNamespace(logits=logits, loss=loss)}[
            self.form
        ]


@pytest.mark.parametrize("form", ["tensor", "dict", "object"])
def test_models_of_named_inputs_and_outputs_with_logits(form):
    torch.manual_seed(4)
    net = Masked(form).double()
    ids, y = torch.randint(0, 11, (30, 6)), torch.randint(0, 3, (30,))
    mask = (torch.arange(6) < torch.randint(1, 7, (30, 1))).double()

    def logits(run):
        found = run(input_ids=ids, attention_mask=mask)
        return found if form == "tensor" else found["logits"] if form == "dict" else found.logits

    dense = hessian(net, lambda run: functional.cross_entropy(logits(run), y))
    batches = [
        {"input_ids": ids[at], "attention_mask": mask[at], "labels": y[at]} for at in (slice(0, 12), slice(12, 30))
    ]
    for data in (batches, batches[0] | {"input_ids": ids, "attention_mask": mask, "labels": y}, ((ids, mask), y)):
        objective = Objective.of(net, data)
        np.testing.assert_allclose(objective.dense_hessian(), dense, atol=1e-10)
        gradient_noise(objective)
    found = landscape.slice(net, batches, "v1", points=3)
    assert found.train.accuracy[1] == pytest.approx(float((logits(net).argmax(1) == y).double().mean()))
    if form == "object":
        own = BatchLoss(lambda model, batch: model(**batch).loss)
        closed = Objective.of(net, batches, loss=own)
        np.testing.assert_allclose(closed.dense_hessian(), dense, atol=1e-10)
        assert gradient_noise(closed).covariance_trace == pytest.approx(gradient_noise(objective).covariance_trace)
        line = landscape.slice(net, batches, "v1", loss=own, points=3)
        np.testing.assert_allclose(line.train.loss, found.train.loss, rtol=1e-9)
        assert np.isnan(line.train.accuracy).all()
        with pytest.raises(NotPossible, match="outputs that are tensors, and a loss of them"):
            trace(net, batches, loss=own, name="gauss_newton")


class Table(nn.Module):
    """Takes its batch as one dict."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, batch):
        return torch.tanh(self.layer(batch["features"]))


def test_a_net_of_one_dict(data):
    torch.manual_seed(0)
    net, (X, y) = Table().double(), data
    dense = hessian(net, lambda run: functional.cross_entropy(run({"features": X}), y))
    np.testing.assert_allclose(Objective.of(net, {"features": X, "y": y}).dense_hessian(), dense, atol=1e-10)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.cell(x)[0]).movedim(-1, 1)


def test_ragged_batches_count_by_their_places():
    torch.manual_seed(5)
    net = Recurrent().double()
    batches = [
        (torch.randn(n, length, 3, dtype=torch.float64), torch.randint(0, 2, (n, length)))
        for n, length in ((4, 3), (2, 7), (5, 5))
    ]
    places = sum(y.numel() for _, y in batches)

    def loss(run):
        return sum(functional.cross_entropy(run(x), y, reduction="sum") for x, y in batches) / places

    objective = Objective.of(net, batches)
    assert (objective.samples, objective.loss()) == (11, pytest.approx(float(loss(net).detach()), rel=1e-10))
    np.testing.assert_allclose(
        objective.gradient(), np.concatenate([g.ravel() for g in gradient(net, loss)]), atol=1e-10
    )
    found = landscape.slice(net, batches, "random", points=3)
    assert found.loss == pytest.approx(float(loss(net).detach()), rel=1e-10)


def gradient(net, loss):
    return [one.numpy() for one in torch.autograd.grad(loss(net), list(net.parameters()))]


class Energy(nn.Module):
    """Forces by differentiating an energy: forward itself differentiates."""

    def __init__(self):
        super().__init__()
        self.energy = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))

    def forward(self, x):
        x = x.requires_grad_()
        energy = self.energy(x)
        return energy, -torch.autograd.grad(energy.sum(), x, create_graph=True)[0]


def test_nets_whose_forward_differentiates_and_gives_several_outputs():
    torch.manual_seed(6)
    net, X = Energy().double(), torch.randn(20, 3, dtype=torch.float64)
    y = torch.randn(20, 4, dtype=torch.float64)

    def loss(outputs, y):
        energy, force = outputs
        return (energy[:, 0] - y[:, 0]).square().mean() + (force - y[:, 1:]).square().mean()

    dense = hessian(net, lambda run: loss(run(X.clone()), y))
    objective = Objective.of(net, X, y, loss=loss)
    np.testing.assert_allclose(objective.dense_hessian(), dense, atol=1e-9)
    found = landscape.slice(net, (X, y), "v1", loss=loss, points=3)
    assert found.loss == pytest.approx(float(loss(net(X.clone()), y).detach()), rel=1e-10)
    assert np.isnan(found.train.accuracy).all()
    assert not X.requires_grad

    def outputs(flat):
        nn.utils.vector_to_parameters(flat, twin.parameters())
        return torch.cat(twin(X.clone()), dim=1).reshape(-1)

    twin, step = Energy().double(), 1e-6 * np.eye(objective.size)
    jacobian = np.stack(
        [
            ((outputs(torch.tensor(objective.theta + e)) - outputs(torch.tensor(objective.theta - e))) / 2e-6)
            .detach()
            .numpy()
            for e in step
        ]
    )
    curved = np.tile([2 / 20, *[2 / 60] * 3], 20)
    exact = (jacobian * curved) @ jacobian.T
    np.testing.assert_allclose(matrix(objective, "gauss_newton").dense(), exact, atol=1e-7)


def test_an_equation_without_labels():
    torch.manual_seed(7)
    net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    points = torch.linspace(0, 1, 25, dtype=torch.float64)[:, None]

    def residual(run, batch):
        x = batch.requires_grad_()
        u = run(x)
        return (torch.autograd.grad(u.sum(), x, create_graph=True)[0] - u).square().mean()

    dense = hessian(net, lambda run: residual(run, points.clone()))
    found = top_eigenpairs(net, points, loss=BatchLoss(residual))
    assert found.values[0] == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-6)
    line = landscape.slice(net, points, "v1", loss=BatchLoss(residual), points=3)
    assert line.loss == pytest.approx(float(residual(net, points.clone()).detach()), rel=1e-10)
    with_data = BatchLoss(lambda run, batch: residual(run, batch["inside"]) + run(batch["ends"]).square().mean())
    batch = {"inside": points, "ends": torch.tensor([[0.0], [1.0]], dtype=torch.float64)}
    both = Objective.of(net, batch, loss=with_data)
    assert both.samples == 1
    assert both.loss() == pytest.approx(line.loss + float(net(batch["ends"]).square().mean().detach()), rel=1e-10)
    alone = Objective.of(net, None, loss=BatchLoss(lambda run, batch: run(points).square().mean()))
    assert alone.loss() == pytest.approx(float(net(points).square().mean().detach()), rel=1e-10)
    assert top_eigenpairs(net, loss=BatchLoss(lambda run, batch: run(points).square().mean())).converged


def test_inputs_that_forward_changes_in_place_stay_as_they_are(data):
    class InPlace(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x):
            return self.layer(x.mul_(2))

    net, (X, y) = InPlace().double(), data
    before = X.clone()
    exact = float(functional.cross_entropy(net(X.clone()), y).detach())
    objective = Objective.of(net, X, y)
    assert [objective.loss() for _ in range(3)] == [pytest.approx(exact, rel=1e-12)] * 3
    assert landscape.slice(net, (X, y), "v1", points=3).loss == pytest.approx(exact, rel=1e-12)
    assert torch.equal(X, before)


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.int16, torch.bool, torch.float32])
@pytest.mark.parametrize("plain", [True, False])
def test_labels_of_any_type_are_classes(dtype, plain):
    torch.manual_seed(0)
    X, y = torch.randn(30, 4), torch.randint(0, 2, (30,))
    net = nn.Sequential(nn.Linear(4, 5), nn.ReLU() if plain else nn.Sigmoid(), nn.Linear(5, 2))
    exact = Objective.of(net, X, y).loss()
    assert Objective.of(net, X, y.to(dtype)).loss() == pytest.approx(exact, rel=1e-6)
    assert landscape.slice(net, (X, y.to(dtype)), "v1", points=3).loss == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("bend", [nn.ReLU, nn.Sigmoid])
def test_fractional_labels_are_refused_everywhere(bend):
    net = nn.Sequential(nn.Linear(4, 5), bend(), nn.Linear(5, 3))
    X, y = torch.randn(30, 4), torch.full((30,), 0.9)
    for measure in (
        lambda: top_eigenpairs(net, X, y),
        lambda: Objective.of_module(net, X, y),
        lambda: landscape.slice(net, (X, y), "random"),
        lambda: Evaluator.of(net, X, y),
        lambda: Evaluator.of_module(net, X, y, loss=nn.CrossEntropyLoss()),
        lambda: Evaluator.of_net([np.eye(4)], [np.zeros(4)], "relu", X.numpy(), y.numpy()),
        lambda: Evaluator.of_net([np.eye(4)], [np.zeros(4)], "relu", X.numpy(), y.numpy(), loss="mse"),
        lambda: Objective.of_mlp([np.eye(4)], [np.zeros(4)], "relu", X, y),
    ):
        with pytest.raises(InvalidInput, match=r"0\.9"):
            measure()


@pytest.mark.parametrize("bend", [nn.ReLU, nn.Sigmoid])
def test_a_net_of_one_output_has_the_logistic_loss_as_plain_arrays_have(bend):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 5), bend(), nn.Linear(5, 1)).double()
    X, y = torch.randn(30, 4, dtype=torch.float64), torch.randint(0, 2, (30,))
    exact = functional.binary_cross_entropy_with_logits
    dense = hessian(net, lambda run: exact(run(X)[:, 0], y.double()))
    for loss in ("cross_entropy", "bce"):
        np.testing.assert_allclose(Objective.of(net, X, y, loss=loss).dense_hessian(), dense, atol=1e-10)
        found = landscape.slice(net, (X, y), "v1", loss=loss, points=3)
        assert found.train.accuracy[1] == pytest.approx(float(((net(X)[:, 0] > 0) == y).double().mean()))
    if bend is nn.ReLU:
        plain = Objective.of_mlp(
            [net[0].weight, net[2].weight], [net[0].bias, net[2].bias], "relu", X, y
        ).dense_hessian()
        np.testing.assert_allclose(plain, dense, atol=1e-10)
    with pytest.raises(InvalidInput, match="run from 0 to 2"):
        Objective.of(net, X, torch.arange(30) % 3)


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (torch.zeros(9, 4, dtype=torch.uint8), torch.zeros(9, dtype=torch.int64), "uint8 of shape"),
        (torch.zeros(9, 3), torch.zeros(9, dtype=torch.int64), r"float64 of shape \(9, 3\)"),
        (torch.zeros(9, 4), torch.full((9,), 7), "run from 7 to 7"),
    ],
)
def test_data_that_the_net_does_not_take_are_told_with_what_came(net, X, y, said):
    for measure in (Objective.of, Evaluator.of):
        with pytest.raises((InvalidInput, NotPossible), match=said) as refused:
            measure(net, X, y)
        assert said.split(r" of shape")[0].strip("\\") in str(refused.value)


def test_an_objective_keeps_its_own_data_and_loss(net, data):
    objective = Objective.of(net, data)
    with pytest.raises(InvalidInput, match="loss='mse'"):
        top_eigenpairs(objective, loss="mse")
    with pytest.raises(InvalidInput, match="came with 2 data"):
        top_eigenpairs(objective, *data)
    with pytest.raises(InvalidInput, match="0 data arrays"):
        top_eigenpairs(net)
    with pytest.raises(InvalidInput, match="asked of a Tensor"):
        top_eigenpairs(*data)
