"""Carry out one growth and leave its record (docs/reference/events.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.chance import seed_words
from foldscape.engine.base import Memory
from foldscape.errors import NotPossible
from foldscape.events import Grown
from foldscape.growth.base import Change, GrowthRule
from foldscape.growth.folds.gain import predicted_gain
from foldscape.growth_spec import Growth
from foldscape.net.mlp import Weights, backward, norm_of
from foldscape.net.passes import scores
from foldscape.probes.measuring.moment import top_eigenvalue
from foldscape.subject import Subject
from foldscape.training.carried import fresh_parts, memory_after, units_after

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

GRID = 64
_MOST_PROBES = 512
_FEW = 256
"""Training points on which the record of a growth of blocks is measured: more would take longer than to grow."""
_SAME = 1e-6


@dataclass(frozen=True)
class Birth:
    """A growth, carried out.

    Attributes:
        net: The grown net.
        memory: The optimiser's memory with blanks for the new entries.
        units: Lasting ids of its units, one (width,) array a hidden layer.
        born: Number of ids that were not there before.
        record: What is told of it; it gets its place among the step's events when it is told.
    """

    net: Weights
    memory: Memory
    units: list[np.ndarray]
    born: int
    record: Grown


def grow(
    subject: Subject, memory: Memory, rule: GrowthRule, change: Change, number: int, next_unit: int, limits: Growth
) -> Birth:
    """Carry out what a rule worked out.

    Args:
        subject: The run at rest.
        memory: The optimiser's memory.
        rule: The rule.
        change: What it makes of the net.
        number: Growths before this one; seeded the rule's chance.
        next_unit: First lasting id that is free.
        limits: Width and depth that may not be passed.

    Returns:
        What was born, and the net and memory after it.

    Raises:
        NotPossible: If the grown net passes a limit, or the new fold is there already.
    """
    _check(subject.net, change, limits)
    units = units_after(subject.units, change, next_unit)
    born = sum(int((ids >= next_unit).sum()) for ids in units)
    record = _record(subject, rule, change, number, next_unit if born else -1)
    return Birth(change.net, memory_after(memory, subject.net, change, subject.terms), units, born, record)


def _check(before: Weights, change: Change, limits: Growth) -> None:
    can, hidden = change.net.can, change.net.hidden
    if not can.layered and can.grown_as != "blocks":
        return
    if can.layered and len(hidden) > max(limits.max_depth, len(before.hidden)):
        raise NotPossible(
            f"The net would have {len(hidden)} hidden layers; the limit set for this run is {limits.max_depth}.",
            hint="Raise growth.max_depth.",
        )
    most = limits.max_width if can.layered else limits.most_in_blocks
    if hidden and max(hidden) > max((most, *before.hidden)):
        place = "hidden layer" if can.layered else "block"
        raise NotPossible(
            f"A {place} would have {max(hidden)} units; the limit set for this run is {most}.",
            hint="Raise growth.max_width.",
        )
    if can.layered and _is_there_already(change):
        raise NotPossible(
            "This very fold is there already: the net has just grown it.", hint="Let it train, or lay another fold."
        )


def _is_there_already(change: Change) -> bool:
    """Whether the new unit has the fold of another unit whose outgoing weights are zero as well: a press too many."""
    if change.k_new != 1 or len(change.came_from) != len(set(change.came_from)) or None in change.came_from:
        return False
    net, layer = change.net, change.layer
    rows = np.hstack([net.weights[layer], net.biases[layer][:, None]]).astype(np.float64)
    idle = ~net.weights[layer + 1][:, :-1].any(axis=0)
    size = np.linalg.norm(rows[-1])
    return bool(size and (idle & (np.linalg.norm(rows[:-1] - rows[-1], axis=1) <= _SAME * size)).any())


def gain_of_change(subject: Subject, change: Change) -> float | None:
    """Give the predicted gain of a change that adds one unit to a layer that goes on, else ``None``.

    Args:
        subject: The run at rest.
        change: What becomes of its net.

    Returns:
        The gain, in units of the loss.
    """
    if (
        not subject.loss.is_softmax
        or not change.net.can.layered
        or change.k_new != 1
        or change.came_from != tuple(range(len(subject.net.weights)))
    ):
        return None
    net, layer = change.net, change.layer
    if not net.weights[layer][-1].any():
        return None
    x, y = subject.split.train_x, subject.split.train_y
    return predicted_gain(subject.net, layer, net.weights[layer][-1], float(net.biases[layer][-1]), x, y)


def _record(subject: Subject, rule: GrowthRule, change: Change, number: int, unit: int) -> Grown:
    before, after = subject.net, change.net
    grid = probe_grid(subject)
    moved = np.abs(after.logits_in_order(grid) - before.logits_in_order(grid)).max()
    losses = [_loss(subject, net) for net in (before, after)]
    gradients = _gradients(subject, after)
    modular = before.can.grown_as == "blocks"
    return Grown(
        step=subject.step,
        seq=-1,
        epoch=subject.epoch,
        method=rule.kind,
        layer=change.layer,
        unit=unit,
        k_new=change.k_new,
        parameters_before=before.parameters,
        parameters_after=after.parameters,
        kept=float(moved),
        loss_change=losses[1] - losses[0],
        score=change.score,
        lambda_before=_sharpness(subject, before),
        lambda_after=_sharpness(subject, after),
        gradient_norm_new=norm_of(fresh_parts(gradients, before, change)),
        gain=gain_of_change(subject, change),
        explanation=change.explanation,
        seed=seed_words(subject.seed, "growth", number),
        kept_in_training=_moved_in_training(subject, before, after) if modular and after.is_normed else None,
        flops_before=before.flops_per_sample if modular else None,
        flops_after=after.flops_per_sample if modular else None,
    )


def _loss(subject: Subject, net: Weights) -> float:
    """Give the training loss, of a chain in double precision; of blocks on a few points."""
    if net.can.grown_as != "blocks":
        return scores(net.astype(np.float64), subject.train_columns, subject.split.train_y, subject.loss).loss
    x, y = _few_points(subject)
    return float(subject.loss.values(net.logits(x).astype(np.float64), y).mean())


def _few_points(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    x, y = subject.probe_points()
    apart = max(1, len(y) // _FEW)
    return x[::apart][:_FEW], y[::apart][:_FEW]


def _gradients(subject: Subject, net: Weights) -> tuple[FloatArray, ...]:
    """Differentiate the mean loss by each parameter array, at rest; of blocks on a few points only."""
    if net.can.grown_as != "blocks":
        return backward(net, *subject.probe_points(), subject.loss.error).gradients
    (x, y), parts = _few_points(subject), net.flat()
    flat = np.split(scores(net, x.T, y, subject.loss).gradient, np.cumsum([part.size for part in parts])[:-1])
    return tuple(found.reshape(part.shape) for found, part in zip(flat, parts, strict=True))


def _sharpness(subject: Subject, net: Weights) -> float:
    """Give the largest Hessian eigenvalue; of nets of blocks, which take longer for it than to grow, NaN."""
    return math.nan if net.can.grown_as == "blocks" else top_eigenvalue(subject, net)


def _moved_in_training(subject: Subject, before: Weights, after: Weights) -> float:
    """Give the largest change of the function on some training points that are normalised as one batch."""
    from foldscape.net.blocks.modules.passing import outputs_of_batch

    x = _few_points(subject)[0]
    was, now = (outputs_of_batch(cast("ModularNet", net), x) for net in (before, after))
    return float(np.abs(np.subtract(now, was)).max())


def probe_grid(subject: Subject) -> np.ndarray:
    """Give the points on which ``kept`` is measured: a grid over the box, or 512 training points at most."""
    if not subject.split.is_plane:
        points = (
            _few_points(subject)[0] if subject.net.can.grown_as == "blocks" else subject.split.train_x[:_MOST_PROBES]
        )
        return points.astype(np.float64)
    x0, x1, y0, y1 = subject.box
    columns, rows = np.meshgrid(np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID))
    return np.stack([columns.ravel(), rows.ravel()], axis=1)
