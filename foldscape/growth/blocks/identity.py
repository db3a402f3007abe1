"""A residual block that adds nothing yet (Chen et al. 2016, arXiv 1511.05641; zero last factor: arXiv 1706.02677)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, check_layer
from foldscape.growth.blocks.looking import sample_of, statistics_of
from foldscape.growth.blocks.widening import costs, named_parts, net_with
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.block import NetBlock
from foldscape.net.blocks.normalisation import BatchNormLayer

if TYPE_CHECKING:
    from foldscape.growth.blocks.widening import Parts
    from foldscape.growth.deepen_identity import IdentityLayer
    from foldscape.net.blocks.plan import NetPlan, Structure
    from foldscape.net.modular import ModularNet

IDEMPOTENT = ("relu", "relu6")
"""Activations that change nothing of what has passed them once."""
MOST_BLOCKS = 128
"""Blocks that a net does not grow beyond."""


def block_added(rule: IdentityLayer, net: ModularNet, scene: Scene, rng: np.random.Generator) -> Change:
    """Add a residual block behind another, of the same inner width, whose last weights are zero.

    Those are the factors of its last normalisation, or where it has none the weights of its last layer. What comes
    leaves it as it came, bit for bit, with a batch's statistics as well as with the running ones.

    Args:
        rule: Behind which block.
        net: The network.
        scene: Its data, on which the statistics of the new block are measured.
        rng: Draws the block's other weights.

    Returns:
        The change.

    Raises:
        NotPossible: If the net's blocks have no way around them, or change what passes them twice.
    """
    check_layer(net, rule.after)
    if len(net.hidden) >= MOST_BLOCKS:
        raise NotPossible(f"The net has {len(net.hidden)} blocks, the limit.", hint="Add units instead of blocks.")
    structure = structure_behind(net.structure, rule.after)
    plan = net.spec.plan(net.shape, net.outputs, structure)
    at = _place(net.plan, rule.after) + 1
    block = plan.blocks[at]
    _check(net, block)
    origins = {new.name: old.name for new, old in zip(plan.blocks[:at], net.plan.blocks[:at], strict=True)}
    origins |= {new.name: old.name for new, old in zip(plan.blocks[at + 1 :], net.plan.blocks[at:], strict=True)}
    fresh = _fresh(plan, block, rng)
    silent = [name for name in fresh if not name.rpartition(".")[2].startswith("running")][-_last_tensors(block) :]
    fresh |= {
        name: rule.noise * rng.normal(size=fresh[name].shape) if rule.noise else 0 * fresh[name] for name in silent
    }
    old = named_parts(net)
    kept = {f"{new}.{name.partition('.')[2]}": part for new, origin in origins.items() for name, part in old.items()
            if name.partition(".")[0] == origin}  # fmt: skip
    grown = net_with(net, structure, kept | fresh)
    norms = tuple(f"{block.name}.{name}" for name, layer in block.layers if isinstance(layer, BatchNormLayer))
    if norms:
        told = statistics_of(grown, norms, sample_of(net, scene, rng))
        grown = net_with(grown, structure, named_parts(grown) | told)
    width = grown.hidden[rule.after + 1]
    explanation = {"after": rule.after, "width": width, "noise": float(rule.noise)} | costs(net, grown)
    units_from = (*range(rule.after + 1), None, *range(rule.after + 1, len(net.hidden)))
    return Change(
        grown, _came_from(net.plan, plan, origins), rule.after + 1, width, 0.0, explanation, units_from=units_from
    )


def structure_behind(structure: Structure, after: int) -> Structure:
    """Give a structure with one more block behind another, as wide inside.

    Args:
        structure: Inner widths of the blocks of each stage.
        after: Which block, from 0, stage by stage.

    Returns:
        The structure.

    Example:
        >>> structure_behind(((8, 9), (16,)), 1)
        ((8, 9, 9), (16,))
    """
    count, found = 0, []
    for stage in structure:
        place = after - count
        found.append((*stage[: place + 1], stage[place], *stage[place + 1 :]) if 0 <= place < len(stage) else stage)
        count += len(stage)
    return tuple(found)


def _place(plan: NetPlan, layer: int) -> int:
    """Give the number of a block with inner units among all blocks."""
    return [number for number, block in enumerate(plan.blocks) if block.inner][layer]


def _check(net: ModularNet, block: NetBlock) -> None:
    if block.shortcut != ():
        raise NotPossible(
            f"Blocks of {net.can.plural} have no way around them, so none can be added that changes nothing.",
            hint="Add units to a block, or start with a residual net.",
        )
    for _, layer in block.after:
        if isinstance(layer, ActivationLayer) and layer.function not in IDEMPOTENT:
            raise NotPossible(
                f"What leaves a block passes {layer.function}, which changes what passes it twice.",
                hint="Start a net with relu.",
            )


def _fresh(plan: NetPlan, block: NetBlock, rng: np.random.Generator) -> Parts:
    """Draw the parameters and buffers of a block, by their full names."""
    found: Parts = {}
    for name, layer, _ in plan.layers:
        if name.partition(".")[0] == block.name:
            drawn = zip(layer.tensors(), layer.first(rng), strict=True) if layer.tensors() else ()
            found |= {f"{name}.{tensor}": array for tensor, array in drawn}
            found |= {
                f"{name}.{kept}": array for kept, array in zip(layer.buffers(), layer.first_buffers(), strict=True)
            }
    return found


def _last_tensors(block: NetBlock) -> int:
    """Count the tensors of the last layer of a block that has any."""
    return [len(layer.tensors()) for _, layer in block.layers if layer.tensors()][-1]


def _came_from(before: NetPlan, after: NetPlan, origins: dict[str, str]) -> tuple[int | None, ...]:
    """Give for each layer of the new plan the old one that goes on in it."""
    numbers = {tensor.name.rpartition(".")[0]: tensor.layer for tensor in before.tensors}
    found: dict[int, int | None] = {}
    for tensor in after.tensors:
        block, _, rest = tensor.name.rpartition(".")[0].partition(".")
        found[tensor.layer] = numbers[f"{origins[block]}.{rest}"] if block in origins else None
    return tuple(found.values())
