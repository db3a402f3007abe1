"""The order of channels in which one net of blocks matches another best (Ainsworth et al. 2023, arXiv 2209.04836)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from foldscape.arrays import Float64Array, FloatArray
from foldscape.errors import NotPossible
from foldscape.net.blocks.channels import ChannelGroup, Seen, channel_groups
from foldscape.net.modular import ModularNet

Order = NDArray[np.int64]
_SWEEPS = 100


@dataclass(frozen=True)
class ChannelAlignment:
    """A net with its channels in another order, which leaves its function as it was.

    Attributes:
        net: Net B in the new order, running statistics too.
        orders: For each group of channels, which channel of B stands in each place, (size,).
        match: Inner product of the parameters of A and of B after each move, rising.
    """

    net: ModularNet
    orders: tuple[Order, ...]
    match: tuple[float, ...]


def align_channels(a: ModularNet, b: ModularNet) -> ChannelAlignment:
    """Put the channels of net B in the order that brings its parameters nearest to those of A: weight matching.

    One group of channels after the other takes the best order given those of all others, until none changes: from the
    order as it is, and from one in which each group looks at what is in order before it; the better end is taken.

    Args:
        a: Net A.
        b: Net B, of the same blocks.

    Returns:
        B in its new order.

    Raises:
        NotPossible: If their parameters do not mean the same one by one, or it is not known what a layer does with
            channels.
    """
    if why := a.why_apart(b):
        raise NotPossible(f"The channels of two nets cannot be matched: {why}.", hint="Choose nets of the same blocks.")
    matching = _Matching(a, b)
    starts = [np.arange(group.size) for group in matching.groups], matching.from_inputs()
    orders, match = max((matching.ascended(start) for start in starts), key=lambda end: end[1][-1])
    return ChannelAlignment(reordered(b, matching.groups, orders), tuple(orders), tuple(match))


def reordered(net: ModularNet, groups: Sequence[ChannelGroup], orders: Sequence[Order]) -> ModularNet:
    """Give a net with its channels in another order.

    Args:
        net: The net.
        groups: Its groups of channels.
        orders: For each, which of its channels stands in each place, (size,).

    Returns:
        The net, which computes what it did.
    """
    stands = _stands(groups)
    kept = [f"{name}.{buffer}" for name, layer, _ in net.plan.layers for buffer in layer.buffers()]
    arrays, buffers = (
        [_moved(part, stands.get(name, []), orders) for name, part in zip(names, parts, strict=True)]
        for names, parts in ((net.names, net.arrays), (kept, net.buffers))
    )
    return net.with_flat(arrays).with_buffers(buffers)


class _Matching:
    def __init__(self, a: ModularNet, b: ModularNet) -> None:
        self._a, self._b = (
            {name: part.astype(np.float64) for name, part in zip(net.names, net.arrays, strict=True)} for net in (a, b)
        )
        self.groups = channel_groups(a.plan)
        self._stands = _stands(self.groups)

    def ascended(self, start: Sequence[Order]) -> tuple[list[Order], list[float]]:
        """Improve the order of one group at a time until none changes."""
        orders = list(start)
        match = [self._match(orders)]
        for _ in range(_SWEEPS):
            before = match[-1]
            for number in range(len(orders)):
                tried = [*orders[:number], _best(self._gain(number, orders)), *orders[number + 1 :]]
                if (found := self._match(tried)) > match[-1]:
                    orders = tried
                    match.append(found)
            if match[-1] <= before:
                break
        return orders, match

    def from_inputs(self) -> list[Order]:
        """Give each group the order that fits to what is in order already, from the inputs on."""
        orders, settled = [np.arange(group.size) for group in self.groups], set[int]()
        for number in range(len(orders)):
            settled.add(number)
            orders[number] = _best(self._gain(number, orders, settled))
        return orders

    def _gain(self, number: int, orders: Sequence[Order], settled: set[int] | None = None) -> Float64Array:
        """Inner products of all that belongs to a channel of A with all that belongs to one of B, (size, size)."""
        group = self.groups[number]
        others = [np.arange(len(order)) if place == number else order for place, order in enumerate(orders)]
        gain = np.zeros((group.size, group.size))
        for seen in group.seen:
            stands = self._stands[seen.tensor]
            if seen.tensor not in self._a or (settled is not None and not {other for other, _ in stands} <= settled):
                continue
            moved = _moved(self._b[seen.tensor], stands, others)
            gain += _rows(self._a[seen.tensor], seen) @ _rows(moved, seen).T
        return gain

    def _match(self, orders: Sequence[Order]) -> float:
        moved = ((name, _moved(part, self._stands.get(name, []), orders)) for name, part in self._b.items())
        return float(sum(np.vdot(self._a[name], part) for name, part in moved))


def _best(gain: Float64Array) -> Order:
    return np.asarray(linear_sum_assignment(gain, maximize=True)[1], np.int64)


def _rows(tensor: FloatArray, seen: Seen) -> FloatArray:
    """Give what belongs to each channel as a row."""
    chosen = np.moveaxis(tensor, seen.axis, 0)[seen.places]
    return chosen.reshape(len(seen.places), -1)


def _stands(groups: Sequence[ChannelGroup]) -> dict[str, list[tuple[int, Seen]]]:
    """Give by tensor which groups stand on its axes."""
    found: dict[str, list[tuple[int, Seen]]] = {}
    for number, group in enumerate(groups):
        for seen in group.seen:
            found.setdefault(seen.tensor, []).append((number, seen))
    return found


def _moved(tensor: FloatArray, stands: Sequence[tuple[int, Seen]], orders: Sequence[Order]) -> FloatArray:
    """Put a tensor's channels in order along each of its axes."""
    for number, seen in stands:
        index = np.arange(tensor.shape[seen.axis])
        index[seen.places] = seen.places[orders[number]]
        tensor = tensor.take(index, seen.axis)
    return tensor
