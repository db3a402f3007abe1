"""Seeded toy sets of the plane."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float32Array, Labels
from foldscape.data.base import SharedOut, Split, split_points


class PlaneSet(SharedOut):
    """Base of the plane sets: ``points`` draws labelled points of the plane."""

    n: int = Field(300, ge=8, le=20_000)
    """Number of points in all."""
    noise: float = Field(0.1, ge=0, le=1)
    """Standard deviation of the noise, in data units."""

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw ``n`` labelled points: inputs (n, 2) and classes (n,)."""
        raise NotImplementedError

    def load(self, seed: int) -> Split:
        """Draw the points and split them; the same bits for the same seed."""
        rng = np.random.default_rng([seed, 0xDA7A])
        x, y = self.points(rng)
        return split_points(x.astype(np.float32), y.astype(np.int64), self.test_share, rng, self.classes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return 2

    @property
    def size(self) -> int:
        """Number of points in all."""
        return self.n

    @property
    def features(self) -> int:
        """A point of the plane has two inputs."""
        return 2

    def _jitter(self, rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
        return x + rng.normal(0, 1, x.shape) * self.noise

    def _halves(self) -> tuple[int, int]:
        return self.n - self.n // 2, self.n // 2


def _join(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([first, second]), np.repeat([0, 1], [len(first), len(second)])


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


class Rings(PlaneSet):
    """A disc inside a ring: the second class surrounds the first."""

    kind: Literal["rings"] = "rings"

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw a disc of radius 1 and a ring from 2 to 3, uniform in radius."""
        inner, outer = self._halves()
        radius = np.concatenate([rng.uniform(0, 1, inner), rng.uniform(2, 3, outer)])
        x = self._jitter(rng, _polar(radius, rng.uniform(0, 2 * np.pi, self.n)))
        return x, np.repeat([0, 1], [inner, outer])


class Moons(PlaneSet):
    """Two interleaved half circles."""

    kind: Literal["moons"] = "moons"

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw two unit half circles, the second turned and shifted into the first."""
        upper, lower = self._halves()
        a, b = rng.uniform(0, np.pi, upper), rng.uniform(0, np.pi, lower)
        x, y = _join(_polar(np.ones(upper), a), np.array([1, 0.5]) - _polar(np.ones(lower), b))
        return self._jitter(rng, x), y


class Xor(PlaneSet):
    """Four quadrants, opposite ones of one class."""

    kind: Literal["xor"] = "xor"

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw a square of half side 1 with a gap of 0.1 around both axes; noise moves points after labelling."""
        x = rng.uniform(0.05, 1, (self.n, 2)) * rng.choice([-1.0, 1.0], (self.n, 2))
        return self._jitter(rng, x), (x[:, 0] * x[:, 1] < 0).astype(np.int64)


class TwoSpirals(PlaneSet):
    """Two spirals wound around each other."""

    kind: Literal["two_spirals"] = "two_spirals"
    turns: float = Field(1.5, ge=0.25, le=4)
    """Windings of each spiral."""

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw radius in [0.1, 1] and the angle in proportion to it."""
        first, second = self._halves()
        radius = rng.uniform(0.1, 1, self.n)
        start = np.repeat([0, np.pi], [first, second])
        x = _polar(radius, start + 2 * np.pi * self.turns * radius)
        return self._jitter(rng, 2 * x), np.repeat([0, 1], [first, second])


class Sine(PlaneSet):
    """Above or below a sine curve."""

    kind: Literal["sine"] = "sine"
    periods: float = Field(1, ge=0.5, le=4)
    """Periods of the sine within the box; 1.5 is the harder variant."""

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw x over the periods and z in [-2, 2]; the class is whether z lies above sin x."""
        x = rng.uniform(-np.pi * self.periods, np.pi * self.periods, self.n)
        z = rng.uniform(-2, 2, self.n)
        return self._jitter(rng, np.stack([x, z], axis=1)), (z > np.sin(x)).astype(np.int64)


class OverlapQuadratic(PlaneSet):
    """Two parabolas that cross twice; the classes overlap."""

    kind: Literal["overlap_quadratic"] = "overlap_quadratic"
    noise: float = Field(0.15, ge=0, le=1)
    """Standard deviation of the vertical noise, before scaling by 2."""

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw t in [-1, 1] and one parabola a class."""
        first, second = self._halves()
        t = rng.uniform(-1, 1, self.n)
        noise = rng.normal(0, 1, self.n) * self.noise
        down = np.stack([2 * t, 2 * (-2 * t**2 + 1 + noise)], axis=1)[:first]
        up = np.stack([2 * t, 2 * (2 * t**2 - 1 + noise)], axis=1)[first : first + second]
        return _join(down, up)


class Checkerboard(PlaneSet):
    """A board of k by k squares of alternating class."""

    kind: Literal["checkerboard"] = "checkerboard"
    k: int = Field(4, ge=2, le=8)
    """Squares a side."""

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw the square [-1, 1]²; noise moves points after labelling."""
        x = rng.uniform(-1, 1, (self.n, 2))
        square = np.floor((x + 1) / 2 * self.k).astype(np.int64)
        return self._jitter(rng, x), square.sum(1) % 2


class GaussianBlobs(PlaneSet):
    """K round clouds on a circle."""

    kind: Literal["gaussian_blobs"] = "gaussian_blobs"
    k: int = Field(3, ge=2, le=10)
    """Number of clouds, one class each."""
    noise: float = Field(0.3, ge=0, le=1)
    """Standard deviation of each cloud, in data units."""

    @property
    def classes(self) -> int:
        """One class a cloud."""
        return self.k

    def points(self, rng: np.random.Generator) -> tuple[Float32Array, Labels]:
        """Draw clouds around points of a circle of radius 1.5."""
        y = np.arange(self.n) % self.k
        centre = _polar(np.full(self.n, 1.5), 2 * np.pi * y / self.k)
        return self._jitter(rng, centre), y
