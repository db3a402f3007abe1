"""Which landscape of which run is measured: frozen specs, told apart by ``view``. Importing them loads no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field

from foldscape.device import Device
from foldscape.landscape.spec import COARSE, Measured, PathComponent, Plane, Planes, Slice, Towards
from foldscape.model import Model, added, held_together
from foldscape.words import RunName

MOST_CELLS = 1_000_000
"""Cells that one landscape may have."""
STAGES = (COARSE, 51, 201)
"""Points a side of the coarser looks at a large plane."""
MORE_PAIRS = 4
"""Largest eigenvalues that are found besides one for each class."""
MOST_PAIRS = 64
"""Largest eigenvalues to look for, in search of the end of the outliers."""
StepNumber = Annotated[int, Field(ge=0)]


class Landscape(Model):
    """What every landscape is of."""

    run: RunName
    """The run."""
    step: StepNumber | None = None
    """Updates done at the moment in its middle; ``null`` is the newest."""
    device: Device | None = added(None)
    """Where it is measured; ``null`` is where the run trains."""

    @property
    def cells(self) -> int:
        """Points that are measured."""
        raise NotImplementedError

    @property
    def measured(self) -> Measured:
        """On what data."""
        raise NotImplementedError


class SliceOf(Landscape):
    """The loss along a line through a net."""

    view: Literal["slice"] = "slice"
    slice: Slice = Slice()
    """Along what, how far, on what data."""

    @property
    def cells(self) -> int:
        """Points on the line."""
        return self.slice.resolution

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.slice.data


class PlaneOf(Landscape):
    """The loss over a plane through a net, with the training path in it."""

    view: Literal["plane"] = "plane"
    plane: Plane = Plane()
    """Along what, how far, on what data."""

    @property
    def cells(self) -> int:
        """Points of the plane."""
        return self.plane.cells

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.plane.data

    @held_together
    def _is_affordable(self) -> Self:
        return _affordable(self)


class PlanesOf(Landscape):
    """The loss over all planes that up to five directions span two by two, with the training path in them."""

    view: Literal["planes"] = "planes"
    planes: Planes = Planes()
    """Along what, how far, on what data."""

    @property
    def cells(self) -> int:
        """Points of all planes."""
        return self.planes.cells

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.planes.data

    @held_together
    def _is_affordable(self) -> Self:
        return _affordable(self)


class PathOf(Landscape):
    """The loss over the plane in which the training path moves most, as wide as the path."""

    view: Literal["path"] = "path"
    resolution: int = Field(51, ge=3, le=1001)
    """Points a side in the end."""
    data: Measured = Measured()
    """On what data."""

    @property
    def cells(self) -> int:
        """Points of the plane."""
        return self.resolution**2

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.data

    def plane(self, x_reach: tuple[float, float], y_reach: tuple[float, float]) -> Plane:
        """Give the plane once it is known how far the path reaches."""
        first, second = PathComponent(index=1), PathComponent(index=2)
        stages = tuple(side for side in STAGES if side < self.resolution)
        reach: dict[str, Any] = {"x_reach": x_reach, "y_reach": y_reach, "stages": stages}
        return Plane(first=first, second=second, resolution=self.resolution, data=self.data, **reach)

    @held_together
    def _is_affordable(self) -> Self:
        return _affordable(self)


class ConnectionOf(Landscape):
    """The ways from one net to another: straight, straight after its units were put in order, and curved.

    With a third net, the straight ways from all three to a hub that is trained to lie low together with them.
    """

    view: Literal["connection"] = "connection"
    to: RunName
    """The other run."""
    to_step: StepNumber | None = None
    """Its moment; ``null`` is its newest."""
    third: RunName | None = None
    """A third run, for a hub between all three; ``null`` for none."""
    third_step: StepNumber | None = None
    """Its moment; ``null`` is its newest."""
    points: int = Field(25, ge=3, le=401)
    """Points on each way, both ends included."""
    updates: int = Field(1500, ge=0, le=100_000)
    """Updates in which the curve or the hub is trained, in whole passes over the data."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Seed of that training."""
    data: Measured = Measured()
    """On what data."""

    @property
    def cells(self) -> int:
        """Points on the three ways."""
        return 3 * self.points

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.data


class StraightOf(Landscape):
    """The straight line from the first net of a run to this one, and how descent along the path lies to its end."""

    view: Literal["straight"] = "straight"
    points: int = Field(51, ge=3, le=1001)
    """Points on the line, both ends included."""
    data: Measured = Measured()
    """On what data."""

    @property
    def cells(self) -> int:
        """Points on the line."""
        return self.points

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.data


class SpectrumOf(Landscape):
    """The eigenvalues of the Hessian at a net: their density, and the largest one by one."""

    view: Literal["spectrum"] = "spectrum"
    runs: int = Field(8, ge=1, le=64)
    """Random vectors that Lanczos runs begin from, on each part of the data."""
    steps: int = Field(80, ge=2, le=400)
    """Lanczos steps of a run."""
    pairs: int | None = Field(None, ge=1, le=100)
    """Largest eigenvalues to find one by one; ``null`` is some more than classes or outliers."""
    effort: int = Field(1, ge=1, le=64)
    """How many times the usual number of Hessian products finding them may take."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Seed of the random vectors."""
    data: Measured = Measured()
    """On what data."""

    @property
    def cells(self) -> int:
        """Random vectors on all parts of the data."""
        return self.runs * (2 if self.data.split == "both" else 1)

    @property
    def measured(self) -> Measured:
        """On what data."""
        return self.data


class SaddlesOf(Landscape):
    """The saddle index against the loss, along the nets that a run kept up to a moment."""

    view: Literal["saddles"] = "saddles"
    moments: int = Field(25, ge=2, le=121)
    """Nets at most, evenly along the way that training went, its ends among them."""
    steps: int = Field(80, ge=2, le=500)
    """Lanczos steps of a run from a random vector; nets of at most 300 parameters are counted."""
    runs: int = Field(8, ge=2, le=64)
    """Such runs."""

    @property
    def cells(self) -> int:
        """Nets that are measured."""
        return self.moments

    @property
    def measured(self) -> Measured:
        """On the training points that the curvature of a run is measured on."""
        return Measured(split="train")


L = TypeVar("L", bound=Landscape)
LandscapeSpec = Annotated[
    SliceOf | PlaneOf | PlanesOf | PathOf | StraightOf | SaddlesOf | ConnectionOf | SpectrumOf,
    Field(discriminator="view"),
]


def others_of(spec: Landscape) -> Iterator[tuple[str, int | None]]:
    """Give run and step of every other net that a landscape needs."""
    if isinstance(spec, ConnectionOf):
        yield spec.to, spec.to_step
        if spec.third is not None:
            yield spec.third, spec.third_step
    for direction in directions_of(spec):
        if isinstance(direction, Towards):
            yield direction.run, direction.step


def directions_of(spec: Landscape) -> tuple[Model, ...]:
    """Give the directions that a landscape is cut along."""
    if isinstance(spec, SliceOf):
        return (spec.slice.direction,)
    if isinstance(spec, PlanesOf):
        return spec.planes.directions
    return (spec.plane.first, spec.plane.second) if isinstance(spec, PlaneOf) else ()


def joins_nets(spec: Landscape) -> bool:
    """Whether a landscape lies between different nets, so that running statistics of none hold all over it."""
    return isinstance(spec, ConnectionOf | StraightOf | PathOf) or any(
        isinstance(one, Towards | PathComponent) for one in directions_of(spec)
    )


def _affordable(spec: L) -> L:
    if spec.cells > MOST_CELLS:
        raise ValueError(
            f"a plane of {spec.cells:,} cells is too large; at most {MOST_CELLS:,} are measured, 1000 a side"
        )
    return spec
