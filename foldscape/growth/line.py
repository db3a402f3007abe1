"""A fold laid by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from foldscape.errors import NotPossible
from foldscape.growth.base import NewUnit, Scene, Widening, listing_settings

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.geometry.box import Box
    from foldscape.net.mlp import Weights


class Line(Widening):
    """Lay the fold of a new unit of the first hidden layer along a drawn line, with zero outgoing weight."""

    model_config = listing_settings("widening", "fold along a line", "folds")

    kind: Literal["line"] = "line"
    a: tuple[float, float]
    """Where the line begins, in data units."""
    b: tuple[float, float]
    """Where it ends."""
    side: Literal[1, -1] = 1
    """Side on which the unit is active: 1 is the left of the way from a to b, -1 the right."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Give the unit whose fold is the line; draws nothing."""
        # Imported here: a spec names this rule and loads no compiled code.
        from foldscape.growth.folds.criteria import Pivot, objective
        from foldscape.growth.folds.direction import dial
        from foldscape.growth.folds.gain import gain_of, response
        from foldscape.growth.folds.scenery import refuse_off_the_plane, refuse_without_folds

        refuse_without_folds(net)
        scene.refuse_other_losses()
        box = refuse_off_the_plane(net, scene)
        if self.layer != 0:
            raise NotPossible(
                f"A line cannot be laid in hidden layer {self.layer + 1}: folds there bend at those of earlier layers.",
                hint="Draw it for layer 1, or let the net choose a fold.",
            )
        exact = net.astype(np.float64).folded()
        norm = exact.mean_row_norm(0)
        incoming = norm * self._normal()
        point = self._middle(box)
        bias = -float(incoming @ point)
        seen = response(exact, 0, scene.x, scene.y)
        gain = gain_of(seen, incoming, bias)
        explanation = {
            "line": [list(self.a), list(self.b)],
            "side": self.side,
            "direction": incoming.tolist(),
            "fold_point": point.tolist(),
            "gain": gain,
            "dial": dial(objective(Pivot(seen, point, np.zeros(2), norm), "newton")),
        }
        return NewUnit(incoming, bias, np.zeros(len(net.biases[1])), gain, explanation)

    def _normal(self) -> FloatArray:
        along = np.subtract(self.b, self.a)
        length = math.hypot(*along)
        if not length > 0:
            raise NotPossible(
                f"The line from {self.a} to {self.b} has no length, so it has no direction.",
                hint="Draw it between two different points.",
            )
        return self.side * np.array([-along[1], along[0]]) / length

    def _middle(self, box: Box) -> FloatArray:
        """Give the middle of what was drawn within the box; where nothing was, of the fold there."""
        from foldscape.growth.folds.fold_point import clip_line

        ends = clip_line(np.array(self.a), self._normal(), box)
        if ends is None:
            raise NotPossible(
                f"The line from {self.a} to {self.b} lies outside the box "
                f"({box[0]:g} to {box[1]:g} across, {box[2]:g} to {box[3]:g} up) and never crosses it.",
                hint="Draw it where the data are.",
            )
        along = np.subtract(self.b, self.a)
        shares = np.sort((ends - np.array(self.a)) @ along / (along @ along))
        drawn = np.clip(shares, 0, 1) if shares[0] < 1 and shares[1] > 0 else shares
        middle: FloatArray = np.array(self.a) + drawn.mean() * along
        return middle
