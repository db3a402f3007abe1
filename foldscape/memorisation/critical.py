"""Critical points: those with another answer within reach, found by Langevin adversarial sample search (LASS).

Arpit et al. 2017, "A closer look at memorization in deep networks" (arXiv 1706.05394), section 5 and Algorithm 1: a
point is critical when the box of radius r around it, in the maximum norm, holds an input with another predicted class.
The share of such points is the critical sample ratio (CSR); a search finds a lower bound of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array, Float64Array, FloatArray, Labels
from foldscape.errors import InvalidInput
from foldscape.net.mlp import Weights
from foldscape.one_thread import one_thread

STEP, NOISE, ITERATIONS = 0.8, 0.6, 30
"""Step a and noise b of the search in radii, and its iterations, where none are given."""


Length = float | Float64Array
"""A length in all inputs, or (d,) in each."""
InputBounds = tuple[float, float] | tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class CriticalPoints:
    """Which of some points are critical.

    Attributes:
        radius: The radius r, in data units.
        critical: (N,) whether another answer was found within r.
        witnesses: (N, d) float32, within r of each point in every input: of a critical one a place with another
            answer, of the others where the search ended.
        iterations: Iterations done.
    """

    radius: float
    critical: npt.NDArray[np.bool_]
    witnesses: Float32Array
    iterations: int

    @property
    def ratio(self) -> float:
        """The critical sample ratio that was found; NaN of no points."""
        return float(self.critical.mean()) if len(self.critical) else float("nan")


def critical_points(
    net: Weights,
    x: FloatArray,
    radius: float,
    *,
    step: float | None = None,
    noise: float | None = None,
    iterations: int = ITERATIONS,
    early_stop: int = 0,
    clip: InputBounds | None = None,
    rng: np.random.Generator | int = 0,
    start: CriticalPoints | None = None,
    unit: FloatArray | None = None,
) -> CriticalPoints:
    """Search for inputs with another answer, near each of some points.

    An iteration follows the sign of the gradient of the cross-entropy of the net's *own* answer upwards, adds Gaussian
    noise and goes back into the box. Points whose witness is found leave the search.

    Args:
        net: The net.
        x: (N, d) points, data units.
        radius: Radius r of the box in the maximum norm, data units.
        step: Length a of a step of the sign; 0.8 r if not given.
        noise: Standard deviation b of the noise; 0.6 r if not given.
        iterations: Iterations at the most.
        early_stop: End after an iteration that found fewer new critical points; 0 goes on to the last iteration.
        clip: Lowest and highest value of an input, of all or (d,) of each; ``None`` for no bounds.
        rng: Source of the noise, or its seed.
        start: What was found for the same points in a smaller box: its critical points are so in this one too.
        unit: (d,) how far 1 in data units is in each input, where the net reads them in others; the points, the
            bounds and the witnesses are as it reads them.

    Returns:
        The critical points with their witnesses.

    Raises:
        InvalidInput: If the radius is negative, or ``start`` is of a larger box.

    Example:
        >>> net = Weights((np.array([[1.0, 0.0], [0.0, 0.0]], np.float32),), (np.zeros(2, np.float32),))
        >>> critical_points(net, np.array([[0.05, 0.0], [0.5, 0.0]]), 0.1).critical.tolist()
        [True, False]
    """
    if radius < 0 or (start is not None and start.radius > radius):
        floor = 0.0 if start is None else start.radius
        raise InvalidInput(f"The radius {radius:g} is below {floor:g}.", hint=f"Give {floor:g} or more.")
    points = np.ascontiguousarray(x, np.float32)
    scale = 1.0 if unit is None else unit.astype(np.float64)
    lengths = (STEP * radius if step is None else step, NOISE * radius if noise is None else noise)
    done = 0
    rng = np.random.default_rng(rng)
    with one_thread():  # the products are small, and two threads would wait for each other
        search = _Search(net.folded().astype(np.float32), points, radius * scale, clip, start)
        while done < iterations and len(search.open) and radius > 0:
            done += 1
            if search.advance(lengths[0] * scale, lengths[1] * scale, rng) < early_stop:
                break
    return search.found(radius, done)


def critical_ratios(net: Weights, x: FloatArray, radii: Sequence[float], **search: object) -> list[CriticalPoints]:
    """Search in boxes of several radii, each from the witnesses of the one before, so that no ratio falls with r.

    Args:
        net: The net.
        x: (N, d) points.
        radii: The radii, rising.
        **search: What ``critical_points`` takes besides.

    Returns:
        What was found, by radius.
    """
    found: list[CriticalPoints] = []
    for radius in radii:
        start = found[-1] if found else None
        found.append(critical_points(net, x, radius, start=start, **search))  # type: ignore[arg-type]
    return found


class _Search:
    """Places that move within their boxes, of the points whose answer has not changed yet.

    The pass that tells whether an answer has changed is the one from which the next step starts, so that an iteration
    passes through the net once, and back once.

    Args:
        net: A net without batch normalisation, float32.
        points: (N, d) float32.
        radius: Radius of the boxes.
        clip: InputBounds of every input.
        start: What was found in smaller boxes.
    """

    def __init__(
        self,
        net: Weights,
        points: Float32Array,
        radius: Length,
        clip: InputBounds | None,
        start: CriticalPoints | None,
    ) -> None:
        self._net = net
        self.critical = np.zeros(len(points), bool) if start is None else start.critical.copy()
        self.witnesses = points.copy() if start is None else start.witnesses.copy()
        self.open = np.flatnonzero(~self.critical)
        self._low, self._high = (end[self.open] for end in box(points, radius, clip))
        self._place = self.witnesses[self.open]
        own = net.passed(points[self.open])
        self._answers = own.outputs.argmax(axis=1)
        self._passed = own if start is None else net.passed(self._place)

    def advance(self, step: Length, noise: Length, rng: np.random.Generator) -> int:
        """Move every place once, and give how many answers changed."""
        place = self._place
        gradient = self._passed.gradient(away_from(self._passed.outputs, self._answers))
        place += np.asarray(step, np.float32) * np.sign(gradient)
        if np.any(noise):
            place += np.asarray(noise, np.float32) * rng.standard_normal(place.shape, dtype=np.float32)
        np.clip(place, self._low, self._high, out=place)
        self._passed = self._net.passed(place)
        changed = self._passed.outputs.argmax(axis=1) != self._answers
        if changed.any():
            self._close(changed)
        return int(changed.sum())

    def _close(self, changed: npt.NDArray[np.bool_]) -> None:
        """Take the points whose answer has changed out of the search."""
        found = self.open[changed]
        self.critical[found], self.witnesses[found] = True, self._place[changed]
        left = ~changed
        self.open, self._place, self._passed = self.open[left], self._place[left], self._passed.only(left)
        self._low, self._high, self._answers = self._low[left], self._high[left], self._answers[left]

    def found(self, radius: float, iterations: int) -> CriticalPoints:
        """Give what has been found in so many iterations."""
        self.witnesses[self.open] = self._place
        return CriticalPoints(radius, self.critical, self.witnesses, iterations)


def away_from(outputs: FloatArray, answers: Labels) -> FloatArray:
    """Give the direction in which the cross-entropy of the answers rises.

    Args:
        outputs: (N, K).
        answers: (N,) the net's own answers.

    Returns:
        (N, K), by the outputs. It is the gradient up to a positive factor for each example: with it the gradient of a
        net that is sure of its answer rounds to 0 and the search stands still, and the sign is all that is needed.
    """
    rows = np.arange(len(outputs))
    others = outputs.copy()
    others[rows, answers] = -np.inf
    others -= others.max(axis=1, keepdims=True)
    np.exp(others, out=others)
    others[rows, answers] = -others.sum(axis=1)
    return others


def box(points: Float32Array, radius: Length, clip: InputBounds | None = None) -> tuple[Float32Array, Float32Array]:
    """Give the lowest and highest float32 inputs that are no further than the radius from each point.

    Args:
        points: (N, d) float32.
        radius: The radius, of all inputs or (d,) of each.
        clip: InputBounds of every input; a point outside them goes no further out.

    Returns:
        Both ends (N, d), within the radius also in exact arithmetic.
    """
    exact = points.astype(np.float64)
    low, high = (exact - radius).astype(np.float32), (exact + radius).astype(np.float32)
    low = np.where(exact - low > radius, np.nextafter(low, np.float32(np.inf)), low)
    high = np.where(high - exact > radius, np.nextafter(high, np.float32(-np.inf)), high)
    if clip is None:
        return low, high
    bottom, top = np.asarray(clip[0], np.float32), np.asarray(clip[1], np.float32)
    return np.minimum(np.maximum(low, bottom), points), np.maximum(np.minimum(high, top), points)
