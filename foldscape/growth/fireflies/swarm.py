r"""A net with candidates all over it, each switched on by its own ε (Wu et al. 2021, arXiv 2102.08574).

Hidden layer l reads the stream s (the inputs, for the first) with its weights and biases θ:

    z = θ·s̃ + Σⱼ εⱼ gⱼ uⱼ             the sum over the new units of the layer before
    h = ½ [σ(z + ε δ·s̃) + σ(z - ε δ·s̃)]  each unit, one ε and δ each: it splits
    g = σ(δ·s̃)                          new units
    s' = h + Σⱼ εⱼ σ(δⱼ·h̃) uⱼ           a new layer, added on to what passes by

with s̃ = (s, 1). With all ε zero it is the net itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.growth.splits.matrix import with_one

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights

LossAndErrors = Callable[[Any, Any], tuple[Any, Any]]
"""Outputs (..., N, K) and what they should be, to the loss of each example (..., N) and its gradient (..., N, K), as
``Loss.both`` gives them."""


@dataclass(frozen=True)
class CandidateGroup:
    """Candidates at one hidden layer: every unit, k new ones, and q of a new layer behind it.

    Attributes:
        split: (width,) ε of the units that split.
        split_by: (width, fan_in + 1) their δ, the bias last.
        new: (k,) ε of the new units.
        new_in: (k, fan_in + 1) their incoming weights.
        new_out: (k, fan_out) the unit vectors u of their outgoing weights.
        deep: (q,) ε of the new layer's units.
        deep_in: (q, width + 1) their incoming weights.
        deep_out: (q, width) their unit vectors u.
    """

    split: FloatArray
    split_by: FloatArray
    new: FloatArray
    new_in: FloatArray
    new_out: FloatArray
    deep: FloatArray
    deep_in: FloatArray
    deep_out: FloatArray

    def parts(self) -> dict[str, FloatArray]:
        """Give the arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class LayerPass:
    """What one hidden layer of a net with candidates did.

    Attributes:
        stream: s̃ (N, fan_in + 1) that it read.
        z: (N, width) without the splits.
        moved: δ·s̃ of the splits, (N, width).
        h: (N, width) outputs, each unit's two halves together.
        new_z: (N, k) pre-activations of the new units.
        new_h: (N, k) their outputs.
        deep_z: (N, q) pre-activations of the new layer.
        deep_h: (N, q) its outputs.
    """

    stream: FloatArray
    z: FloatArray
    moved: FloatArray
    h: FloatArray
    new_z: FloatArray
    new_h: FloatArray
    deep_z: FloatArray
    deep_h: FloatArray


@dataclass(frozen=True)
class Swarm:
    """A net and its candidates.

    Attributes:
        net: The net, float64 and without normalisation.
        groups: The candidates at each of its hidden layers.
    """

    net: Weights
    groups: tuple[CandidateGroup, ...]

    def forward(self, x: FloatArray) -> tuple[list[LayerPass], FloatArray]:
        """Give what each hidden layer did, and the outputs (N, K).

        Args:
            x: (N, d) inputs.

        Returns:
            The hidden layers from the first, and the outputs.
        """
        net, layers, stream = self.net, [], x
        added: FloatArray = np.zeros((1, 1))
        for group, w, b in zip(self.groups, net.weights[:-1], net.biases[:-1], strict=True):
            read = with_one(stream)
            z = stream @ w.T + b + added
            moved = read @ group.split_by.T
            shift = group.split * moved
            h = (net.activate(z + shift) + net.activate(z - shift)) / 2
            new_z = read @ group.new_in.T
            deep_z = with_one(h) @ group.deep_in.T
            layer = LayerPass(read, z, moved, h, new_z, net.activate(new_z), deep_z, net.activate(deep_z))
            layers.append(layer)
            stream = h + (layer.deep_h * group.deep) @ group.deep_out
            added = (layer.new_h * group.new) @ group.new_out
        return layers, stream @ net.weights[-1].T + net.biases[-1] + added

    def loss(self, x: FloatArray, y: Any, objective: LossAndErrors) -> float:
        """Give the mean loss."""
        return float(objective(self.forward(x)[1], y)[0].mean())

    def gradients(self, x: FloatArray, y: Any, objective: LossAndErrors) -> list[CandidateGroup]:
        """Differentiate the mean loss by every array of every group.

        Args:
            x: (N, d) inputs.
            y: What ``objective`` compares the outputs with.
            objective: The loss.

        Returns:
            Gradients in the shape of the groups, one a hidden layer.
        """
        net = self.net
        layers, outputs = self.forward(x)
        by_z = objective(outputs, y)[1] / len(x)
        by_stream = by_z @ net.weights[-1]
        found = []
        for at in reversed(range(len(layers))):
            group, layer = self.groups[at], layers[at]
            by_new_out = layer.new_h.T @ by_z
            by_new_z = (by_z @ group.new_out.T) * group.new * net.derivative(layer.new_z)
            by_deep_out = layer.deep_h.T @ by_stream
            by_deep_z = (by_stream @ group.deep_out.T) * group.deep * net.derivative(layer.deep_z)
            by_h = by_stream + by_deep_z @ group.deep_in[:, :-1]
            shift = group.split * layer.moved
            plus, minus = net.derivative(layer.z + shift), net.derivative(layer.z - shift)
            by_shift = by_h * (plus - minus) / 2
            by_z = by_h * (plus + minus) / 2
            by_stream = (
                by_z @ net.weights[at]
                + (by_shift * group.split) @ group.split_by[:, :-1]
                + by_new_z @ group.new_in[:, :-1]
            )
            found.append(
                CandidateGroup(
                    (by_shift * layer.moved).sum(axis=0),
                    (by_shift * group.split).T @ layer.stream,
                    (by_new_out * group.new_out).sum(axis=1),
                    by_new_z.T @ layer.stream,
                    group.new[:, None] * by_new_out,
                    (by_deep_out * group.deep_out).sum(axis=1),
                    by_deep_z.T @ with_one(layer.h),
                    group.deep[:, None] * by_deep_out,
                )
            )
        return found[::-1]
