"""The way of a net of blocks that grew, in the parameters of its last moment."""

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.landscape.embedding import MomentNet
from foldscape.landscape.recorded.block_space import BlockSpace
from foldscape.landscape.recorded.moments import RecordedMoment
from foldscape.net.blocks.channels import channels_of_axes
from foldscape.terms.standing import Standing
from tests.modular import CNN, RESNET, block_net


def moment(step, net, units):
    ids = tuple(np.array(each) for each in units)
    return RecordedMoment(MomentNet(step, (), (), ids), float(step), net, Standing())


def widened(net, block, place):
    """Put a channel whose answers nobody reads into a block, at some place of its inner layer."""
    blocks = [each for each in net.plan.blocks if each.inner]
    tensor = f"{blocks[block].name}.{blocks[block].inner}.weight"
    channels = channels_of_axes(net.plan)
    own = channels[tensor, 0]
    widths = [list(stage) for stage in net.structure]
    flat = [(s, b) for s, stage in enumerate(widths) for b in range(len(stage))]
    widths[flat[block][0]][flat[block][1]] += 1
    kept = [f"{name}.{buffer}" for name, layer, _ in net.plan.layers for buffer in layer.buffers()]

    def grown(names, parts):
        for name, part in zip(names, parts, strict=True):
            for axis in range(part.ndim):
                if np.isin(channels.get((name, axis), [-1]), own).any():
                    many = part.shape[axis] // len(own)
                    born = np.zeros_like(part.take(range(many), axis)) if axis else 0.3 * np.ones_like(part[:many])
                    part = np.insert(part, [place * many] * many, born, axis=axis)
            yield part

    return type(net)(
        activation=net.activation, negative_slope=net.negative_slope, spec=net.spec, shape=net.shape,
        outputs=net.outputs, structure=tuple(map(tuple, widths)),
        arrays=tuple(grown(net.names, net.arrays)), buffers=tuple(grown(kept, net.buffers)),
    )  # fmt: skip


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize(
    "plain",
    [CNN, CNN | {"head": "flatten", "norm": "batch", "pool": [True]}, RESNET],
    ids=["cnn", "cnn-flat-batch", "resnet"],
)
def test_a_net_before_a_birth_computes_the_same_in_the_later_space(plain, place):
    first = block_net(plain)
    last = widened(first, 0, place)
    units = [np.arange(width) + 100 * block for block, width in enumerate(first.hidden)]
    later = [np.insert(units[0], place, 999), *units[1:]]
    moments = [moment(0, first, units), moment(1, last, later)]
    space = BlockSpace()
    path = space.path(moments, ())
    assert space.beginning(moments, ()) == 0
    assert path.born.tolist() == [first.parameters, last.parameters - first.parameters]
    x = np.random.default_rng(0).normal(size=(10, 64))
    there = last.with_vector(path.thetas[0])
    exact, embedded = (net.astype(np.float64).logits(x) for net in (first, there))
    np.testing.assert_allclose(embedded, exact, rtol=1e-9, atol=1e-9)


def test_a_block_that_is_no_more_ends_the_path():
    two, one = block_net(RESNET | {"n": 2}), block_net(RESNET)
    moments = [
        moment(0, two, [np.arange(width) + 100 * block for block, width in enumerate(two.hidden)]),
        moment(1, one, [np.arange(width) + 100 * block for block, width in zip((0, 2, 4), one.hidden, strict=True)]),
    ]
    assert BlockSpace().beginning(moments, ()) == 1
    with pytest.raises(NotPossible, match=r"once had a part of stage1_2"):
        BlockSpace().path(moments, ())


def test_a_block_that_is_put_in_has_no_place_before():
    one, two = block_net(RESNET), block_net(RESNET | {"n": 2})
    moments = [
        moment(0, one, [np.arange(width) + 100 * block for block, width in zip((1, 2, 4), one.hidden, strict=True)]),
        moment(1, two, [np.arange(width) + 100 * block for block, width in enumerate(two.hidden)]),
    ]
    path = BlockSpace().path(moments, ())
    assert path.born.tolist() == [one.parameters, two.parameters - one.parameters]
    table = {block.name: block for block in path.blocks}
    here = path.thetas[0][table["stage1_2.conv1.weight"].span]
    np.testing.assert_array_equal(here, one.arrays[one.names.index("stage1_1.conv1.weight")].ravel())
