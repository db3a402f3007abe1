r"""What each candidate is worth: the mean slope of the loss along its own ε (Wu et al. 2021, arXiv 2102.08574).

    s = 1/ε̃ ∫ ∂L/∂ζ dζ from 0 to ε̃, the candidate at ζ and all others at ε̃

so that ε̃ s = L(ε̃) - L(ε̃ without it), which the midpoint rule gives with n slopes. From the layer on that a candidate
touches, value and derivative by ζ are carried forward together, for many candidates side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.fireflies.swarm import LayerPass, LossAndErrors, Swarm

CandidateKind = Literal["split", "new", "deep"]
KINDS: tuple[CandidateKind, ...] = ("split", "new", "deep")
MOST_ENTRIES = 500_000
"""Numbers in an array of candidates side by side; more would only fill the memory."""


@dataclass(frozen=True)
class Dual:
    """A difference from the net with all ε̃, and its derivative by ζ; both (candidates, N, width)."""

    value: FloatArray
    slope: FloatArray

    def through(self, matrix: FloatArray) -> Dual:
        """Apply a matrix (fan_out, width)."""
        return Dual(self.value @ matrix.T, self.slope @ matrix.T)

    def plus(self, other: Dual) -> Dual:
        """Add another."""
        return Dual(self.value + other.value, self.slope + other.slope)


def gains(
    swarm: Swarm, x: FloatArray, y: Any, objective: LossAndErrors, nodes: int
) -> list[dict[CandidateKind, FloatArray]]:
    """Give -ε̃ s of every candidate, the decrease of the loss that it is worth.

    Args:
        swarm: Net and candidates.
        x: (N, d) inputs.
        y: What the objective compares the outputs with.
        objective: The loss.
        nodes: Midpoints n; 0 takes the slope at ε̃ itself for the mean.

    Returns:
        For each hidden layer one array a kind of candidate.
    """
    if not nodes:
        slopes = swarm.gradients(x, y, objective)
        return [
            {kind: -getattr(group, kind) * getattr(slope, kind) for kind in KINDS}
            for group, slope in zip(swarm.groups, slopes, strict=True)
        ]
    tail = _Tail(swarm, *swarm.forward(x), y, objective)
    return [
        {kind: -group.parts()[kind] * _mean_slopes(tail, at, kind, nodes) for kind in KINDS}
        for at, group in enumerate(swarm.groups)
    ]


def _mean_slopes(tail: _Tail, at: int, kind: CandidateKind, nodes: int) -> FloatArray:
    units = len(tail.swarm.groups[at].parts()[kind])
    widest = max(len(bias) for bias in tail.swarm.net.biases[at + 1 :])
    at_once = max(1, MOST_ENTRIES // (len(tail.outputs) * widest))
    mean = np.zeros(units)
    for first in range(0, units, at_once):
        chosen = np.arange(first, min(first + at_once, units))
        for node in range(nodes):
            share = (2 * node + 1) / (2 * nodes)
            mean[chosen] += tail.slopes(at, kind, chosen, share) / nodes
    return mean


@dataclass(frozen=True)
class _Tail:
    """The net from any layer on."""

    swarm: Swarm
    layers: list[LayerPass]
    outputs: FloatArray
    y: Any
    objective: LossAndErrors

    def slopes(self, at: int, kind: CandidateKind, chosen: np.ndarray, share: float) -> FloatArray:
        """Give ∂L/∂ζ of candidates of one layer and kind at ζ = share ε̃, (candidates,)."""
        reads = self._entered(at, kind, chosen, share)
        for layer in range(at + 1, len(self.layers)):
            reads = self._passed(layer, reads)
        errors = self.objective(self.outputs + reads.value, self.y)[1]
        slopes: FloatArray = np.einsum("cnk,cnk->c", errors, reads.slope) / len(self.outputs)
        return slopes

    def _entered(self, at: int, kind: CandidateKind, chosen: np.ndarray, share: float) -> Dual:
        """Give what the next layer's units weigh up otherwise."""
        group, layer = self.swarm.groups[at], self.layers[at]
        if kind == "new":
            reads = _outer(layer.new_h[:, chosen], (share - 1) * group.new[chosen], group.new_out[chosen])
            blank = np.zeros((*reads.value.shape[:2], self._readers(at).shape[0] - reads.value.shape[2]))
            return Dual(*(np.concatenate([part, blank], axis=2) for part in (reads.value, reads.slope)))
        if kind == "deep":
            towards = group.deep_out[chosen] @ self._readers(at).T
            return _outer(layer.deep_h[:, chosen], (share - 1) * group.deep[chosen], towards)
        net, z, moved = self.swarm.net, layer.z[:, chosen], layer.moved[:, chosen]
        shift = share * group.split[chosen] * moved
        value = (net.activate(z + shift) + net.activate(z - shift)) / 2 - layer.h[:, chosen]
        slope = (net.derivative(z + shift) - net.derivative(z - shift)) * moved / 2
        alone = Dual(*(np.ascontiguousarray(part.T)[:, :, None] for part in (value, slope)))
        reads = _along(alone, self._readers(at)[:, chosen].T)
        if not len(group.deep):
            return reads
        deep = self._switched(_along(alone, group.deep_in[:, chosen].T), layer.deep_z, layer.deep_h)
        return reads.plus(deep.through(self._readers(at) @ (group.deep[:, None] * group.deep_out).T))

    def _passed(self, at: int, reads: Dual) -> Dual:
        """Carry a difference in what a hidden layer weighs up to what the next one does."""
        net, group, layer = self.swarm.net, self.swarm.groups[at], self.layers[at]
        width = layer.z.shape[1]
        cut = [slice(0, width), slice(width, 2 * width), slice(2 * width, None)]
        by_z, by_moved, by_new = (Dual(reads.value[:, :, part], reads.slope[:, :, part]) for part in cut)
        z, shift = layer.z + by_z.value, group.split * (layer.moved + by_moved.value)
        aside = group.split * by_moved.slope
        plus, minus = z + shift, z - shift
        h = Dual(
            (net.activate(plus) + net.activate(minus)) / 2 - layer.h,
            (net.derivative(plus) * (by_z.slope + aside) + net.derivative(minus) * (by_z.slope - aside)) / 2,
        )
        stream = h
        if len(group.deep):
            deep = self._switched(h.through(group.deep_in[:, :-1]), layer.deep_z, layer.deep_h)
            stream = h.plus(deep.through((group.deep[:, None] * group.deep_out).T))
        onwards = stream.through(self._readers(at))
        if len(group.new):
            added = self._switched(by_new, layer.new_z, layer.new_h).through((group.new[:, None] * group.new_out).T)
            onwards.value[:, :, : added.value.shape[2]] += added.value
            onwards.slope[:, :, : added.slope.shape[2]] += added.slope
        return onwards

    def _switched(self, by_z: Dual, z: FloatArray, h: FloatArray) -> Dual:
        net, moved = self.swarm.net, z + by_z.value
        return Dual(net.activate(moved) - h, net.derivative(moved) * by_z.slope)

    def _readers(self, at: int) -> FloatArray:
        """Give all rows that read the stream behind a hidden layer: the units', their δ's, and the new units'."""
        weight = self.swarm.net.weights[at + 1]
        if at + 1 == len(self.layers):
            return weight
        group = self.swarm.groups[at + 1]
        return np.vstack([weight, group.split_by[:, :-1], group.new_in[:, :-1]])


def _outer(outputs: FloatArray, amounts: FloatArray, towards: FloatArray) -> Dual:
    """Give the difference that outputs (N, c) make when c candidates add amounts of them along vectors (c, width)."""
    slope = outputs.T[:, :, None] * towards[:, None, :]
    return Dual(amounts[:, None, None] * slope, slope)


def _along(alone: Dual, towards: FloatArray) -> Dual:
    """Spread differences (c, N, 1) along vectors (c, width)."""
    return Dual(alone.value * towards[:, None, :], alone.slope * towards[:, None, :])
