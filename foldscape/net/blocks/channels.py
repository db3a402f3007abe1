"""Which channels of a net of blocks can change places without a change of what it computes.

Every channel of every axis of every tensor is a *node*. Passing through the plan joins nodes that have to move
together: the outputs of a layer and what the next one reads of them, both ends of a way around, a channel and its
normalisation. What is joined is one *channel* of the net. Those that are seen by the same axes are interchangeable, and
form a group; so a stage's stream is one group over all its blocks (Ainsworth et al. 2023, "Git Re-Basin", arXiv
2209.04836), and where a shortcut puts channels of zeros beside those that came, both have a group of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foldscape.errors import NotPossible
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.block import NamedLayers
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.layer import Layer, SampleShape
from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
from foldscape.net.blocks.normalisation import BatchNormLayer, GroupNormLayer
from foldscape.net.blocks.plan import NetPlan
from foldscape.net.blocks.pooling import GlobalMeanLayer, PoolLayer, SubsampleLayer
from foldscape.net.blocks.scale import ScaleLayer
from foldscape.net.blocks.tying import TiedLayer

ChannelNodes = npt.NDArray[np.int64]
NOTHING = -1
"""Node of a channel of zeros."""


class Seen(NamedTuple):
    """Where channels of a group stand on an axis.

    Attributes:
        tensor: Full name of a parameter or buffer.
        axis: Which of its axes.
        places: (channels, entries) of the axis; several entries where places of a picture lie in one row.
    """

    tensor: str
    axis: int
    places: npt.NDArray[np.int64]


@dataclass(frozen=True)
class ChannelGroup:
    """Channels that can change places with each other.

    Attributes:
        size: How many.
        seen: Where they stand, in one order.
    """

    size: int
    seen: tuple[Seen, ...]


def channel_groups(plan: NetPlan) -> tuple[ChannelGroup, ...]:
    """Find the channels of a net that can change places.

    Args:
        plan: The net.

    Returns:
        The groups of two channels and more, in the order in which a sample meets them.

    Raises:
        NotPossible: If a layer does something with channels that is not known here.

    Example:
        >>> from foldscape.net.blocks.block import NetBlock
        >>> layers = (("a", LinearLayer(4, 3)), ("act", ActivationLayer("relu"))), (("b", LinearLayer(3, 2)),)
        >>> (group,) = channel_groups(NetPlan((4,), tuple(NetBlock(f"b{i}", each) for i, each in enumerate(layers))))
        >>> group.size, [(seen.tensor, seen.axis) for seen in group.seen]
        (3, [('b0.a.weight', 0), ('b0.a.bias', 0), ('b1.b.weight', 1)])
    """
    return tuple(_joined(plan).groups())


def channels_of_axes(plan: NetPlan) -> dict[tuple[str, int], ChannelNodes]:
    """Give which channel of a net each entry of an axis of a tensor is, the same number wherever it is seen.

    Args:
        plan: The net.

    Returns:
        By full name of a parameter or buffer and number of an axis, one number an entry.

    Raises:
        NotPossible: If a layer does something with channels that is not known here.
    """
    return _joined(plan).axes()


def _joined(plan: NetPlan) -> _Joining:
    joining, shape = _Joining(), plan.shape
    nodes = joining.fixed(shape[0])
    for block in plan.blocks:
        inner = joining.passed(block.name, block.layers, nodes, shape)
        if block.shortcut is not None:
            around = joining.passed(f"{block.name}.shortcut", block.shortcut, nodes, shape)
            joining.join(inner, around)
        shape = block.out(shape)
        nodes = joining.passed(block.name, block.after, inner, shape)
    joining.fix(nodes)
    return joining


class _Joining:
    """ChannelNodes of axes, joined as a sample passes."""

    def __init__(self) -> None:
        self._parent: list[int] = []
        self._axes: dict[tuple[str, int], ChannelNodes] = {}
        self._apart: dict[int, tuple[object, ...]] = {}
        self._fixed: list[int] = []

    def new(self, count: int) -> ChannelNodes:
        """Give nodes that nothing is joined with."""
        first = len(self._parent)
        self._parent += range(first, first + count)
        return np.arange(first, first + count)

    def fixed(self, count: int) -> ChannelNodes:
        """Give nodes of channels that keep their places."""
        self.fix(nodes := self.new(count))
        return nodes

    def fix(self, nodes: ChannelNodes) -> None:
        """Let channels keep their places."""
        self._fixed += [int(node) for node in nodes if node != NOTHING]

    def axis(self, tensor: str, axis: int, nodes: ChannelNodes) -> None:
        """Join the channels of an axis with others; an axis that two layers share has been seen before."""
        own = self._axes.setdefault((tensor, axis), nodes)
        self.join(own, nodes)

    def join(self, some: ChannelNodes, others: ChannelNodes) -> None:
        """Let channels move together, one by one; beside a channel of zeros each moves as it likes."""
        for a, b in zip(some.tolist(), others.tolist(), strict=True):
            if NOTHING not in (a, b):
                self._parent[self._root(a)] = self._root(b)

    def keep_apart(self, nodes: ChannelNodes, parts: Sequence[object]) -> None:
        """Let channels change places within a part alone."""
        for node, part in zip(nodes.tolist(), parts, strict=True):
            self._apart[node] = (*self._apart.get(node, ()), part)

    def _root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def passed(self, name: str, layers: NamedLayers, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
        """Pass the channels of a sample through layers."""
        for own, layer in layers:
            nodes = through(layer, self, f"{name}.{own}", nodes, shape)
            shape = layer.out(shape)
        return nodes

    def axes(self) -> dict[tuple[str, int], ChannelNodes]:
        """Give the channel of each entry of an axis."""
        return {axis: np.array([self._root(node) for node in nodes.tolist()]) for axis, nodes in self._axes.items()}

    def groups(self) -> Iterator[ChannelGroup]:
        """Give channels that are seen by the same axes."""
        fixed = {self._root(node) for node in self._fixed}
        stands: dict[int, dict[tuple[str, int], list[int]]] = {}
        for axis, channels in self.axes().items():
            for place, channel in enumerate(channels.tolist()):
                stands.setdefault(channel, {}).setdefault(axis, []).append(place)
        apart: dict[int, tuple[object, ...]] = {}
        for node, parts in self._apart.items():
            apart[self._root(node)] = (*apart.get(self._root(node), ()), *parts)
        alike: dict[object, list[int]] = {}
        for root, where in stands.items():
            if root not in fixed:
                seen = tuple((axis, len(places)) for axis, places in where.items())
                alike.setdefault((seen, apart.get(root, ())), []).append(root)
        for roots in alike.values():
            if len(roots) > 1:
                axes = stands[roots[0]]
                places = {axis: np.array([stands[root][axis] for root in roots]) for axis in axes}
                yield ChannelGroup(len(roots), tuple(Seen(*axis, found) for axis, found in places.items()))


@singledispatch
def through(layer: Layer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    """Pass the channels of a sample through a layer, and give those that leave.

    Args:
        layer: The layer.
        joining: Joins them with those of its tensors.
        name: Its full name.
        nodes: Those that come.
        shape: The shape with which the sample comes.

    Raises:
        NotPossible: If it is not known what the layer does with them.
    """
    raise NotPossible(
        f"What {name} ({layer.words or type(layer).__name__}) does with channels is not known, so that those of this "
        "net cannot be put in another order.",
        hint="Take the net as it is.",
    )


@through.register(ActivationLayer)
@through.register(PoolLayer)
@through.register(GlobalMeanLayer)
@through.register(ScaleLayer)
def _by_itself(layer: Layer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    return nodes


@through.register
def _(layer: TiedLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    return through(layer.layer, joining, layer.of, nodes, shape)


@through.register
def _(layer: ConvLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    if layer.groups == 1:
        joining.axis(f"{name}.weight", 1, nodes)
        leaving = joining.new(layer.outputs)
    elif layer.groups == layer.inputs == layer.outputs:
        leaving = nodes
    else:  # each group of filters reads channels of its own
        joining.fix(nodes)
        leaving = joining.fixed(layer.outputs)
    return _told_along(layer, joining, name, leaving)


@through.register
def _(layer: LinearLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    joining.axis(f"{name}.weight", 1, nodes)
    return _told_along(layer, joining, name, joining.new(layer.outputs))


@through.register
def _(layer: BatchNormLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    return _told_along(layer, joining, name, nodes)


@through.register
def _(layer: GroupNormLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    if layer.groups > 1:
        size = layer.channels // layer.groups
        joining.keep_apart(nodes, [(name, channel // size) for channel in range(layer.channels)])
    return _told_along(layer, joining, name, nodes)


@through.register
def _(layer: FlattenLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    return np.repeat(nodes, math.prod(shape[1:]))


@through.register
def _(layer: SubsampleLayer, joining: _Joining, name: str, nodes: ChannelNodes, shape: SampleShape) -> ChannelNodes:
    more = layer.outputs - len(nodes)
    return np.pad(nodes, (more // 2, more - more // 2), constant_values=NOTHING)


def _told_along(layer: Layer, joining: _Joining, name: str, nodes: ChannelNodes) -> ChannelNodes:
    """Join what leaves with the first axis of all that has one entry a channel."""
    for tensor in (*layer.tensors(), *layer.buffers()):
        joining.axis(f"{name}.{tensor}", 0, nodes)
    return nodes
