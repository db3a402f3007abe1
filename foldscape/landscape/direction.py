"""Directions in parameter space: what a landscape is cut along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Vector
from foldscape.curvature import Block, Objective, top_eigenpairs
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.normalise import neuron_size, normalised
from foldscape.landscape.spec import Biases, Mode, Scale

SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True)
class Direction:
    """A direction in parameter space.

    Attributes:
        name: What people call it, such as ``v1``.
        vector: (P,) float64; its length is one step of the axis, in parameter units.
        blocks: The block table of the vector.
        unit: What one step of the axis is, in words, for its label.
        curvature: d^T H d for the vector as it is, where that is known exactly; else ``None``.
        believed: Whether it was found as exactly as was asked; an eigenvector that did not converge is not.
    """

    name: str
    vector: Vector
    blocks: tuple[Block, ...]
    unit: str = "parameter units"
    curvature: float | None = None
    believed: bool = True

    @property
    def norm(self) -> float:
        """Length of the vector, in parameter units."""
        return float(np.linalg.norm(self.vector))

    def cosine(self, other: Direction) -> float:
        """Cosine of the angle to another direction; NaN where one of them is 0."""
        both = self.norm * other.norm
        return float(self.vector @ other.vector) / both if both > 0 else float("nan")

    def times(self, factor: float, unit: str) -> Direction:
        """Give the direction with another length.

        Args:
            factor: What the vector is multiplied by.
            unit: What one step of the axis then is.

        Returns:
            A direction ``factor`` times as long.
        """
        bent = None if self.curvature is None else self.curvature * factor**2
        return replace(self, vector=self.vector * factor, curvature=bent, unit=unit)

    def scaled(self, scale: Scale, theta: ArrayLike) -> Direction:
        """Give the direction with the length that a scale asks for; where it points never changes.

        Args:
            scale: ``own`` leaves it, ``unit`` makes it one parameter unit long, ``neuron-relative`` lets one step
                move the net's neurons by their own size (root mean square), so that two nets can be compared.
            theta: (P,) the net.

        Returns:
            The direction with its new length.

        Raises:
            InvalidInput: If the scale is unknown.
            NotPossible: If the direction has no length on that scale.
        """
        if scale not in SCALES:
            raise InvalidInput(f"There is no scale {scale!r}.", hint=f"Choose one of {', '.join(SCALES)}.")
        point = np.asarray(theta, dtype=np.float64)
        size = neuron_size(self.vector, point, self.blocks) if scale == "neuron-relative" else self.norm
        if not 0 < size < np.inf:
            raise NotPossible(
                f"Direction {self.name} has length {size:g} on the scale {scale}.",
                hint="Neurons are rows of weights, and it moves none that has a size: choose own or unit."
                if 0 < self.norm < np.inf
                else "Choose another direction: along this one the net stands still.",
            )
        if scale == "own":
            return self
        return self.times(1 / size, "parameter units" if scale == "unit" else "neuron sizes")

    def orthogonal_to(self, other: Direction) -> Direction:
        """Give the part of the direction at right angles to another, as long as the whole was.

        Args:
            other: The other direction.

        Returns:
            The turned direction.

        Raises:
            NotPossible: If nothing is left of it.
        """
        rest = self.vector - (self.vector @ other.vector) / (other.vector @ other.vector) * other.vector
        left = float(np.linalg.norm(rest))
        if not left > 1e-9 * self.norm:
            raise NotPossible(f"Directions {self.name} and {other.name} are parallel.", hint="Choose another pair.")
        return replace(self, vector=rest * (self.norm / left), curvature=None)


def eigen_directions(objective: Objective, k: int = 1, **options: Any) -> tuple[Direction, ...]:
    """Give the sharpest directions, unit vectors v1 to vk.

    Args:
        objective: The loss, usually on training data.
        k: How many.
        options: What else ``top_eigenpairs`` takes.

    Returns:
        k directions, the sharpest first.
    """
    found = top_eigenpairs(objective, k=k, **options)
    return tuple(
        Direction(f"v{i + 1}", vector, objective.blocks, curvature=float(value), believed=found.converged)
        for i, (value, vector) in enumerate(zip(found.values, found.vectors, strict=True))
    )


def random_direction(
    theta: ArrayLike,
    blocks: Sequence[Block],
    seed: int = 0,
    mode: Mode = "filter",
    biases: Biases = "zero",
) -> Direction:
    """Draw a normal direction and give it the net's own sizes (Li et al. 2018, "Visualizing the loss landscape").

    Args:
        theta: (P,) the net.
        blocks: Its block table.
        seed: Seed of the draw.
        mode: ``filter``: each neuron's or channel's weights get the norm that they have in the net; ``layer``: each
            tensor; ``weight``: each entry is multiplied by the net's; ``none``: as drawn.
        biases: ``zero`` leaves tensors of one axis (biases, normalisation) out; ``free`` lets them move as ``mode``
            says, a bias counting as a tensor.

    Returns:
        The direction, (P,).

    Raises:
        NotPossible: If nothing moves: all tensors have one axis, or are 0.
    """
    point, table = np.asarray(theta, dtype=np.float64), tuple(blocks)
    drawn = np.random.default_rng(seed).standard_normal(point.size)
    vector = normalised(drawn, point, table, mode, biases)
    if not vector.any():
        has_filters = any(len(block.shape) > 1 for block in table)
        raise NotPossible(
            "A random direction of the net's own sizes has length 0 here: "
            + (
                "its weights are all 0."
                if has_filters
                else "every trained tensor has one axis, and those are left out."
            ),
            hint="Choose the mode none." if has_filters else "Let them move: biases='free'.",
        )
    return Direction(f"random {seed}", vector, table, "neuron sizes" if mode == "filter" else f"{mode} scale")


def towards(theta: ArrayLike, other: ArrayLike, blocks: Sequence[Block], name: str = "towards B") -> Direction:
    """Give the difference of two nets: at 1 stands the other.

    Args:
        theta: (P,) the net at 0.
        other: (P,) the net at 1.
        blocks: Their block table.
        name: What to call it.

    Returns:
        The direction; its length is the distance.

    Raises:
        InvalidInput: If the two do not have the same shape.
    """
    start, end = np.asarray(theta, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if start.shape != end.shape:
        raise InvalidInput(
            f"A net of {start.size} parameters has no difference from one of {end.size}.",
            hint="Both must have the same layers; align or embed one first.",
        )
    return Direction(name, end - start, tuple(blocks), "the way to B")


def radial_direction(theta: ArrayLike, blocks: Sequence[Block]) -> Direction:
    """Give the net's own parameters: along it all of them are multiplied by 1 + t (Fort & Jastrzębski 2019).

    Args:
        theta: (P,) the net.
        blocks: Its block table.

    Returns:
        The direction.
    """
    return Direction("radial", np.array(theta, dtype=np.float64), tuple(blocks), "times the net's own parameters")


def gradient_direction(objective: Objective, theta: ArrayLike | None = None) -> Direction:
    """Give the unit vector of the gradient of the mean loss: uphill.

    Args:
        objective: The loss.
        theta: (P,) where; the net's own parameters if ``None``.

    Returns:
        The direction, of length 1.
    """
    uphill = Direction("gradient", np.asarray(objective.gradient(theta)), objective.blocks)
    return uphill.scaled("unit", objective.point(theta))
