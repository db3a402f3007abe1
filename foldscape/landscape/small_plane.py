"""A small plane through a net at once, and its topology: what a run's probe looks at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foldscape.arrays import Float64Array, Vector
from foldscape.curvature.blocks import Block
from foldscape.landscape.direction import Direction, random_direction
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.persistence import ROUNDING, Topology, topology
from foldscape.landscape.surface import axis


def small_plane(
    evaluator: Evaluator, blocks: Sequence[Block], vectors: Float64Array | None, seed: int, reach: float, side: int
) -> tuple[Float64Array, Topology | None]:
    """Measure a plane whose steps move each neuron by its own size.

    Args:
        evaluator: What measures; the net in its middle.
        blocks: Which stretches of the parameters are neurons.
        vectors: (2, P) the directions; two random filter-normalised ones if ``None``.
        seed: Seed of those: they are drawn from 2 seed and 2 seed + 1.
        reach: How far to both sides, in steps.
        side: Cells a side.

    Returns:
        Losses (side, side), rows along the second direction; and their topology, ``None`` where none is finite.

    Raises:
        NotPossible: If a direction moves no neuron.
    """
    first, second = _directions(evaluator.theta, blocks, vectors, seed)
    steps = axis((-reach, reach), side)
    found = evaluator.on_plane(np.tile(steps, side), np.repeat(steps, side), first.vector, second.vector)
    losses = found.loss.reshape(side, side)
    return losses, topology(losses, relative_error=ROUNDING) if np.isfinite(losses).any() else None


def _directions(
    theta: Vector, blocks: Sequence[Block], vectors: Float64Array | None, seed: int
) -> tuple[Direction, Direction]:
    if vectors is None:
        return random_direction(theta, blocks, 2 * seed), random_direction(theta, blocks, 2 * seed + 1)
    named = [Direction(f"v{place + 1}", vector, tuple(blocks)) for place, vector in enumerate(vectors)]
    return named[0].scaled("neuron-relative", theta), named[1].scaled("neuron-relative", theta)
