"""Draw the training points with replacement: Breiman (1996), "Bagging predictors"."""

from __future__ import annotations

from typing import Literal

import numpy as np

from foldscape.arrays import Indices, Labels
from foldscape.chance import generator
from foldscape.errors import FieldRefused
from foldscape.resampling.base import Resampling


class Bagging(Resampling):
    """As many points as there are, drawn with replacement, anew for each member: about 63 % of them, some repeated."""

    kind: Literal["bagging"] = "bagging"

    def drawn(self, y: Labels, seed: int, member: int) -> Indices:
        """Draw; see ``Resampling.drawn``.

        Returns:
            (N,) indices, rising, with repetitions.

        Raises:
            FieldRefused: If a class would have no point.

        Example:
            >>> Bagging().drawn(np.array([0, 1, 0, 1, 0, 1]), seed=0, member=3).tolist()
            [0, 1, 1, 2, 3, 4]
        """
        found: Indices = np.sort(generator(seed, "bagging", member).integers(len(y), size=len(y)))
        if missing := np.setdiff1d(y, y[found]).tolist():
            raise FieldRefused(
                f"bagging draws no training point of class {missing[0]} for member {member} of seed {seed}",
                path="resample",
                given="bagging",
                allowed="draws that hold every class",
                hint="Take another seed or member, a set with more points, or whole.",
            )
        return found
