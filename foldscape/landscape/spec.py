"""What to look at in a landscape, as specs that travel. Importing them does not import torch."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import Field

from foldscape.model import Model, held_together

Scale = Literal["own", "unit", "neuron-relative"]
Mode = Literal["filter", "layer", "weight", "none"]
Biases = Literal["zero", "free"]
Range = tuple[float, float]
COARSE = 15
"""Points a side of the first look at a plane."""


class Eigenvector(Model):
    """One of the sharpest directions."""

    kind: Literal["eigenvector"] = "eigenvector"
    index: int = Field(1, ge=1, le=20)
    """Which: 1 is the sharpest."""


class Random(Model):
    """A seeded random direction with the net's own sizes."""

    kind: Literal["random"] = "random"
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Seed of the draw."""
    mode: Mode = "filter"
    """What is given the norm that it has in the net."""
    biases: Biases = "zero"
    """Whether biases and normalisations stay or move too."""


class Towards(Model):
    """The way to another net of the same shape."""

    kind: Literal["towards"] = "towards"
    run: str = Field(min_length=1, max_length=200)
    """Its run."""
    step: int | None = Field(None, ge=0)
    """Its step; ``null`` is its last."""
    aligned: bool = True
    """Whether its units are first put in the order in which they match best."""


class PathComponent(Model):
    """A principal direction of the training path."""

    kind: Literal["path"] = "path"
    index: int = Field(1, ge=1, le=5)
    """Which: 1 shows most of the movement."""


class Gradient(Model):
    """Uphill."""

    kind: Literal["gradient"] = "gradient"


class Radial(Model):
    """The net's own parameters: all of them grow or shrink together, to 0 at -1."""

    kind: Literal["radial"] = "radial"


DirectionSpec = Annotated[
    Eigenvector | Random | Towards | PathComponent | Gradient | Radial, Field(discriminator="kind")
]


class Measured(Model):
    """What a landscape is measured on."""

    split: Literal["train", "test", "both"] = "both"
    """Which points."""
    points: int | None = Field(None, ge=1)
    """Points at most, one fixed draw from each split; ``null`` is all."""


class Slice(Model):
    """The loss along a line through a net."""

    direction: DirectionSpec = Eigenvector()
    """Along what."""
    scale: Scale = "own"
    """What one step is: the direction's own length, a parameter unit, or the size of the net's neurons."""
    reach: Range = (-1.0, 1.0)
    """From where to where, in steps."""
    resolution: int = Field(201, ge=3, le=100_001)
    """Points on the line."""
    data: Measured = Measured()
    """On what data."""

    @held_together
    def _is_a_range(self) -> Self:
        _check_range("reach", self.reach)
        return self


class Plane(Model):
    """The loss over a plane through a net."""

    first: DirectionSpec = Eigenvector()
    """Along the x axis."""
    second: DirectionSpec = Eigenvector(index=2)
    """Along the y axis."""
    orthogonal: bool = False
    """Whether the second is turned to a right angle with the first; their cosine is told in any case."""
    scale: Scale = "own"
    """What one step is: the direction's own length, a parameter unit, or the size of the net's neurons."""
    x_reach: Range = (-1.0, 1.0)
    """From where to where along the first, in steps."""
    y_reach: Range = (-1.0, 1.0)
    """From where to where along the second, in steps."""
    resolution: int = Field(51, ge=3, le=1001)
    """Points a side in the end; an odd number has the net itself in the middle of an even range."""
    stages: tuple[Annotated[int, Field(ge=2, le=1001)], ...] = (COARSE,)
    """Points a side of the looks before that, coarse first; each is a part of the last."""
    data: Measured = Measured()
    """On what data."""

    @held_together
    def _is_a_plane(self) -> Self:
        _check_range("x_reach", self.x_reach)
        _check_range("y_reach", self.y_reach)
        if self.first == self.second:
            raise ValueError("first and second are the same direction; choose two different ones")
        if list(self.stages) != sorted(set(self.stages)):
            raise ValueError(f"stages {self.stages} do not become finer; give them in rising order")
        return self

    @property
    def cells(self) -> int:
        """Number of points in the end."""
        return self.resolution**2


class Planes(Model):
    """The loss over every plane that two of a few directions span: small multiples with one colour scale."""

    directions: tuple[DirectionSpec, ...] = Field(
        tuple(Eigenvector(index=i) for i in (1, 2, 3)), min_length=2, max_length=5
    )
    """Along what: of k directions there are k(k - 1)/2 planes."""
    scale: Scale = "own"
    """What one step is: the direction's own length, a parameter unit, or the size of the net's neurons."""
    reach: Range | None = (-1.0, 1.0)
    """From where to where along each, in steps; ``null`` is as far as the training path goes, and a quarter more."""
    resolution: int = Field(31, ge=3, le=401)
    """Points a side of each plane; an odd number has the net itself in the middle of an even range."""
    data: Measured = Measured()
    """On what data."""

    @held_together
    def _are_planes(self) -> Self:
        if self.reach is not None:
            _check_range("reach", self.reach)
        for place, direction in enumerate(self.directions):
            if direction in self.directions[:place]:
                first = self.directions.index(direction) + 1
                raise ValueError(f"directions {first} and {place + 1} are the same; choose different ones")
        return self

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The two directions of each plane, counted from 0, the one along the x axis first."""
        return tuple(combinations(range(len(self.directions)), 2))

    @property
    def cells(self) -> int:
        """Number of points of all planes."""
        return len(self.pairs) * self.resolution**2

    def stages(self) -> tuple[int, ...]:
        """Points a side of the look before the last, where there is a coarser one."""
        return (COARSE,) if self.resolution > COARSE else ()


def _check_range(name: str, reach: Range) -> None:
    if not reach[0] < reach[1]:
        raise ValueError(f"{name} runs from {reach[0]} to {reach[1]}; the first number must be the smaller")
