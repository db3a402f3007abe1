"""Patterns and maps that are carried from cell to cell, beside those of each cell for itself."""

import numpy as np
import pytest

from foldscape.geometry import partition, with_fold
from foldscape.geometry.cells import affine_maps
from foldscape.geometry.network import as_network
from tests.library.geometry.drawn import BOX, dag, hidden, net

NETS = {
    "one layer": (net, [2, 24, 2]),
    "one output": (net, [2, 7, 1]),
    "two layers": (net, [2, 20, 20, 3]),
    "five layers": (net, [2, 9, 8, 7, 6, 5, 10]),
    "wide outputs": (net, [2, 12, 12, 12]),
    "more changes than a layer bears": (net, [2, 60, 40, 2]),
    "dag": (dag, [2, 9, 8, 2, 10]),
    "deep dag": (dag, [2, 6, 5, 4, 3, 2, 1, 2]),
}


def agrees(cells, weights, biases, slope=0.0):
    X = cells.centroids
    own = (hidden(weights, biases, X, slope) > 0).astype(np.uint8)
    np.testing.assert_array_equal(cells.patterns, own)
    affine, offset = affine_maps(as_network(weights, biases, slope), own)
    np.testing.assert_allclose(cells.affine, affine, rtol=0, atol=1e-12)
    np.testing.assert_allclose(cells.offset, offset, rtol=0, atol=1e-12)


@pytest.mark.parametrize("slope", [0.0, 0.1], ids=["relu", "leaky"])
@pytest.mark.parametrize("name", NETS)
def test_every_cell_has_the_map_of_its_own_pattern(name, slope):
    draw, sizes = NETS[name]
    weights, biases = draw(sizes, seed=3)
    cells = partition(weights, biases, BOX, negative_slope=slope).cells
    assert cells.half is not None, "the walk was not taken"
    agrees(cells, weights, biases, slope)


@pytest.mark.parametrize("layer", [0, 1])
def test_the_same_after_a_fold_more(layer):
    weights, biases = net([2, 9, 8, 2], seed=4)
    weight = np.random.default_rng(layer).normal(size=weights[layer].shape[1])
    put = with_fold(partition(weights, biases, BOX), layer, weight, 0.1)
    weights[layer], biases[layer] = np.vstack([weights[layer], weight]), np.append(biases[layer], 0.1)
    weights[layer + 1] = np.pad(weights[layer + 1], ((0, 0), (0, 1)))
    agrees(put.cells, weights, biases)


def test_where_folds_coincide_each_cell_is_mapped_for_itself():
    weights = [np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, -1.0, 0.5]])]
    biases = [np.zeros(3), np.array([0.1])]
    cells = partition(weights, biases, BOX).cells
    assert cells.half is None
    agrees(cells, weights, biases)


def test_a_net_without_hidden_layers_is_one_map():
    cells = partition([np.array([[1.0, 2.0]])], [np.array([3.0])], BOX).cells
    assert cells.patterns.shape == (1, 0)
    assert cells.affine.tolist() == [[[1.0, 2.0]]]
    assert cells.offset.tolist() == [[3.0]]
