"""What a measured landscape holds: tidy arrays, and a figure of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from foldscape.errors import InvalidInput
from foldscape.landscape.direction import Direction
from foldscape.landscape.evaluator import Losses
from foldscape.landscape.surface import Surface
from foldscape.landscape.trajectory import PathInPlane

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Values = Literal["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
PlotKind = Literal["contour", "surface"]


@dataclass(frozen=True)
class LinePlot:
    """Losses along a line.

    Attributes:
        direction: Along what.
        t: (points,) coordinates, in steps of the direction.
        train: Losses and accuracies on training data.
        test: The same on test data, or ``None``.
        loss: Training loss of the net itself, nats.
    """

    direction: Direction
    t: NDArray[np.float64]
    train: Losses
    test: Losses | None
    loss: float

    @property
    def parabola(self) -> NDArray[np.float64] | None:
        """Loss plus half the exact curvature times t², (points,); ``None`` where the curvature is not known."""
        bent = self.direction.curvature
        return None if bent is None or not self.direction.believed else self.loss + 0.5 * bent * self.t**2

    def figure(self) -> Figure:
        """Draw train, test and the parabola."""
        from foldscape.landscape.figures import line_figure

        return line_figure(self)


@dataclass(frozen=True)
class PlanePlot:
    """Losses over a plane.

    Attributes:
        first: Along the x axis.
        second: Along the y axis.
        cosine: Cosine of the two as they were chosen, before any turning.
        surface: The values.
    """

    first: Direction
    second: Direction
    cosine: float
    surface: Surface

    def figure(self, kind: PlotKind = "contour", of: Values = "train_loss", log: bool = False) -> Figure:
        """Draw the plane.

        Args:
            kind: ``contour``, or a ``surface`` that can be turned.
            of: Which values.
            log: Whether colour and height follow the logarithm.

        Returns:
            A figure of plotly.
        """
        from foldscape.landscape.figures import plane_figure

        return plane_figure(self, kind, of, log)


@dataclass(frozen=True)
class PlanesPlot:
    """Losses over the planes that a few directions span two by two.

    Attributes:
        directions: The directions.
        surfaces: The values by the numbers of the two directions, from 0, the one along the x axis first.
    """

    directions: tuple[Direction, ...]
    surfaces: Mapping[tuple[int, int], Surface]

    def plane(self, first: int, second: int) -> PlanePlot:
        """Give one plane alone.

        Args:
            first: Number of the direction along the x axis, from 0.
            second: Number of that along the y axis.

        Returns:
            The plane.

        Raises:
            InvalidInput: If there is no such plane.
        """
        if (first, second) not in self.surfaces:
            known = ", ".join(str(pair) for pair in self.surfaces)
            raise InvalidInput(
                f"There is no plane of the directions {first} and {second}.", hint=f"Choose one of {known}."
            )
        x, y = self.directions[first], self.directions[second]
        return PlanePlot(x, y, x.cosine(y), self.surfaces[first, second])

    def limits(self, of: Values = "train_loss") -> tuple[float, float] | None:
        """Give lowest and highest finite value of all planes together; ``None`` if there is none."""
        found = [limits for surface in self.surfaces.values() if (limits := surface.limits(of)) is not None]
        return (min(low for low, _ in found), max(high for _, high in found)) if found else None

    def figure(self, of: Values = "train_loss", log: bool = False) -> Figure:
        """Draw all planes as small multiples on one colour scale.

        Args:
            of: Which values.
            log: Whether colours follow the logarithm.

        Returns:
            A figure of plotly.
        """
        from foldscape.landscape.figures import planes_figure

        return planes_figure(self, of, log)


@dataclass(frozen=True)
class PathPlot(PlanePlot):
    """Losses around a training path.

    Attributes:
        first: Along the x axis.
        second: Along the y axis.
        cosine: Cosine of the two.
        surface: The values.
        path: The path's coordinates and what the plane shows of it.
        losses: (T,) training loss at each moment itself, not at its projection.
    """

    path: PathInPlane
    losses: NDArray[np.float64]
