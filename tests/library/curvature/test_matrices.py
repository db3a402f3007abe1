"""Gauss-Newton, Fisher and gradient covariance against dense matrices put together from torch's Jacobians."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective, halves, matrix, warm
from foldscape.curvature.compiled import kernels, kernels_samples
from foldscape.curvature.lanes import LanesHessian
from foldscape.curvature.mlp import MlpObjective
from foldscape.curvature.rop import MlpHessian
from foldscape.errors import InvalidInput, NotPossible

COMPILED = [(kernels, name) for name in ("linearise", "gradient", "products")]
COMPILED += [(kernels_samples, name) for name in ("slopes_along", "weighted_gradients", "squared_norms", "second_sums")]

SHAPES = {"relu": ([5, 6, 3], nn.ReLU), "deep": ([4, 5, 6, 4], nn.Tanh), "logistic": ([3, 5, 1], nn.ReLU)}


def net_of(kind):
    torch.manual_seed(3)
    sizes, activation = SHAPES[kind]
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1]).double()


def objective_of(kind, path):
    net = net_of(kind)
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(150, SHAPES[kind][0][0])), rng.integers(0, max(2, SHAPES[kind][0][-1]), 150)
    if path == "module":
        return Objective.of_module(net, torch.tensor(X), torch.tensor(y))
    linear = list(net)[::2]
    activation = "tanh" if kind == "deep" else "relu"
    objective = Objective.of_mlp([w.weight for w in linear], [w.bias for w in linear], activation, X, y)
    if path == "layers":
        objective._last = (objective.theta.copy(), MlpHessian(objective.pass_at(objective.theta), objective.has_bias))
    return objective


def by_jacobians(kind):
    """The oracle: J, chances and sample gradients from torch, then sums as they are defined."""
    net = net_of(kind)
    objective = objective_of(kind, "lanes")
    X, y = torch.tensor(objective.inputs[:-1].T.copy()), torch.tensor(objective.labels)
    names = [name for name, _ in net.named_parameters()]
    shapes = [parameter.shape for parameter in net.parameters()]
    theta = torch.tensor(objective.theta)

    def outputs(flat):
        parts = torch.split(flat, [shape.numel() for shape in shapes])
        tensors = {name: part.view(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}
        return torch.func.functional_call(net, tensors, (X,))

    jacobian = torch.func.jacrev(outputs)(theta).numpy()
    logits = outputs(theta).detach()
    if kind == "logistic":
        p = torch.sigmoid(logits).numpy()
        curve, delta = (p * (1 - p))[:, :, None], p - y.numpy()[:, None]
    else:
        p = torch.softmax(logits, 1).numpy()
        curve = np.einsum("nk,kl->nkl", p, np.eye(p.shape[1])) - np.einsum("nk,nl->nkl", p, p)
        delta = p - np.eye(p.shape[1])[y.numpy()]
    samples = np.einsum("nk,nkp->np", delta, jacobian)
    gauss_newton = np.einsum("nkp,nkl,nlq->pq", jacobian, curve, jacobian) / len(X)
    second = samples.T @ samples / len(X)
    covariance = np.cov(samples.T, bias=True)
    exact = {"gauss_newton": gauss_newton, "true_fisher": gauss_newton}
    return exact | {"empirical_fisher": second, "gradient_covariance": covariance, "samples": samples}


PATHS = [
    (kind, path) for kind in SHAPES for path in ("lanes", "layers", "module") if (kind, path) != ("logistic", "module")
]


@pytest.mark.parametrize(("kind", "path"), PATHS)
@pytest.mark.parametrize("name", ["gauss_newton", "true_fisher", "empirical_fisher", "gradient_covariance"])
def test_each_matrix_is_the_sum_that_defines_it(kind, path, name):
    exact = by_jacobians(kind)[name]
    found = matrix(objective_of(kind, path), name)
    assert found.name == name
    assert np.abs(found.dense() - exact).max() <= 1e-12
    assert np.linalg.eigvalsh(exact)[0] >= -1e-12


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_gradients_of_single_samples(kind, path, rng):
    objective, samples = objective_of(kind, path), by_jacobians(kind)["samples"]
    operator = objective.at()
    vectors, weights = rng.normal(size=(3, objective.size)), rng.normal(size=(2, 150))
    weights[1, ::2] = 0
    assert np.abs(operator.slopes_along(vectors) - vectors @ samples.T).max() <= 1e-12
    assert np.abs(operator.weighted_gradients(weights) - weights @ samples).max() <= 1e-11
    assert operator.squared_norms() == pytest.approx((samples**2).sum(axis=1), rel=1e-12)
    assert objective.gradient() == pytest.approx(samples.mean(axis=0), abs=1e-14)


@pytest.mark.parametrize(("kind", "path"), [case for case in PATHS if case[1] != "module"])
@pytest.mark.parametrize("gauss_newton", [True, False])
def test_closed_forms_of_diagonal_and_trace(kind, path, gauss_newton):
    objective = objective_of(kind, path)
    whole = by_jacobians(kind)["gauss_newton"] if gauss_newton else objective.dense_hessian()
    operator = objective.at()
    diagonal, traces = operator.diagonal(gauss_newton=gauss_newton), operator.traces(gauss_newton=gauss_newton)
    if type(operator) is LanesHessian:
        assert np.abs(diagonal - whole.diagonal()).max() <= 1e-13
    if traces is not None:
        assert traces == pytest.approx([whole.diagonal()[block.span].sum() for block in objective.blocks], abs=1e-12)
    else:
        assert (kind, path) == ("deep", "layers")


def test_for_piecewise_linear_nets_the_trace_is_that_of_the_gauss_newton_part(by_hand, whole):
    operator = by_hand.at()
    assert operator.traces().sum() == pytest.approx(whole.trace(), rel=1e-12)
    assert np.array_equal(operator.traces(), operator.traces(gauss_newton=True))
    assert np.abs(operator.gauss_newton(np.eye(610)) - whole).max() > 1e-3, "only the traces agree"


def test_what_cannot_be_taken_is_said(by_hand, digits_net, digits):
    with pytest.raises(InvalidInput, match=r"'fisher'.*true_fisher"):
        matrix(by_hand, "fisher")
    odd = Objective.of_module(digits_net, *digits, loss=lambda o, y: (o**2).mean())
    with pytest.raises(NotPossible, match="log likelihood"):
        matrix(odd, "true_fisher")


def test_a_wide_net_gives_the_same_by_whole_layers(rng):
    weights = [rng.normal(size=(40, 300)) / 20, rng.normal(size=(10, 40)) / 6]
    arguments = weights, [np.zeros(40), np.zeros(10)], "relu", rng.random((2000, 300)), rng.integers(0, 10, 2000)
    objective = MlpObjective(*arguments)
    lanes, layers = objective.at(), MlpHessian(objective.pass_at(objective.theta), objective.has_bias)
    assert isinstance(lanes, LanesHessian)
    v = rng.normal(size=(2, objective.size))
    assert len(lanes.lanes.stretches) == 2
    assert lanes.products(v) == pytest.approx(layers.products(v), abs=1e-12)
    assert lanes.traces() == pytest.approx(layers.traces(), rel=1e-12)
    alone = _bits_on(1, objective, v)
    assert alone == _bits_on(2, objective, v)


def _bits_on(threads, objective, v):
    halves.set_threads(threads)
    try:
        operator = objective.linearise(objective.theta)
        return [array.tobytes() for array in (operator.products(v), operator.gauss_newton(v), operator.traces())]
    finally:
        halves.set_threads(None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 5, 2), (2, 7, 6, 3), (5, 4, 9, 10)])
def test_tiles_of_any_size_give_the_same_by_whole_layers(sizes, dtype, rng):
    weights = [rng.normal(size=(fan_out, fan_in)) for fan_in, fan_out in pairwise(sizes)]
    biases = [rng.normal(size=len(weight)) for weight in weights]
    X, y = rng.normal(size=(431, sizes[0])), rng.integers(0, max(sizes[-1], 2), 431)
    objective = MlpObjective(weights, biases, "tanh", X, y, dtype=dtype)
    lanes, layers = objective.at(), MlpHessian(objective.pass_at(objective.theta), objective.has_bias)
    v, close = rng.normal(size=(3, objective.size)), 1e-12 if dtype is np.float64 else 2e-4
    assert lanes.gradient() == pytest.approx(layers.gradient(), abs=close)
    assert lanes.products(v) == pytest.approx(layers.products(v), abs=close * float(np.abs(layers.products(v)).max()))


def test_warming_leaves_nothing_to_compile():
    passes = [getattr(module, name) for module, name in COMPILED]
    warm()
    known = [len(each.signatures) for each in passes]
    for dtype in (np.float64, np.float32):
        objective = Objective.of_mlp([np.eye(3)], [np.zeros(3)], "tanh", np.eye(3), [0, 1, 2], dtype=dtype)
        operator = objective.at()
        operator.products(np.ones((2, 12)))
        operator.weighted_gradients(operator.slopes_along(np.ones((2, 12))))
        operator.squared_norms()
        operator.diagonal()
        operator.gradient()
    assert [len(each.signatures) for each in passes] == known
