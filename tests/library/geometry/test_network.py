import subprocess
import sys

import numpy as np
import pytest
import torch

import foldscape.geometry
from foldscape.geometry import GeometryError, default_box, logits, partition, warm
from tests.library.geometry.drawn import BOX, net


@pytest.mark.parametrize(
    ("weights", "biases", "words"),
    [
        ([np.ones((4, 3)), np.ones((2, 4))], [np.ones(4), np.ones(2)], "takes 3 inputs"),
        ([np.ones((4, 2)), np.ones((2, 5))], [np.ones(4), np.ones(2)], r"\(2, 5\)"),
        ([np.ones((4, 2)), np.ones((2, 4))], [np.ones(3), np.ones(2)], r"\(3,\)"),
        ([np.ones((4, 2))], [], "1 weight matrices and 0 bias vectors"),
        ([], [], "0 weight matrices"),
        ([np.ones(2)], [np.ones(1)], r"\(2,\)"),
        ([np.ones((0, 2)), np.ones((1, 0))], [np.ones(0), np.ones(1)], "at least 1"),
        ([np.full((4, 2), np.nan), np.ones((2, 4))], [np.ones(4), np.ones(2)], "nan"),
        ([np.ones((4, 2)), np.ones((2, 4))], [np.array([0, np.inf, 0, 0]), np.ones(2)], "inf"),
        ([np.full((4, 2), 1e300), np.full((2, 4), 1e300)], [np.ones(4), np.ones(2)], "within float64"),
        ([np.ones((4, 2)), np.ones((2, 4)) * 1j], [np.ones(4), np.ones(2)], "weights of layer 1, .* complex"),
        ([np.ones((4, 2)), np.ones((2, 4))], ["words", np.ones(2)], "biases of layer 0, a str"),
    ],
)
def test_nets_that_cannot_be_cut_are_named(weights, biases, words):
    with pytest.raises(GeometryError, match=words):
        partition(weights, biases, BOX)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_module_s_own_tensors_are_taken_as_they_are(dtype):
    layers = [torch.nn.Linear(2, 4, dtype=dtype), torch.nn.Linear(4, 2, bias=False, dtype=dtype)]
    told = partition([layer.weight for layer in layers], [layer.bias for layer in layers], BOX)
    weights = [layer.weight.detach().double().numpy() for layer in layers]
    plain = partition(weights, [layers[0].bias.detach().double().numpy(), np.zeros(2)], BOX)
    assert np.array_equal(told.boundary.points, plain.boundary.points)
    assert np.array_equal(told.folds.points, plain.folds.points)
    assert all(layer.weight.requires_grad for layer in layers)


@pytest.mark.parametrize(
    "box", [(1, 1, 0, 1), (0, 1, 2, 1), (0, 1, 0, np.inf), (0, 1, 0), "wide", (1e12, 1e12 + 1, 0, 1)]
)
def test_boxes_without_an_inside_are_refused(box):
    with pytest.raises(GeometryError, match="box is"):
        partition(*net([2, 4, 2]), box)


@pytest.mark.parametrize("slope", [-0.1, 1.0, np.nan])
def test_slopes_out_of_range_are_refused(slope):
    with pytest.raises(GeometryError, match=str(slope)):
        partition(*net([2, 4, 2]), BOX, negative_slope=slope)


def test_logits_refuse_points_of_another_space():
    with pytest.raises(GeometryError, match=r"\(5, 3\)"):
        logits(*net([2, 4, 2]), np.zeros((5, 3)))


def test_the_default_box_is_the_range_and_a_tenth():
    assert default_box([[0, 0], [10, 1]]) == (-1.0, 11.0, -0.1, 1.1)
    assert default_box([[3, 0], [3, 1]], margin=0.5)[:2] == (0.0, 6.0)
    with pytest.raises(GeometryError, match="at least one"):
        default_box(np.zeros((0, 2)))


def test_the_engine_needs_no_torch_and_warms_up():
    code = "import sys, foldscape.geometry as g; g.warm(); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    warm()


def test_exported_names_are_sorted_and_real():
    assert foldscape.geometry.__all__ == sorted(foldscape.geometry.__all__)
    assert all(hasattr(foldscape.geometry, name) for name in foldscape.geometry.__all__)


def test_partitions_in_many_threads_are_those_of_one():
    from concurrent.futures import ThreadPoolExecutor

    nets = [net([2, 20, 20, 2], seed) for seed in range(8)]
    alone = [partition(*n, BOX) for n in nets]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda n: partition(*n, BOX), nets * 5))
    for k, found in enumerate(together):
        np.testing.assert_array_equal(found.cells.vertices, alone[k % 8].cells.vertices)
        np.testing.assert_array_equal(found.fold_points.xy, alone[k % 8].fold_points.xy)
