"""What optimisers and terms remember from update to update, beside the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Blocks = tuple[np.ndarray, ...]
"""One array a parameter array, in the order of ``Weights.flat``."""
MemoryRow = Literal["first", "second", "age"]


@dataclass(frozen=True)
class Memory:
    """What an optimiser remembers, and the terms of a run.

    Attributes:
        first: Velocity, or a mean of gradients, one array a parameter array in the order of ``Weights.flat``; empty
            for plain gradient descent.
        second: A mean of squared gradients; empty where none is kept.
        age: Updates each entry of each array has had, for a bias correction; so a new unit's first step has the
            length of a first step.
        terms: What terms hold, by ``kind.name``, each shaped like the parameters; see ``foldscape.terms``.
        directions: The K sharpest directions as last found, orthonormal, one (K, ...) float32 array a parameter
            array; empty where the optimiser looks at none, and before they are found.
        curvatures: One (K,) float64 array: their eigenvalues; empty likewise.
    """

    first: Blocks = ()
    second: Blocks = ()
    age: Blocks = ()
    terms: Mapping[str, Blocks] = field(default_factory=dict)
    directions: Blocks = ()
    curvatures: Blocks = ()

    def arrays(self) -> dict[str, Blocks]:
        """Give it as named arrays, as a snapshot stores it."""
        held = {f"{_TERM}{name}": blocks for name, blocks in self.terms.items()}
        sharpest = {"directions": self.directions, "curvatures": self.curvatures} if self.directions else {}
        return {"first": self.first, "second": self.second, "age": self.age} | held | sharpest

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Blocks]) -> Memory:
        """Read back what ``arrays`` gave; other names are left alone."""
        held = {name.removeprefix(_TERM): arrays[name] for name in arrays if name.startswith(_TERM)}
        sharpest = arrays.get("directions", ()), arrays.get("curvatures", ())
        return cls(arrays["first"], arrays["second"], arrays["age"], held, *sharpest)


def flat_directions(directions: Blocks) -> np.ndarray:
    """Give directions as (K, P), one a row, their parameters in the order of ``Weights.flat``."""
    return np.concatenate([part.reshape(len(part), -1) for part in directions], axis=1)


_TERM = "term_"
