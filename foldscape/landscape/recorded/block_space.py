"""The parameters of a net of blocks over a run, as one space: growth widens blocks and puts new ones between."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.curvature.blocks import block_table
from foldscape.errors import NotPossible
from foldscape.landscape.channels import align_channels
from foldscape.landscape.embedding import Embedded, lived
from foldscape.landscape.recorded.space import Space
from foldscape.net.blocks.channels import channel_groups, channels_of_axes
from foldscape.net.mlp import Weights
from foldscape.net.modular import ModularNet

if TYPE_CHECKING:
    from foldscape.landscape.recorded.moments import RecordedMoment

Unit = int
Placed = tuple[ModularNet, Sequence[np.ndarray]]
"""A net with the lasting ids of its units, one (width,) array a block that has inner ones."""


class BlockSpace(Space):
    """A net of blocks: a block of the table a tensor, inner units known by their lasting ids."""

    def blocks(self, net: Weights) -> tuple[Block, ...]:
        """Give a block a tensor, called as in the net."""
        net = cast(ModularNet, net)
        return block_table(zip(net.names, (part.shape for part in net.flat()), strict=True))

    def beginning(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> int:
        """Give the first moment after which no block was replaced."""
        final = _placed(moments[-1])
        for index in range(len(moments) - 2, -1, -1):
            try:
                self._places(_placed(moments[index]), final)
            except NotPossible:
                return index + 1
        return 0

    def path(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> Embedded:
        """Lay the moments into the space of the last, unit by unit."""
        final = _placed(moments[-1])
        thetas = np.zeros((len(moments), final[0].parameters))
        is_known = np.zeros(thetas.shape, bool)
        for row, known, moment in zip(thetas, is_known, moments, strict=True):
            places = self._places(_placed(moment), final)
            row[places], known[places] = moment.theta, True
        return lived(thetas, is_known, [one.moment.step for one in moments], self.blocks(final[0]))

    def why_not_ordered(self, net: Weights) -> str:
        """Say which layer keeps channels from being put in another order; empty where none does."""
        try:
            channel_groups(cast(ModularNet, net).plan)
        except NotPossible as error:
            return str(error)
        except ValueError:
            return f"The blocks of {net.can.words} are not known, so that their units keep their order."
        return ""

    def aligned(self, net: Weights, other: Weights) -> Vector:
        """Give another net's vector with its channels in the order that matches best."""
        return align_channels(cast(ModularNet, net), cast(ModularNet, other)).net.vector()

    def _places(self, moment: Placed, final: Placed) -> np.ndarray:
        """Give for each parameter of a moment its index in the final vector."""
        table = {block.name: block for block in self.blocks(final[0])}
        if moment[0].makeup == final[0].makeup and all(map(np.array_equal, moment[1], final[1])):
            return np.arange(final[0].parameters)
        names, (own, its) = _blocks_of(moment, final), (_units_of_axes(one) for one in (moment, final))
        found = []
        for name, part in zip(moment[0].names, moment[0].flat(), strict=True):
            block, _, tensor = name.partition(".")
            into = table.get(f"{names.get(block, block)}.{tensor}")
            if into is None:
                raise _lost(name)
            axes = []
            for axis, size in enumerate(part.shape):
                units = own.get((name, axis)), its.get((into.name, axis))
                axes.append(_found(name, units[0], units[1]) if units[0] is not None else np.arange(size))
                if axes[-1].max(initial=-1) >= into.shape[axis] or (units[0] is None and size != into.shape[axis]):
                    raise _lost(name)
            found.append(into.offset + np.arange(into.numel).reshape(into.shape)[np.ix_(*axes)].ravel())
        return np.concatenate(found)


def _placed(moment: RecordedMoment) -> Placed:
    return cast(ModularNet, moment.net), moment.moment.units


def _with_inner(net: ModularNet) -> list[str]:
    return [block.name for block in net.plan.blocks if block.inner]


def _blocks_of(moment: Placed, final: Placed) -> dict[str, str]:
    """Give the final name of each block with inner units: that which shares some of them."""
    later = list(zip(_with_inner(final[0]), final[1], strict=True))
    names = {}
    for name, units in zip(_with_inner(moment[0]), moment[1], strict=True):
        into = next((its for its, ids in later if np.isin(units, ids).any()), None)
        if into is None:
            raise _lost(name)
        names[name] = into
    return names


def _units_of_axes(placed: Placed) -> dict[tuple[str, int], list[Unit]]:
    """Give the lasting id of each entry of the axes along which inner units of a block stand."""
    net, units = placed
    axes, ids = channels_of_axes(net.plan), dict[int, Unit]()
    for block, own in zip((each for each in net.plan.blocks if each.inner), units, strict=True):
        channels = axes[f"{block.name}.{block.inner}.weight", 0]
        ids |= dict(zip(channels.tolist(), map(int, own), strict=True))
    return {axis: [ids[one] for one in channels.tolist()] for axis, channels in axes.items() if int(channels[0]) in ids}


def _found(name: str, units: Sequence[Unit], among: Sequence[Unit] | None) -> np.ndarray:
    """Give the entry of each unit among others; the entries of a unit keep their order."""
    entries: dict[Unit, list[int]] = {}
    for place, unit in enumerate(among or ()):
        entries.setdefault(unit, []).append(place)
    taken: dict[Unit, int] = {}
    places = []
    for unit in units:
        place = taken.setdefault(unit, 0)
        if place >= len(entries.get(unit, ())):
            raise _lost(name)
        places.append(entries[unit][place])
        taken[unit] += 1
    return np.array(places, np.int64)


def _lost(name: str) -> NotPossible:
    return NotPossible(
        f"The net once had a part of {name} that it no longer has.",
        hint="Start the path after the blocks were changed, or end it before the growth was taken back.",
    )
