"""The reference nets of pictures, and what their plans count, by hand."""

import math

import numpy as np
import pytest
import torch

from foldscape.net.blocks.block import NetBlock
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.linear import LinearLayer
from foldscape.net.blocks.plan import NetPlan
from foldscape.net.kinds.mobilenet_v2 import channels
from foldscape.net.spec import NetSpec

SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32)]
"""Digits, MNIST, CIFAR."""


def plan_of(shape, classes=10, **net):
    return NetSpec(**net).plan(shape, classes)


@pytest.mark.parametrize(
    ("n", "parameters"),
    [(3, 269_722), (5, 464_154), (7, 658_586), (9, 853_018), (18, 1_727_962)],
)
def test_residual_nets_have_the_published_number_of_parameters(n, parameters):
    """T-C4-1: ResNet-20 to ResNet-110 with shortcut A; the paper rounds them to 0.27, 0.46, 0.66, 0.85, 1.7 M."""
    assert plan_of((3, 32, 32), wiring="resnet", n=n).parameters == parameters


def test_a_residual_net_counts_by_hand():
    """T-C4-1: convolutions without biases, two numbers a normalised channel, one linear layer."""
    widths, count = [8, 16, 32], 1 * 8 * 9 + 16
    came = 8
    for wide in widths:
        count += came * wide * 9 + wide * wide * 9 + 4 * wide
        came = wide
    assert plan_of((1, 8, 8), wiring="resnet", width=8).parameters == count + 33 * 10 == 19_074
    convolved = 8 * 16 + 16 * 32  # shortcut B: two convolutions of 1×1, normalised
    other = plan_of((1, 8, 8), wiring="resnet", width=8, shortcut="B").parameters
    assert other == 19_074 + convolved + 2 * (16 + 32)


def test_mobilenet_has_the_published_number_of_parameters():
    """T-C4-1: 3,504,872 at 1,000 classes, as torchvision's; 2,236,682 at CIFAR's ten."""
    assert plan_of((3, 224, 224), 1000, wiring="mobilenet_v2").parameters == 3_504_872
    assert plan_of((3, 32, 32), wiring="mobilenet_v2").parameters == 2_236_682
    assert 300e6 < plan_of((3, 224, 224), 1000, wiring="mobilenet_v2").multiplications < 302e6  # the paper: 300 M


def test_dense_residual_nets_and_transformers_count_by_hand():
    """T-C4-1."""
    block = 64 * 64 + 64
    assert plan_of((64,), wiring="res_mlp").parameters == 2 * 8 * block + 65 * 64 + 65 * 10
    width, inner, places = 32, 64, 16
    looking = 2 * width + 4 * (width * width + width)
    working = 2 * width + (width + 1) * inner + (inner + 1) * width
    whole = (4 + 1) * width + places * width + 2 * (looking + working) + 2 * width + (width + 1) * 10
    assert plan_of((1, 8, 8), wiring="transformer").parameters == whole


def test_convolutions_count_their_multiplications_by_the_formulas():
    """T-C4-2: h w k² c_in c_out, and h w c_in (k² + c_out) where channels are looked at by themselves."""
    height, width, size, came, left = 32, 32, 3, 3, 16
    plain = ConvLayer(came, left, size)
    assert plain.multiplications((came, height, width)) == height * width * size**2 * came * left == 442_368
    parts = [ConvLayer(came, came, size, groups=came), ConvLayer(came, left, 1)]
    separable = sum(part.multiplications((came, height, width)) for part in parts)
    assert separable == height * width * came * (size**2 + left) == 76_800
    assert separable / plain.multiplications((came, height, width)) == pytest.approx(1 / left + 1 / size**2)
    assert ConvLayer(came, left, size, stride=2).multiplications((came, height, width)) == 442_368 // 4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "net",
    [
        {"wiring": "resnet", "shortcut": "B"},
        {"wiring": "mobilenet_v2"},
        {"wiring": "cnn", "stride": (2,), "head": "flatten"},
        {"wiring": "res_mlp"},
    ],
)
def test_multiplications_are_those_torch_counts(net, shape):
    """T-C4-2: two operations a multiplication; torch counts matrix products and convolutions, and nothing else."""
    from torch.utils.flop_counter import FlopCounterMode

    plan = plan_of(shape, **net)
    module = NetSpec(**net).module(shape, 10).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, math.prod(shape)))
    assert counter.get_total_flops() == 2 * plan.multiplications


def test_a_transformers_multiplications_are_those_torch_counts():
    """T-C4-2: attention multiplies answers by answers."""
    from torch.utils.flop_counter import FlopCounterMode

    spec = NetSpec(wiring="transformer", depth=1, heads=1)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        spec.module((1, 8, 8), 10).eval()(torch.zeros(1, 64))
    assert counter.get_total_flops() == 2 * spec.plan((1, 8, 8), 10).multiplications


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [0.25, 1])
def test_a_way_around_is_there_only_where_it_is_legal(shape, width):
    """T-C4-3: an inverted residual is added where it has stride 1 and as many channels as came, and nowhere else."""
    plan, came = plan_of(shape, wiring="mobilenet_v2", width=width), shape
    seen = set()
    for block in plan.blocks:
        left = block.out(came)
        if block.name.startswith("row"):
            (stride,) = (layer.stride for name, layer in block.layers if name == "depthwise")
            assert (block.shortcut is not None) == (stride == 1 and left[0] == came[0])
            seen.add(block.shortcut is not None)
        came = left
    assert seen == {True, False}


def test_a_sum_of_two_shapes_is_no_plan():
    """T-C4-3."""
    block = NetBlock("odd", (("conv", ConvLayer(3, 5)),), shortcut=())
    with pytest.raises(ValueError, match="odd adds 3×8×8 to 5×8×8"):
        block.out((3, 8, 8))
    with pytest.raises(ValueError, match="a layer of 3 inputs takes no 4"):
        _ = NetPlan((4,), (NetBlock("head", (("linear", LinearLayer(3, 2)),)),)).out


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "net",
    [
        {"wiring": "resnet", "n": 1},
        {"wiring": "resnet", "shortcut": "B", "norm": "group"},
        {"wiring": "resnet", "norm": "none"},
        {"wiring": "mobilenet_v2"},
        {"wiring": "cnn"},
        {"wiring": "transformer"},
        {"wiring": "res_mlp"},
    ],
)
def test_every_net_reads_digits_mnist_and_cifar(net, shape):
    """T-C4-4: shapes behind every block, and of the outputs."""
    spec = NetSpec(**net)
    module = spec.module(shape, 10).eval()
    shapes = []
    for block in module.blocks:
        block.register_forward_hook(lambda *told: shapes.append(tuple(told[2].shape)))
    with torch.no_grad():
        assert module(torch.zeros(2, math.prod(shape))).shape == (2, 10)
    assert shapes == [(2, *block["out"]) for block in spec.plan(shape, 10).drawn()]


def test_the_stages_of_a_residual_net_halve_the_picture_twice():
    """T-C4-4: ResNet-8 of digits, strides 1, 2 and 2."""
    drawn = list(plan_of((1, 8, 8), wiring="resnet", width=8).drawn())
    assert [block["out"] for block in drawn] == [[8, 8, 8], [8, 8, 8], [16, 4, 4], [32, 2, 2], [10]]


def test_mobilenet_halves_where_the_picture_is_large_enough():
    """T-C4-4: once on digits, three times on MNIST and CIFAR, five times on large pictures."""
    halved = {
        shape: next(
            shape[1] // block["out"][1]
            for block in plan_of(shape, wiring="mobilenet_v2").drawn()
            if block["name"] == "last"
        )
        for shape in [(1, 8, 8), (3, 32, 32), (3, 224, 224)]
    }
    assert list(halved.values()) == [2, 8, 32]


def test_channels_are_multiples_of_eight_near_what_is_wanted():
    for wanted in np.linspace(1, 2000, 500):
        found = channels(wanted)
        assert found % 8 == 0
        assert found >= max(8, 0.9 * wanted)
        assert found <= wanted + 8 or found == 8


def test_shortcut_a_leaves_out_pixels_and_adds_zeros():
    """The way around of the block that changes shapes, with its convolutions zero."""
    spec = NetSpec(wiring="resnet", width=2, norm="none", activation="leaky_relu")
    block = spec.module((1, 8, 8), 10).stage2_1
    with torch.no_grad():
        for part in block.parameters():
            part.zero_()
        x = torch.rand(3, 2, 8, 8)
        found = block(x)
    torch.testing.assert_close(found[:, 1:3], x[:, :, ::2, ::2])
    assert not found[:, [0, 3]].any()
