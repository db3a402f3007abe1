"""GradMax: new units whose first gradient is as large as it can be (Evci et al. 2022, arXiv 2201.05125)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, cast

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, NewUnit, Scene, Widening, listing_settings, widened
from foldscape.net.mlp import backward

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.losses import Loss
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet

ScaleBy = Literal["equal", "sigma"]

LEAST = 1e-10
"""A singular value below this share of the first is rounding; the errors of two classes, say, are opposite."""


class GradMax(Widening):
    """Zero incoming weights; outgoing weights along the directions in which the loss falls fastest.

    With incoming weights zero the function is kept. The gradient of the incoming weights is ``outgoing @ M`` with
    ``M = E[error of the next layer ⊗ input of this layer]``; among k orthonormal outgoing vectors times c, its norm
    is largest for the first k left singular vectors of M, unit i then having a gradient of norm c σᵢ. (Were only the
    norm of all of them bound, the best would be k copies of the first.) A vector and its opposite are equally steep;
    the one whose first step lowers the loss more is taken.

    The units start exactly at the fold of their ReLU, where its derivative has to be 1, as in both engines. PyTorch's
    own ``relu`` has 0 there, and would never let them learn.
    """

    model_config = listing_settings("widening", "GradMax", "gradients and ranks")
    grows: ClassVar[tuple[str, ...]] = ("layers", "blocks")

    kind: Literal["gradmax"] = "gradmax"
    scale: float = Field(1, gt=0, le=10)
    """Norm c of the outgoing weights, in the measure of ``scale_method``."""
    scale_method: Literal["mean_norm", "fixed"] = "mean_norm"
    """Whether c is a share of the mean norm of the layer's other outgoing weights, or ``scale`` itself."""
    units: int = Field(1, ge=1, le=64)
    """Units added at once, each with a direction of its own."""
    scale_by: ScaleBy = "equal"
    """Whether all units get the norm c, or unit i c σᵢ / σ₁."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Take the first direction; draws nothing."""
        return self._choose(net, scene, 1)[0]

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Add all units at the end of the layer; draws nothing but, for blocks, the examples that it looks at."""
        if net.can.grown_as == "blocks":
            from foldscape.growth.blocks.gradmax import gradmax_in_block

            return gradmax_in_block(self, cast("ModularNet", net), scene, rng)
        self.check(net)
        chosen = self._choose(net, scene, self.units)
        norms = [unit.score for unit in chosen]
        explanation = {**chosen[0].explanation, "gradient_norms": norms}
        return widened(net, self.layer, *chosen, score=float(np.linalg.norm(norms)), explanation=explanation)

    def _choose(self, net: Weights, scene: Scene, units: int) -> list[NewUnit]:
        exact, x = net.astype(np.float64), scene.x.astype(np.float64)
        loss = scene.loss
        passed = backward(exact, x, scene.y, loss.error)
        moment = passed.errors[self.layer + 1].T @ passed.inputs[self.layer] / len(x)
        norm = self.scale
        if self.scale_method == "mean_norm":
            norm *= exact.mean_column_norm(self.layer + 1)
        found = orthogonal_outgoing(moment, units, norm, self.scale_by)
        explanation = {"singular_values": found.singular_values.tolist(), "outgoing_norm": norm}
        return [
            NewUnit(
                np.zeros(moment.shape[1]),
                0.0,
                self._downhill(exact, x, scene.y, loss, moment, column),
                length,
                explanation,
            )
            for column, length in zip(found.outgoing.T, found.gradient_norms.tolist(), strict=True)
        ]

    def _downhill(
        self, net: Weights, x: FloatArray, y: np.ndarray, loss: Loss, moment: FloatArray, outgoing: FloatArray
    ) -> FloatArray:
        """Give the outgoing weights or their opposite, whichever's first step lowers the loss more."""

        def after(candidate: FloatArray) -> float:
            gradient = candidate @ moment
            step = -net.mean_row_norm(self.layer) * gradient / np.linalg.norm(gradient)
            tried = net.with_unit(self.layer, step, 0.0, candidate)
            return float(loss.values(tried.logits(x), y).mean())

        return min((outgoing, -outgoing), key=after)


class Steepest(NamedTuple):
    """Outgoing weights with the largest gradient.

    Attributes:
        outgoing: (fan_out, k), orthogonal columns.
        gradient_norms: Norm of the gradient of each unit's incoming weights, (k,).
        singular_values: All of M's.
    """

    outgoing: FloatArray
    gradient_norms: FloatArray
    singular_values: FloatArray


def orthogonal_outgoing(moment: FloatArray, units: int, norm: float, scale_by: ScaleBy = "equal") -> Steepest:
    """Give the orthogonal outgoing weights that make the gradient of zero incoming weights largest.

    Args:
        moment: M (fan_out, fan_in); the gradient of the incoming weights is ``outgoing.T @ M``.
        units: How many, k; at most the rank of M, or some would never learn.
        norm: Norm of each column, or of the first.
        scale_by: "equal" norms, or norms that fall off as the singular values do ("sigma").

    Returns:
        Weights (fan_out, units), singular values and the norm of each unit's first gradient.

    Raises:
        NotPossible: If M has a lower rank than there are units.
    """
    left, singular, _ = np.linalg.svd(moment, full_matrices=False)
    rank = int((singular > LEAST * singular[0]).sum())
    if units > rank:
        raise NotPossible(
            f"{units} new units were asked for, but the gradient has only {rank} directions here.",
            hint=f"Ask for {rank} at most, or for another layer." if rank else "Let the net train first.",
        )
    norms = norm * (np.ones(units) if scale_by == "equal" else singular[:units] / singular[0])
    return Steepest(left[:, :units] * norms, norms * singular[:units], singular)
