"""Carry out one growth and leave its record (science 0.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foldscape.engine.base import Memory
from foldscape.errors import NotPossible
from foldscape.events import Grown
from foldscape.growth.base import GrowthRule, NewUnit
from foldscape.net.mlp import Array, Weights, backward, norm_of
from foldscape.net.passes import scores
from foldscape.training.chance import generator, seed_words
from foldscape.training.sharpness import top_eigenvalue
from foldscape.training.subject import Subject

GRID = 64
_MOST_PROBES = 512


@dataclass(frozen=True)
class Birth:
    """A growth, carried out.

    Attributes:
        net: The grown net.
        memory: The optimiser's memory with blanks for the new entries.
        record: What is told of it; it gets its place among the step's events when it is told.
    """

    net: Weights
    memory: Memory
    record: Grown


def grow(subject: Subject, memory: Memory, rule: GrowthRule, number: int, unit_id: int, max_width: int) -> Birth:
    """Add one unit as a rule says.

    Args:
        subject: The run at rest.
        memory: The optimiser's memory.
        rule: Chooses the unit.
        number: Growths before this one; seeds the rule's chance.
        unit_id: Lasting id of the new unit.
        max_width: Width that no layer may pass.

    Raises:
        NotPossible: If the layer does not exist or is full.
    """
    _check(subject.net, rule, max_width)
    chance = generator(subject.spec.seed, "growth", number)
    x, y = subject.split.train_x, subject.split.train_y
    unit = rule.propose(subject.net, x, y, chance)
    grown = subject.net.with_unit(rule.layer, unit.incoming, unit.bias, unit.outgoing)
    record = _record(subject, rule, grown, unit, number, unit_id)
    return Birth(grown, _padded(memory, subject.net, grown), record)


def _check(net: Weights, rule: GrowthRule, max_width: int) -> None:
    depth = len(net.hidden)
    if depth == 0:
        raise NotPossible("This net has no hidden layer to grow.", hint="Start one with at least one hidden layer.")
    if rule.layer >= depth:
        raise NotPossible(
            f"There is no hidden layer {rule.layer + 1}; this net has {depth}.", hint=f"Choose layer 1 to {depth}."
        )
    if net.hidden[rule.layer] >= max_width:
        raise NotPossible(
            f"Hidden layer {rule.layer + 1} has {net.hidden[rule.layer]} units, the limit set for this run.",
            hint="Raise growth.max_width in a new run.",
        )


def _record(subject: Subject, rule: GrowthRule, grown: Weights, unit: NewUnit, number: int, unit_id: int) -> Grown:
    before = subject.net
    grid = probe_grid(subject)
    change = np.abs(_logits_in_order(grown, grid) - _logits_in_order(before, grid)).max()
    losses = [
        scores(net.astype(np.float64), subject.train_columns, subject.split.train_y).loss for net in (before, grown)
    ]
    passed = backward(grown, *subject.probe_points())
    into, out = passed.weight_gradients[rule.layer][-1], passed.weight_gradients[rule.layer + 1][:, -1]
    return Grown(
        step=subject.step,
        seq=-1,
        epoch=subject.epoch,
        method=rule.kind,
        layer=rule.layer,
        unit=unit_id,
        k_new=1,
        parameters_before=before.parameters,
        parameters_after=grown.parameters,
        kept=float(change),
        loss_change=losses[1] - losses[0],
        score=unit.score,
        lambda_before=top_eigenvalue(subject, before),
        lambda_after=top_eigenvalue(subject, grown),
        gradient_norm_new=norm_of([into, passed.bias_gradients[rule.layer][-1:], out]),
        explanation=unit.explanation,
        seed=seed_words(subject.spec.seed, "growth", number),
    )


def probe_grid(subject: Subject) -> np.ndarray:
    """Give the points on which ``kept`` is measured: a grid over the box, or up to 512 training points."""
    if not subject.split.is_plane:
        return subject.split.train_x[:_MOST_PROBES].astype(np.float64)
    x0, x1, y0, y1 = subject.box
    columns, rows = np.meshgrid(np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID))
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def _logits_in_order(net: Weights, x: np.ndarray) -> np.ndarray:
    """Give the outputs in float64, summed term by term: a last term of zero then changes no bit, as it may in BLAS."""
    exact = net.astype(np.float64)
    h: Array = x.astype(np.float64)
    last = len(exact.weights) - 1
    for layer, (w, b) in enumerate(zip(exact.weights, exact.biases, strict=True)):
        z = np.broadcast_to(b, (len(h), len(b))).copy()
        for column in range(h.shape[1]):
            z += h[:, column, None] * w[:, column]
        h = z if layer == last else exact.activate(z)
    return h


def _padded(memory: Memory, before: Weights, after: Weights) -> Memory:
    """Carry the optimiser's memory over: old entries stay, new ones start blank (science 0.7)."""
    shapes = [part.shape for part in after.flat()]

    def pad(parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        out = []
        for part, shape in zip(parts, shapes, strict=True):
            wide = np.zeros(shape, part.dtype)
            wide[tuple(slice(size) for size in part.shape)] = part
            out.append(wide)
        return tuple(out)

    return Memory(*(pad(parts) if parts else () for parts in (memory.first, memory.second, memory.age)))
