"""Curvature of nets given as plans: exact, the same on any threads, and in a memory that stays as large as it was."""

import gc
from pathlib import Path

import numpy as np
import pytest
import torch

from foldscape.curvature import Objective, top_eigenpairs
from foldscape.curvature.halves import set_threads
from foldscape.curvature.modular import scores_of
from foldscape.losses import loss_of
from foldscape.net.kinds.cnn import CnnSpec
from foldscape.net.kinds.resnet import ResnetSpec

SPECS = {"cnn": CnnSpec(wiring="cnn"), "resnet": ResnetSpec(wiring="resnet", width=4)}


def drawn(kind, samples=60):
    rng = np.random.default_rng(0)
    net = SPECS[kind].first_on((1, 8, 8), 3, rng)
    return net, rng.standard_normal((samples, 64)).astype(np.float32), rng.integers(0, 3, samples)


def size_of(net):
    return sum(part.size for part in net.arrays)


def plain_product(net, x, y, vector):
    """Differentiate twice in double precision, without anything of ours."""
    module = net.module().double()
    parameters, at, along = list(module.parameters()), 0, []
    for one in parameters:
        along.append(torch.tensor(vector[at : at + one.numel()]).view(one.shape))
        at += one.numel()
    loss = torch.nn.functional.cross_entropy(module(torch.tensor(x).double()), torch.tensor(y))
    slopes = torch.autograd.grad(loss, parameters, create_graph=True)
    return torch.cat([one.ravel() for one in torch.autograd.grad(slopes, parameters, along)]).numpy()


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("chunk", [1024, 17])
def test_a_product_is_that_of_double_precision(kind, chunk):
    net, x, y = drawn(kind)
    vector = np.random.default_rng(1).standard_normal(size_of(net))
    found = Objective.of_module(net.module(), x, y, chunk=chunk).hvp(None, vector)
    exact = plain_product(net, x, y, vector)
    assert np.linalg.norm(found - exact) <= 2e-5 * np.linalg.norm(exact)


def test_no_bit_depends_on_the_threads():
    net, x, y = drawn("resnet")
    vector, found = np.ones(size_of(net)), []
    try:
        for threads in (1, 2):
            set_threads(threads)
            objective = Objective.of_module(net.module(), x, y, chunk=13)
            found.append((objective.hvp(None, vector), objective.gradient(), objective.loss()))
            assert len(objective._parts.chunks) == 6
    finally:
        set_threads(None)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_not_kept_between_products_is_worked_out_again(monkeypatch):
    net, x, y = drawn("resnet")
    vector = np.random.default_rng(1).standard_normal(size_of(net))
    kept = Objective.of_module(net.module(), x, y, chunk=20).hvp(None, vector)
    monkeypatch.setattr("foldscape.curvature.parts.OF_ALL", 0)
    objective = Objective.of_module(net.module(), x, y, chunk=20)
    np.testing.assert_array_equal(objective.hvp(None, vector), kept)
    assert not objective.at()._kept


def test_scores_are_those_of_one_plain_pass():
    net, x, y = drawn("resnet", 300)
    scores = scores_of(net, x.T, y, loss_of("cross_entropy"))
    module = net.module()
    outputs = module(torch.tensor(x))
    loss = torch.nn.functional.cross_entropy(outputs, torch.tensor(y))
    slopes = torch.cat([one.ravel() for one in torch.autograd.grad(loss, list(module.parameters()))]).numpy()
    assert scores.loss == pytest.approx(loss.item(), rel=1e-6)
    assert scores.accuracy == float((outputs.argmax(1).numpy() == y).mean())
    np.testing.assert_allclose(scores.gradient, slopes, rtol=1e-4, atol=1e-6)


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told by Linux")
def test_memory_stays_flat_over_fifty_calls():
    net, x, y = drawn("resnet", 200)
    for call in range(50):
        top_eigenpairs(net.module(), x, y, max_iterations=2)
        if call == 9:
            gc.collect()
            before = resident()
    gc.collect()
    assert resident() - before < 48 * 2**20  # each call keeps some 5 MB while it searches
