"""Channels that can change places, and the order in which two nets of blocks match best (T-F16-1)."""

from itertools import pairwise

import numpy as np
import pytest

from foldscape.data.digits import Digits
from foldscape.errors import NotPossible
from foldscape.landscape import align_channels, linear_connection
from foldscape.landscape.channels import reordered
from foldscape.landscape.recorded import record
from foldscape.landscape.recorded.moments import RecordedRun
from foldscape.net.blocks.block import NetBlock
from foldscape.net.blocks.channels import channel_groups
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.plan import NetPlan
from tests.modular import BLOCK_NETS, CNN, RESNET, block_net, digits_run

every_net = pytest.mark.parametrize("net", BLOCK_NETS.values(), ids=list(BLOCK_NETS))


def shuffled(net, seed=1):
    rng, groups = np.random.default_rng(seed), channel_groups(net.plan)
    return reordered(net, groups, [rng.permutation(group.size) for group in groups])


@every_net
def test_any_order_of_channels_leaves_the_function(net):
    one, x = block_net(net), np.random.default_rng(2).normal(size=(20, 64))
    other = shuffled(one)
    assert not np.array_equal(one.vector(), other.vector())
    exact, moved = (each.astype(np.float64).logits(x) for each in (one, other))
    np.testing.assert_allclose(moved, exact, rtol=1e-9, atol=1e-9)


@every_net
def test_a_net_whose_channels_were_mixed_comes_back_exactly(net):
    one = block_net(net)
    found = align_channels(one, shuffled(one))
    assert np.array_equal(found.net.vector(), one.vector())
    assert all(map(np.array_equal, found.net.buffers, one.buffers))
    assert all(low < high for low, high in pairwise(found.match))
    split = Digits().load(0)
    evaluator = one.evaluator(split.train_x[:50], split.train_y[:50])
    assert linear_connection(evaluator, one.vector(), found.net.vector(), 3).barrier < 1e-6


def test_a_stream_is_one_group_and_zeros_beside_it_make_another():
    sizes = {group.seen[0].tensor: group.size for group in channel_groups(block_net(RESNET).plan)}
    assert sizes == {
        "stem.conv.weight": 4,  # the stream of the first stage goes on through all
        "stage1_1.conv1.weight": 4,
        "stage2_1.conv1.weight": 8,
        "stage2_1.conv2.weight": 4,  # channels that the shortcut filled with zeros
        "stage3_1.conv1.weight": 16,
        "stage3_1.conv2.weight": 8,
    }
    with_convolution = channel_groups(block_net(RESNET | {"shortcut": "B"}).plan)
    assert sorted(group.size for group in with_convolution) == [4, 4, 8, 8, 16, 16]


def test_channels_of_a_group_norm_stay_within_their_group():
    plan = block_net(RESNET | {"norm": "group", "width": 8}).plan
    channels = {name: layer.channels for name, layer, _ in plan.layers if "norm" in name}
    seen = [one for group in channel_groups(plan) for one in group.seen if ".norm" in one.tensor]
    for one in seen:
        assert np.ptp(one.places // (channels[one.tensor.rpartition(".")[0]] // 4)) == 0
    assert len(seen) > 20


def test_matching_never_lowers_what_it_maximises_and_lowers_the_middle_of_two_trained_nets():
    runs = [RecordedRun(record(digits_run(CNN, seed=seed, stop={"epochs": 15}))).net(None).net for seed in (0, 1)]
    found = align_channels(*runs)
    assert found.match[-1] >= float(runs[0].vector() @ runs[1].vector())
    split = digits_run(CNN).load()
    evaluator = runs[0].evaluator(split.train_x, split.train_y)
    middles = [(runs[0].vector() + other.vector()) / 2 for other in (runs[1], found.net)]
    before, after = evaluator.at(middles).loss
    assert after <= before


def test_what_is_not_known_is_refused_in_words():
    with pytest.raises(NotPossible, match="other blocks"):
        align_channels(block_net(CNN), block_net(CNN | {"pool": [True, False]}))
    with pytest.raises(NotPossible, match="one is a convolutional net, and the other a residual net"):
        align_channels(block_net(CNN), block_net(RESNET))

    odd = NetPlan((4,), (NetBlock("b", (("odd", _Odd()),)),))
    with pytest.raises(NotPossible, match=r"What b\.odd \(odd\) does with channels is not known"):
        channel_groups(odd)


class _Odd(Layer):
    words = "odd"
