"""Wake dead units by their biases (docs/growth.md, "Dead layers")."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, Waking, listing_settings
from foldscape.growth.dead import dies

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights


class BiasShift(Waking):
    """Raise the bias of each dead unit of a layer until it is on for a tenth of the data.

    A unit whose outgoing weights are zero wakes without changing the function; else the function changes where the
    unit is now on, and the record's ``kept`` says by how much. With batch normalisation it is beta that is raised. A
    unit that sees the same value at every point stays as it is: nothing below it is alive.
    """

    model_config = listing_settings("waking", "raise biases")

    kind: Literal["bias_shift"] = "bias_shift"
    layer: int = Field(0, ge=0, le=15)
    """Hidden layer whose dead units are woken, from 0."""
    share: float = Field(0.1, gt=0, le=1)
    """Share of the data on which a woken unit is on, at the least."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Shift the dead units; draws nothing."""
        z = dead_values(net, self.layer, scene)
        raised = [bias_lift(values, self.share) if values.max() <= 0 else 0.0 for values in z.T]
        woken = np.flatnonzero(raised)
        if not len(woken):
            raise NotPossible(
                f"Every dead unit of hidden layer {self.layer + 1} sees one and the same value at all points.",
                hint="Wake the layer before it first.",
            )
        explanation = {"woken": woken.tolist(), "raised": np.take(raised, woken).tolist(), "share": self.share}
        shifted = _shifted(net, self.layer, np.array(raised))
        return Change(shifted, tuple(range(len(net.weights))), self.layer, 0, len(woken) / len(raised), explanation)


def dead_values(net: Weights, layer: int, scene: Scene) -> FloatArray:
    """Give the pre-activations (N, width) of a layer that has dead units, after normalisation, in float64.

    Args:
        net: The network.
        layer: Hidden layer, from 0.
        scene: The data.

    Returns:
        (N, width) float64.

    Raises:
        NotPossible: If there is no such layer, or no unit in it is dead.
    """
    depth = len(net.hidden)
    if layer >= depth:
        raise NotPossible(
            f"There is no hidden layer {layer + 1}; this net has {depth}.",
            hint=f"Choose layer 1 to {depth}." if depth else "Start one with at least one hidden layer.",
        )
    z = net.astype(np.float64).folded().preactivations(scene.x, layer)
    if not dies(net) or not (z.max(axis=0) <= 0).any():
        raise NotPossible(
            f"No unit of hidden layer {layer + 1} is dead: each learns from some point.", hint="Let it train."
        )
    return z


def bias_lift(z: FloatArray, share: float) -> float:
    """Give what has to be added to values z (N,) so that at least a share of them is above 0; 0 if all are the same.

    Zero then lies in the middle of a gap between two values, so that rounding wakes or loses none.

    Returns:
        What to add to the bias.
    """
    count = math.ceil(share * len(z))
    levels = np.unique(z)[::-1]
    if len(levels) == 1:
        return 0.0
    reached = int(np.searchsorted(-levels, -np.sort(z)[::-1][count - 1]))
    below = levels[reached + 1] if reached + 1 < len(levels) else 2 * levels[reached] - levels[reached - 1]
    return -float(levels[reached] + below) / 2


def _shifted(net: Weights, layer: int, raised: FloatArray) -> Weights:
    normed = net.norms[layer]
    if normed is None:
        bias = (net.biases[layer] + raised).astype(net.biases[layer].dtype)
        return replace(net, biases=(*net.biases[:layer], bias, *net.biases[layer + 1 :]))
    beta = (normed.beta + raised).astype(normed.beta.dtype)
    return replace(net, norms=(*net.norms[:layer], replace(normed, beta=beta), *net.norms[layer + 1 :]))
