"""GradMax: a new unit whose first gradient is as large as it can be (arXiv 2201.05125, science E7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.growth.base import GrowthRule, NewUnit
from foldscape.net.mlp import backward, cross_entropy

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


class GradMax(GrowthRule):
    """Zero incoming weights; outgoing weights along the direction in which the loss falls fastest.

    With incoming weights zero the function is kept. The gradient of the incoming weights is ``outgoing @ M`` with
    ``M = E[error of the next layer ⊗ input of this layer]``; among outgoing vectors of norm c it is longest for c
    times the first left singular vector of M. Both signs are equally steep; the one whose first step lowers the
    loss more is taken.
    """

    kind: Literal["gradmax"] = "gradmax"
    scale: float = Field(1, gt=0, le=10)
    """Norm of the outgoing weights, as a share of the mean norm of the layer's others."""

    def propose(self, net: Weights, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> NewUnit:
        """Take the first left singular vector of M; draws nothing."""
        exact = net.astype(np.float64)
        passed = backward(exact, x.astype(np.float64), y)
        inputs, errors = passed.inputs[self.layer], passed.errors[self.layer + 1]
        moment = errors.T @ inputs / len(x)
        left, singular, _ = np.linalg.svd(moment, full_matrices=False)
        columns = np.linalg.norm(exact.weights[self.layer + 1], axis=0)
        norm = self.scale * (float(columns.mean()) or 1.0)
        incoming = np.zeros(inputs.shape[1])
        outgoing = min(
            (norm * left[:, 0], -norm * left[:, 0]),
            key=lambda candidate: self._loss_after_step(exact, x, y, moment, candidate),
        )
        explanation = {"singular_values": singular.tolist(), "outgoing_norm": norm}
        return NewUnit(incoming, 0.0, outgoing, float(norm * singular[0]), explanation)

    def _loss_after_step(
        self, net: Weights, x: np.ndarray, y: np.ndarray, moment: np.ndarray, outgoing: np.ndarray
    ) -> float:
        gradient = outgoing @ moment
        length = float(np.linalg.norm(gradient)) or 1.0
        step = -net.mean_row_norm(self.layer) * gradient / length
        tried = net.with_unit(self.layer, step, 0.0, outgoing)
        return float(cross_entropy(tried.logits(x.astype(np.float64)), y).mean())
