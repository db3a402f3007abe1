"""Draw candidates for the blocks of a net, train them while it stands still, and rate them (arXiv 2102.08574)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from foldscape.growth.blocks.candidates import Candidates, structure_of, tensors_of, wide_parts
from foldscape.growth.blocks.drawing import drawn_units
from foldscape.growth.blocks.looking import Sample
from foldscape.growth.blocks.measures import mean_incoming, mean_outgoing, outgoing_of, with_statistics
from foldscape.growth.blocks.site import Site
from foldscape.growth.blocks.widening import named_parts, with_units
from foldscape.growth.fireflies.tuning import DECAY, FIRST, RATE

if TYPE_CHECKING:
    from foldscape.losses import Loss
    from foldscape.net.modular import ModularNet

TINY = 1e-30


class Slopes(NamedTuple):
    """Gradient of the loss by what makes the candidates of one block.

    Attributes:
        moves: By ``Candidates.moves``.
        outgoing: By ``Candidates.outgoing``.
    """

    moves: Tensor
    outgoing: Tensor


def drawn_candidates(site: Site, new: int, eps: float, sample: Sample, rng: np.random.Generator) -> Candidates:
    """Draw the candidates of a block: every unit may split, and new ones have random incoming weights.

    Args:
        site: The block.
        new: New units.
        eps: Bound of what they change, as a share of the mean norms of incoming and outgoing weights.
        sample: Training examples, on which the statistics of the new ones are measured.
        rng: Draws them.

    Returns:
        The candidates; new ones are not read yet.
    """
    net, parts = site.net, named_parts(site.net)
    dtype = torch.from_numpy(np.zeros(0, net.arrays[0].dtype)).dtype
    weight = parts[f"{site.inner}.weight"]
    moves = torch.from_numpy(rng.normal(size=weight.shape)).to(dtype)
    incoming, given = drawn_units(site, new, 1.0, sample, rng)
    reader = parts[f"{site.reader}.weight"]
    none = np.zeros((new, reader.size // site.width))
    wider = with_statistics(site, with_units(site, incoming, outgoing_of(site, none), given), sample)
    rows = {name: torch.tensor(part[site.width :]) for name, part in named_parts(wider).items() if name in site.rows}
    outgoing = torch.zeros((len(reader), new, site.columns, *reader.shape[2:]), dtype=dtype)
    group = Candidates(
        site, torch.arange(site.width), moves, rows.pop(f"{site.inner}.weight"), rows, outgoing
    )  # fmt: skip
    return replace(group, moves=_within(moves, 0, 0.0) * FIRST * eps * mean_incoming(site))


def slopes(net: ModularNet, groups: Sequence[Candidates], sample: Sample, loss: Loss) -> list[Slopes]:
    """Differentiate the mean loss of some examples by what makes the candidates.

    Args:
        net: The network, at rest.
        groups: The candidates.
        sample: The examples.
        loss: What is minimised.

    Returns:
        The gradient, block by block.
    """
    module = net.spec.module(net.shape, net.outputs, structure_of(net, groups)).eval()
    held = [
        replace(group, moves=group.moves.detach().requires_grad_(), outgoing=group.outgoing.detach().requires_grad_())
        for group in groups
    ]
    leaves = [leaf for group in held for leaf in (group.moves, group.outgoing)]
    found = [torch.zeros_like(leaf) for leaf in leaves]
    wide, base = {}, tensors_of(net)
    for part, share in sample.parts():
        wide = wide_parts(base, held)
        mean = loss.mean_of(functional_call(module, wide, (part.x,)), part.y) * share
        torch._foreach_add_(found, torch.autograd.grad(mean, leaves))
    pairs = iter(found)
    return [Slopes(by_moves, by_outgoing) for by_moves, by_outgoing in zip(pairs, pairs, strict=True)]


def trained_candidates(
    net: ModularNet, groups: list[Candidates], eps: float, sample: Sample, loss: Loss, steps: int
) -> list[Candidates]:
    """Lower the loss by all candidates together, each within its bound, by RMSprop.

    Args:
        net: The network, at rest.
        groups: The candidates.
        eps: Their bound, as ``drawn_candidates`` has it.
        sample: The examples.
        loss: What is minimised.
        steps: Updates.

    Returns:
        The candidates after the last update.
    """
    limits = [(eps * mean_incoming(group.site), eps * mean_outgoing(group.site)) for group in groups]
    squares = [Slopes(torch.zeros_like(group.moves), torch.zeros_like(group.outgoing)) for group in groups]
    for step in range(steps):
        for at, found in enumerate(slopes(net, groups, sample, loss)):
            split, new = limits[at]
            kept = DECAY if step else 0.0
            squares[at] = Slopes(*(kept * s + (1 - kept) * g**2 for s, g in zip(squares[at], found, strict=True)))
            moves = groups[at].moves - _step(found.moves, squares[at].moves, 0) * RATE * split
            outgoing = groups[at].outgoing - _step(found.outgoing, squares[at].outgoing, 1) * RATE * new
            groups[at] = replace(groups[at], moves=_within(moves, 0, split), outgoing=_within(outgoing, 1, new))
    return groups


def gains_of(
    net: ModularNet, groups: Sequence[Candidates], sample: Sample, loss: Loss, nodes: int
) -> list[tuple[Tensor, Tensor]]:
    """Give by how much each candidate lowers the loss, to first order along the way on which all are switched on.

    The mean slope of the loss along that way, at n midpoints, times what it changes: so that the gains of all add up
    to the whole decrease.

    Args:
        net: The network, at rest.
        groups: The candidates.
        sample: The examples.
        loss: What is minimised.
        nodes: Midpoints n; 0 takes the slope where all are on for the mean.

    Returns:
        Gains of the units that split and of the new ones, block by block.
    """
    shares = [(2 * k + 1) / (2 * nodes) for k in range(nodes)] or [1.0]
    found = [(torch.zeros(len(group.split)), torch.zeros(len(group.incoming))) for group in groups]
    for share in shares:
        at_share = slopes(net, [group.scaled(share) for group in groups], sample, loss)
        for (split, new), group, slope in zip(found, groups, at_share, strict=True):
            split -= (slope.moves * group.moves).flatten(1).sum(dim=1) / len(shares)
            new -= (slope.outgoing * group.outgoing).movedim(1, 0).flatten(1).sum(dim=1) / len(shares)
    return found


def _step(gradient: Tensor, square: Tensor, axis: int) -> Tensor:
    """Give an update whose part for each candidate, along an axis, has about length 1."""
    entries = gradient.numel() / max(1, gradient.shape[axis])
    step: Tensor = gradient / (square.sqrt() + TINY) / math.sqrt(max(1.0, entries))
    return step


def _within(part: Tensor, axis: int, bound: float) -> Tensor:
    """Shorten what is longer than a bound, each candidate along an axis by itself; bound 0 makes all of length 1."""
    norms = part.movedim(axis, 0).flatten(1).norm(dim=1).clamp_min(TINY)
    factors: Tensor = (bound / norms).clamp_max(1.0) if bound else 1 / norms
    shape = [1] * part.dim()
    shape[axis] = -1
    shorter: Tensor = part * factors.reshape(shape)
    return shorter
