"""A wide net with one hidden layer becomes a narrow, deep one: a layer for each unit (docs/growth.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, listing_settings
from foldscape.growth.deepening import DEEPEST, Deepening

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights

MARGIN = 0.1
"""Where no box is shown, the data and this share of their extent around them are the box."""


class RegisterLayers(Deepening):
    """Lay the m units of a one-hidden-layer net behind each other: depth m, width d + K + 1.

    Each layer carries the d inputs, one of the old units, and the K sums of the outputs so far; the next one adds the
    unit to the sums and works out the next unit. Inputs and sums are shifted so far that they stay above 0 on the
    box, where they pass the activation unchanged: the function is kept there, to rounding, and in general not beyond.
    The box is the shown square, or for other data what they span and a tenth more.
    """

    model_config = listing_settings("deepening", "one unit a layer")

    kind: Literal["register_layers"] = "register_layers"

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Build the deep net; draws nothing."""
        slope, depth = self.slope(net), len(net.hidden)
        if depth != 1:
            raise NotPossible(
                f"Only a net with one hidden layer can be laid out so; this one has {depth}.",
                hint="Use identity_layer or split_layer.",
            )
        m = net.hidden[0]
        if not 2 <= m <= DEEPEST:
            raise NotPossible(
                f"A hidden layer of {m} would become {m} layers; 2 to {DEEPEST} is allowed.",
                hint="Use identity_layer or split_layer.",
            )
        exact = net.astype(np.float64).folded()
        low, high = box_of(scene)
        shift = 1 - _lowest_sums(exact, low, high, slope)
        deep = _laid_out(exact, low, shift)
        explanation = {"low": low.tolist(), "high": high.tolist(), "shift": shift.tolist()}
        return Change(
            deep.astype(net.weights[0].dtype), (None,) * (m + 1), 0, deep.neurons - m, 0.0, explanation, (None,) * m
        )


def box_of(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """Give the lowest and highest corner (d,) of the box on which the function is to be kept.

    Args:
        scene: The data.

    Returns:
        Lowest and highest corner, float64.
    """
    if scene.box is not None:
        x0, x1, y0, y1 = scene.box
        return np.array([x0, y0]), np.array([x1, y1])
    x = scene.x.astype(np.float64)
    low, high = x.min(axis=0), x.max(axis=0)
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def _lowest_sums(net: Weights, low: FloatArray, high: FloatArray, slope: float) -> FloatArray:
    """Give a bound (K,) that no partial sum of the units' contributions falls below on the box."""
    (into, out), (bias, _) = net.weights, net.biases
    ends = [into * low, into * high]
    lowest, highest = bias + np.minimum(*ends).sum(axis=1), bias + np.maximum(*ends).sum(axis=1)
    extremes = [out * np.where(z >= 0, z, slope * z) for z in (lowest, highest)]
    bound: FloatArray = np.minimum(np.minimum(*extremes), 0).sum(axis=1)
    return bound


def _laid_out(net: Weights, low: FloatArray, shift: FloatArray) -> Weights:
    """Give the deep net; its layers hold x - low (d), one old unit, and the sums + shift (K), in this order."""
    (into, out), (bias, out_bias) = net.weights, net.biases
    d, K = len(low), len(shift)
    weights, biases = [], []
    for unit, (row, offset) in enumerate(zip(into, bias + into @ low, strict=True)):
        first = unit == 0
        weight, constant = np.zeros((d + 1 + K, d if first else d + 1 + K)), np.zeros(d + 1 + K)
        weight[:d, :d] = np.eye(d)
        weight[d, :d], constant[d] = row, bias[0] if first else offset
        if first:
            constant[:d], constant[d + 1 :] = -low, shift
        else:
            weight[d + 1 :, d], weight[d + 1 :, d + 1 :] = out[:, unit - 1], np.eye(K)
        weights.append(weight)
        biases.append(constant)
    last = np.hstack([np.zeros((K, d)), out[:, -1:], np.eye(K)])
    return replace(net, weights=(*weights, last), biases=(*biases, out_bias - shift), norms=())
