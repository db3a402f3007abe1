"""Measurements of the loss surface around a net: its gradient by layer, tunnel, saddle index and topology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foldscape.measurements import Measurement


@dataclass(frozen=True, kw_only=True)
class LayerGradients(Measurement):
    """How long the gradient of the mean training loss is in each layer.

    Attributes:
        names: (L,) names of the layers, inputs first.
        norms: (L,) float64 norms, weights and biases together.
        first: That of the first layer.
        last: That of the output layer.
        per_layer: Factor from a layer to the one before it, fitted; ``None`` where there is one layer alone or no
            gradient in one.
    """

    kind: ClassVar[str] = "layer_gradients"
    names: list[str]
    norms: np.ndarray
    first: float
    last: float
    per_layer: float | None


@dataclass(frozen=True, kw_only=True)
class Tunnel(Measurement):
    """How far the loss stays low around the net.

    Attributes:
        rise: By how much the loss has to rise, nats.
        scale: What radii are counted in: ``filter`` in neuron sizes, ``unit`` in parameter units.
        draws: Random rays.
        largest: Largest radius looked at, in those.
        random: Median radius over the random rays; ``None`` where half of them or more lie beyond the largest.
        reached: Share of the random rays that rise within it.
        sharpest: Radius on the nearer side along the sharpest direction; ``None`` where it lies beyond the largest, or
            the direction was not found.
        sharpest_beyond: Whether it was found and lies beyond.
        rays: (D,) float64 radius of each random ray; infinite beyond the largest.
    """

    kind: ClassVar[str] = "tunnel"
    rise: float
    scale: str
    draws: int
    largest: float
    random: float | None
    reached: float
    sharpest: float | None
    sharpest_beyond: bool
    rays: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Saddle(Measurement):
    """The share of directions in which the loss bends downwards.

    Attributes:
        share: Share of the Hessian's eigenvalues that are negative.
        error: Its standard error over random vectors; 0 where all were counted, ``None`` with one vector.
        low: What the quadratures leave possible at least.
        high: The same at most.
        parameters: Number of eigenvalues.
        loss: Training loss on the points measured on, nats.
        gradient_norm: Norm of its gradient: at 0 the net stands at a critical point.
    """

    kind: ClassVar[str] = "saddle"
    share: float
    error: float | None
    low: float
    high: float
    parameters: int
    loss: float
    gradient_norm: float


@dataclass(frozen=True, kw_only=True)
class PlaneTopology(Measurement):
    """Basins and roughness of a plane through the net.

    Attributes:
        axes: What the plane is laid along: ``random`` filter-normalised directions, or the two ``sharpest``.
        reach: How far to both sides, neuron sizes.
        side: Cells a side.
        basins: Basins at least ``threshold`` deep; ``None`` where nothing was finite or directions were not found.
        threshold: A hundredth of the way from the lowest loss to the median one, nats.
        roughness: Sum of all finite persistences of basins, nats.
        second: Persistence of the second deepest basin, nats; 0 where there is none.
        hills: Hills with lower loss all around.
        walls: Cells without a finite loss.
    """

    kind: ClassVar[str] = "topology"
    axes: str
    reach: float
    side: int
    basins: int | None
    threshold: float | None
    roughness: float | None
    second: float | None
    hills: int | None
    walls: int
