"""Where to grow: the layer whose normalised gradient matrix has the largest singular value (arXiv 2201.05125)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from foldscape.errors import NotPossible
from foldscape.net.mlp import backward

if TYPE_CHECKING:
    from foldscape.growth.base import GrowthRule, Scene
    from foldscape.net.mlp import Weights


class Located(NamedTuple):
    """A rule with its layer.

    Attributes:
        rule: The rule.
        told: How the layer was chosen, in plain JSON; empty where the rule named it.
    """

    rule: Any
    told: dict[str, Any]


def with_layer(rule: GrowthRule, net: Weights, scene: Scene, rng: np.random.Generator) -> Located:
    """Choose the layer of a rule whose layer is ``auto``; any other is given back as it is.

    Args:
        rule: The rule.
        net: The network as it is.
        scene: The data it is trained on.
        rng: Draws the examples that are looked at, where not all are.

    Returns:
        The rule with the layer that it is to grow.

    Raises:
        NotPossible: If the net has no hidden layer.
    """
    if getattr(rule, "layer", None) != "auto":
        return Located(rule, {})
    if not net.hidden:
        raise NotPossible("This net has no hidden layer to grow.", hint="Start one with at least one hidden layer.")
    values = steepness(net, scene, rng)
    best = int(np.argmax(values))
    return Located(rule.model_copy(update={"layer": best}), {"where": {"layer": best, "steepness": values}})


def steepness(net: Weights, scene: Scene, rng: np.random.Generator) -> list[float]:
    """Rate each hidden layer by how fast the loss can fall by a new unit of it.

    With M = E[error of the next layer ⊗ input of this layer], as ``gradmax`` has it, this is the largest singular
    value of M / sqrt(E|error|² E|input|²), which has no unit, so that layers can be compared.

    Args:
        net: The network, a chain of layers or of blocks.
        scene: The data it is trained on.
        rng: Draws the examples that are looked at, where not all are.

    Returns:
        One number a hidden layer or block.
    """
    if net.can.grown_as == "blocks":
        from foldscape.growth.blocks.steepness import steepness_of_blocks

        return steepness_of_blocks(net, scene, rng)
    exact, x = net.astype(np.float64), scene.x.astype(np.float64)
    passed = backward(exact, x, scene.y, scene.loss.error)
    found = []
    for layer in range(len(net.hidden)):
        error, came = passed.errors[layer + 1], passed.inputs[layer]
        scale = float(np.linalg.norm(error) * np.linalg.norm(came)) or 1.0
        found.append(float(np.linalg.norm(error.T @ came, 2)) / scale)
    return found
