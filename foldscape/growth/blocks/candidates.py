"""Candidates of a Firefly growth around a net of blocks: units that split and new ones, all switched on a little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from foldscape.growth.blocks.site import Site, structure_with
from foldscape.growth.blocks.widening import named_parts, net_with

if TYPE_CHECKING:
    from foldscape.net.blocks.plan import Structure
    from foldscape.net.modular import ModularNet


@dataclass(frozen=True)
class Candidates:
    """The candidates of one block.

    Attributes:
        site: Where they stand.
        split: The units that split, (splits,).
        moves: What is added to the incoming weights of one half and taken from those of the other, (splits, ...).
        incoming: Incoming weights of the new units, (new, ...).
        given: Rows of other arrays for the new units, by full name.
        outgoing: Weights out of the new units, (outputs, new, columns, ...).
    """

    site: Site
    split: Tensor
    moves: Tensor
    incoming: Tensor
    given: dict[str, Tensor]
    outgoing: Tensor

    def scaled(self, share: float) -> Candidates:
        """Give them switched on by a share only."""
        return replace(self, moves=share * self.moves, outgoing=share * self.outgoing)

    def only(self, split: Sequence[int], new: Sequence[int]) -> Candidates:
        """Give some of them, by their numbers."""
        halves, units = torch.tensor(split, dtype=torch.long), torch.tensor(new, dtype=torch.long)
        given = {name: rows[units] for name, rows in self.given.items()}
        return Candidates(
            self.site, self.split[halves], self.moves[halves], self.incoming[units], given, self.outgoing[:, units]
        )

    @property
    def units(self) -> int:
        """Units that the block gets."""
        return len(self.split) + len(self.incoming)


def wide_parts(parts: dict[str, Tensor], groups: Sequence[Candidates]) -> dict[str, Tensor]:
    """Give parameters and buffers of the net with candidates.

    Behind the old units of a block stand the other halves of those that split, then the new ones.

    Args:
        parts: Those of the net, by full name.
        groups: The candidates of each block.

    Returns:
        Those of the wide net; differentiable by what is added and by weights out of new units.
    """
    wide, origins = dict(parts), {}
    for group in groups:
        _add_rows(wide, group)
        width = torch.arange(group.site.width)
        origins[group.site.inner] = torch.cat([width, group.split, torch.full((len(group.incoming),), -1)])
    for group in groups:
        _add_columns(wide, group, origins.get(group.site.reader))
    return wide


def structure_of(net: ModularNet, groups: Sequence[Candidates]) -> Structure:
    """Give the structure of the net with candidates."""
    structure = net.structure
    for group in groups:
        structure = structure_with(structure, group.site.layer, group.units)
    return structure


def grown_by(net: ModularNet, groups: Sequence[Candidates]) -> ModularNet:
    """Give the net with candidates."""
    wide = wide_parts(tensors_of(net), groups)
    return net_with(net, structure_of(net, groups), {name: part.detach().numpy() for name, part in wide.items()})


def tensors_of(net: ModularNet) -> dict[str, Tensor]:
    """Give copies of a net's parameters and buffers by their full names."""
    return {name: torch.tensor(part) for name, part in named_parts(net).items()}


def _add_rows(wide: dict[str, Tensor], group: Candidates) -> None:
    site, split = group.site, group.split
    weight = f"{site.inner}.weight"
    for name in site.rows:
        part = wide[name]
        if name == weight:
            moved = part.index_add(0, split, group.moves)
            wide[name] = torch.cat([moved, part[split] - group.moves, group.incoming])
        else:
            wide[name] = torch.cat([part, part[split], group.given[name]])


def _add_columns(wide: dict[str, Tensor], group: Candidates, origins: Tensor | None) -> None:
    """Let the reader read the units; rows of units that are new themselves read old ones only."""
    site, name = group.site, f"{group.site.reader}.weight"
    part, outgoing = wide[name], group.outgoing
    by_unit = part.reshape(len(part), site.width, site.columns, *part.shape[2:])
    shares = torch.ones(site.width, dtype=part.dtype)
    shares[group.split] = 0.5
    by_unit = by_unit * shares.reshape(1, -1, *[1] * (by_unit.dim() - 2))
    if origins is not None:
        old = (origins >= 0).to(part.dtype).reshape(-1, *[1] * (outgoing.dim() - 1))
        outgoing = outgoing[origins.clamp_min(0)] * old
    joined = torch.cat([by_unit, by_unit[:, group.split], outgoing], dim=1)
    wide[name] = joined.reshape(len(part), -1, *part.shape[2:])
