"""Trace and top eigenvalues of each layer against the blocks of a dense Hessian."""

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective, matrix, top_eigenpairs_by_layer, trace, trace_by_layer
from foldscape.errors import InvalidInput


@pytest.fixture(scope="module")
def conv():
    """A convolution, a norm and a head on 40 images, differentiated by autograd."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Tanh(), nn.Flatten(), nn.Linear(48, 3)).double()
    return Objective.of_module(net, torch.randn(40, 1, 6, 6, dtype=torch.float64), torch.randint(0, 3, (40,)))


def places(objective, by):
    found = {}
    for block in objective.blocks:
        found.setdefault(getattr(block, by), []).extend(range(block.offset, block.offset + block.numel))
    return found


@pytest.mark.parametrize("by", ["layer", "tensor"])
@pytest.mark.parametrize("name", ["by_hand", "conv"])
def test_each_layer_has_the_spectrum_of_its_own_block(request, name, by):
    objective = request.getfixturevalue(name)
    whole = objective.dense_hessian()
    found = top_eigenpairs_by_layer(objective, by=by, k=2, tol=1e-6)
    traces = trace_by_layer(objective, by=by, method="exact")
    blocks = places(objective, "layer" if by == "layer" else "name")
    assert list(found) == list(traces) == list(blocks)
    for part, rows in blocks.items():
        block = whole[np.ix_(rows, rows)]
        np.testing.assert_allclose(found[part].values, np.linalg.eigvalsh(block)[::-1][:2], rtol=1e-5)
        assert traces[part].value == pytest.approx(block.trace(), rel=1e-9)
        assert traces[part].exact
        outside = np.delete(found[part].vectors, rows, axis=1)
        assert not outside.any()


@pytest.mark.parametrize("name", ["hessian", "gauss_newton", "empirical_fisher"])
def test_estimates_hold_the_exact_trace_and_add_up_to_that_of_the_whole(conv, name):
    estimates = trace_by_layer(conv, name=name, method="hutchinson", probes=60)
    diagonal = matrix(conv, name).dense().diagonal()
    for part, rows in places(conv, "layer").items():
        assert abs(estimates[part].value - diagonal[rows].sum()) <= 4 * estimates[part].standard_error
    together = sum(estimate.value for estimate in estimates.values())
    assert together == pytest.approx(trace(conv, name=name, method="hutchinson", probes=60).value, rel=1e-9)


def test_dense_nets_have_a_closed_form(by_hand):
    traces = trace_by_layer(by_hand)
    assert all(estimate.exact for estimate in traces.values())
    assert sum(estimate.value for estimate in traces.values()) == pytest.approx(trace(by_hand).value, rel=1e-9)


def test_a_layer_smaller_than_k_gives_all_it_has(conv):
    assert [len(pairs.values) for pairs in top_eigenpairs_by_layer(conv, by="tensor", k=5).values()] == [
        5,
        3,
        3,
        3,
        5,
        3,
    ]


def test_bad_arguments_are_told(conv):
    with pytest.raises(InvalidInput, match="layer or tensor"):
        trace_by_layer(conv, by="neuron")
    with pytest.raises(InvalidInput, match="at least 2"):
        trace_by_layer(conv, probes=1)
    with pytest.raises(InvalidInput, match="scale"):
        top_eigenpairs_by_layer(conv, scale=np.ones(conv.size))
