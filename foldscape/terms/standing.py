"""The hills that stand in a run: the kept nets on which they stand, their widths, and how far the run has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array, FloatArray, Int64Array
from foldscape.optimizer.memory import Blocks
from foldscape.terms.held import of_kind

RECENT = 5
"""Epochs whose way is the measure of a relative width."""
FIXED = 256
"""Points at most on which outputs are compared."""
UNSHAPED = ("sigma", "reference", "step", "number", "outputs", "lengths", "losses")
"""What is held of hills that is not shaped like the parameters."""
_TOP = "c"


def vector_of(blocks: Sequence[FloatArray]) -> Float64Array:
    """Give parameter arrays as one vector (P,) in double precision."""
    return np.concatenate([part.ravel() for part in blocks]).astype(np.float64)


@dataclass(frozen=True)
class Standing:
    """The hills of a run between two updates, the oldest first.

    Attributes:
        tops: Parameters of each kept net, as ``Weights.flat`` has them.
        sigma: (C,) widths, parameter units.
        reference: (C,) way of the last epochs when each was put, parameter units; NaN where its width is absolute.
        step: (C,) updates done then.
        number: (C,) which hill of the run each is, from 0.
        outputs: (C, n, K) softmax outputs of each kept net on n fixed training points.
        last: Parameters from which the way of the present epoch counts; empty where nobody keeps track.
        lengths: Lengths of the last ``RECENT`` epochs' ways, parameter units.
        losses: Training losses since the last hill, where a plateau is looked for.
    """

    tops: tuple[Blocks, ...] = ()
    sigma: Float64Array = field(default_factory=lambda: np.zeros(0))
    reference: Float64Array = field(default_factory=lambda: np.zeros(0))
    step: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    number: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    outputs: FloatArray = field(default_factory=lambda: np.zeros((0, 0, 0), np.float32))
    last: Blocks = ()
    lengths: Float64Array = field(default_factory=lambda: np.zeros(0))
    losses: Float64Array = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, held: Mapping[str, Blocks]) -> Standing:
        """Read what a term holds by name; of nothing there is nothing."""
        if "sigma" not in held:
            return cls()
        tops = tuple(held[f"{_TOP}{c}"] for c in range(len(held["sigma"][0])))
        plain: dict[str, Any] = {name: held[name][0] for name in UNSHAPED}
        return cls(tops=tops, last=held.get("last", ()), **plain)

    @classmethod
    def among(cls, held: Mapping[str, Blocks]) -> Standing:
        """Read it from what all terms hold, by ``kind.name``."""
        return cls.of(of_kind("hills", held))

    def held(self) -> dict[str, Blocks]:
        """Give it as a term holds it."""
        tops = {f"{_TOP}{c}": blocks for c, blocks in enumerate(self.tops)}
        plain: dict[str, Blocks] = {name: (getattr(self, name),) for name in UNSHAPED}
        return tops | plain | ({"last": self.last} if self.last else {})

    def __len__(self) -> int:
        return len(self.tops)

    def way(self, theta: Sequence[FloatArray]) -> float:
        """Give how far the net has come in the last epochs and in the present one, from epoch to epoch."""
        return float(self.lengths.sum()) + (distance(self.last, theta) if self.last else 0.0)

    def after_epoch(self, theta: Blocks) -> Standing:
        """Take in where an epoch has led."""
        if not self.last:
            return replace(self, last=theta)
        lengths = np.append(self.lengths, distance(self.last, theta))[-RECENT:]
        return replace(self, last=theta, lengths=lengths)

    def put(
        self, theta: Blocks, outputs: FloatArray, *, sigma: float, reference: float, step: int, most: int
    ) -> Standing:
        """Put one more where the net is; of more than ``most`` the oldest goes."""
        number = int(self.number[-1]) + 1 if len(self) else 0
        more = replace(
            self,
            tops=(*self.tops, theta),
            sigma=np.append(self.sigma, sigma),
            reference=np.append(self.reference, reference),
            step=np.append(self.step, step),
            number=np.append(self.number, number),
            outputs=np.concatenate([self.outputs, outputs[None]]) if len(self) else outputs[None],
            losses=np.zeros(0),
        )
        return more.only(slice(-most, None))

    def only(self, chosen: slice) -> Standing:
        """Keep some of them."""
        rows = {name: getattr(self, name)[chosen] for name in UNSHAPED[:5]}
        return replace(self, tops=self.tops[chosen], **rows)


def distance(first: Sequence[FloatArray], second: Sequence[FloatArray], chosen: Sequence[int] | None = None) -> float:
    """Give the length of the difference of two nets' parameters, or of some of their arrays."""
    places = range(len(first)) if chosen is None else chosen
    apart = (np.subtract(first[p], second[p], dtype=np.float64).ravel() for p in places)
    return float(np.sqrt(sum(float(part @ part) for part in apart)))


def fixed_points(points: int) -> Int64Array:
    """Give the indices of at most ``FIXED`` of so many points, evenly spread."""
    spread: Int64Array = np.unique(np.linspace(0, points - 1, min(FIXED, points)).round().astype(np.int64))
    return spread
