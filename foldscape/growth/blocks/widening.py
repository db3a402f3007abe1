"""Add units inside a block: arrays with old entries first, and what the optimiser is to make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.base import Change, CopyPairs
from foldscape.growth.blocks.site import Site, named_shapes

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

Parts = dict[str, FloatArray]
"""Parameters and buffers of a net by their full names."""

_BLANK = {"weight": 1.0, "running_var": 1.0}
"""What a new channel of a normalisation starts with, where that is not 0."""


def named_parts(net: ModularNet) -> Parts:
    """Give a net's parameters and buffers by their full names."""
    return {name: part for (name, _), part in zip(named_shapes(net.plan), (*net.arrays, *net.buffers), strict=True)}


def net_with(net: ModularNet, structure: Any, parts: Mapping[str, FloatArray]) -> ModularNet:
    """Give the net of another structure, with these parameters and buffers."""
    grown = replace(net, structure=structure)
    names = [name for name, _ in named_shapes(grown.plan)]
    dtype, trained = net.arrays[0].dtype, len(grown.plan.tensors)
    arrays = tuple(np.ascontiguousarray(parts[name], dtype) for name in names)
    return replace(grown, arrays=arrays[:trained], buffers=arrays[trained:])


def with_units(site: Site, incoming: FloatArray, outgoing: FloatArray, given: Mapping[str, FloatArray]) -> ModularNet:
    """Add units at the end of a block's others.

    Args:
        site: Where.
        incoming: (new, ...) weights into each, as the inner layer has them.
        outgoing: (outputs, new · columns, ...) weights out of them, as the reader has them.
        given: Rows of other arrays for the new units, by full name; else channels of a normalisation start with
            factor 1, shift 0, mean 0 and variance 1, and all others with 0.

    Returns:
        The wider net; what it had before stands first in every array.
    """
    new, parts = len(incoming), named_parts(site.net)
    rows = {f"{site.inner}.weight": incoming, **given}
    for name in site.rows:
        old = parts[name]
        more = rows.get(name)
        if more is None:
            layer, _, part = name.rpartition(".")
            more = np.full((new, *old.shape[1:]), _BLANK.get(part, 0.0) if layer in site.norms else 0.0)
        parts[name] = np.concatenate([old, more])
    read = f"{site.reader}.weight"
    parts[read] = np.concatenate([parts[read], outgoing], axis=1)
    return net_with(site.net, site.wider(new), parts)


def copied_units(site: Site, parents: Sequence[int]) -> ModularNet:
    """Add copies of units at the end of a block's others; a unit and its copies share the outgoing weights equally.

    Args:
        site: Where.
        parents: The unit that each new one copies.

    Returns:
        The wider net; it computes the same function, with the batch's statistics as well as with the running ones.
    """
    chosen, parts = np.asarray(parents, int), named_parts(site.net)
    for name in site.rows:
        parts[name] = np.concatenate([parts[name], parts[name][chosen]])
    read = f"{site.reader}.weight"
    old = parts[read]
    by_unit = old.reshape(len(old), site.width, site.columns, *old.shape[2:])
    shared = 1 + np.bincount(chosen, minlength=site.width).astype(old.dtype)
    by_unit = by_unit / shared.reshape(1, -1, *[1] * (by_unit.ndim - 2))
    wide = np.concatenate([by_unit, by_unit[:, chosen]], axis=1)
    parts[read] = wide.reshape(len(old), -1, *old.shape[2:])
    return net_with(site.net, site.wider(len(chosen)), parts)


def change_to(
    site: Site, grown: ModularNet, score: float, explanation: dict[str, Any], parents: Mapping[int, int] | None = None
) -> Change:
    """Give the change to a net that is wider at one place or at several.

    Args:
        site: The first place.
        grown: The wider net.
        score: The rule's own criterion.
        explanation: What the rule looked at.
        parents: Of that place's new units that are copies, counted among the new, the unit each copies.

    Returns:
        The change.
    """
    copies, read = copies_at(site, parents or {})
    return widened_to(site.net, grown, site.layer, score, explanation, copies, read)


def widened_to(
    net: ModularNet,
    grown: ModularNet,
    layer: int,
    score: float,
    explanation: dict[str, Any],
    copies: Mapping[int, CopyPairs],
    read: Mapping[int, CopyPairs],
) -> Change:
    """Give the change from a net to a wider one of the same blocks; see ``Change`` for the rest."""
    return Change(
        grown,
        tuple(range(1 + net.plan.tensors[-1].layer)),
        layer,
        sum(grown.hidden) - sum(net.hidden),
        score,
        explanation | costs(net, grown),
        units_from=tuple(range(len(net.hidden))),
        copies=copies,
        copies_read=read,
    )


def copies_at(site: Site, parents: Mapping[int, int]) -> tuple[dict[int, CopyPairs], dict[int, CopyPairs]]:
    """Name copies as ``Change`` does: rows that are copies, and columns that read them, by layer."""
    if not parents:
        return {}, {}
    pairs = tuple((site.width + new, old) for new, old in parents.items())
    layers = {tensor.name: tensor.layer for tensor in site.net.plan.tensors}
    rows = {layers[name]: pairs for name in site.rows if name in layers}
    places = range(site.columns)
    columns = tuple((new * site.columns + p, old * site.columns + p) for new, old in pairs for p in places)
    return rows, {layers[f"{site.reader}.weight"]: columns}


def costs(before: ModularNet, after: ModularNet) -> dict[str, Any]:
    """Tell what a growth costs: multiplications of a sample's way forward before and after."""
    return {"multiplications": [before.plan.multiplications, after.plan.multiplications]}
