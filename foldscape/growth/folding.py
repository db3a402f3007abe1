"""Folding: a new unit whose fold runs through the boundary by a typical mistake (J. Kang 2024; docs/growth.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import NewUnit, Scene, Widening, listing_settings
from foldscape.model import in_forms

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.folds.direction import FoldDirection
    from foldscape.growth.folds.fold_point import FoldPoint
    from foldscape.growth.folds.typical import TypicalInstance
    from foldscape.net.mlp import Weights

SHOWN = 200
"""Examples of the cluster that are named."""


class Folding(Widening):
    """Fold the inputs at the decision boundary nearest to a typical mistake, active on the side of the mistake.

    The new unit's weights w have the mean norm of its layer's others and its bias is -w·x_f, so that its fold alone is
    laid through the fold point x_f and the folds that are there stay. Its outgoing weights are zero, so the function is
    kept whatever w is; so w is chosen by what the outgoing weights could do with it. Deeper layers fold the space of
    what they receive.
    """

    model_config = listing_settings("widening", "best fold", "folds")

    kind: Literal["folding"] = "folding"
    criterion: Literal["newton", "gradmax", "align", "mix"] = Field("newton", json_schema_extra=in_forms(advanced=True))
    """What the direction of the fold maximises: the predicted gain, the first gradient, the new unit's output at the
    mistake, or a blend of the first and the last."""
    fold_point: Literal["effective", "author"] = Field("effective", json_schema_extra=in_forms(advanced=True))
    """Nearest point of the whole boundary, or of the straight line that the mistake's own cell continues."""
    clusters_of: Literal["all", "wrong"] = Field("all", json_schema_extra=in_forms(advanced=True))
    """Examples that are clustered to find a typical mistake: all, weighted with their loss, or only the mistakes."""
    alpha: float = Field(0.25, ge=0, le=1, json_schema_extra=in_forms(criterion="mix"))
    """For ``mix``: share of the cosine towards the mistake."""
    convex: bool = Field(False, json_schema_extra=in_forms(advanced=True))
    """Start from the best outgoing weights instead of zero; the function is then not kept, and the loss falls."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Choose mistake, fold point and direction."""
        # Imported here: a spec names this rule and loads no compiled code.
        from foldscape.growth.folds.criteria import Pivot
        from foldscape.growth.folds.direction import best_direction, dial
        from foldscape.growth.folds.fold_point import fold_point
        from foldscape.growth.folds.gain import gain_of, response
        from foldscape.growth.folds.outgoing import best_outgoing
        from foldscape.growth.folds.scenery import cut_box, refuse_without_folds
        from foldscape.growth.folds.typical import typical_instance
        from foldscape.losses.cross_entropy import cross_entropy

        refuse_without_folds(net)
        scene.refuse_other_losses()
        exact, x, y = net.astype(np.float64).folded(), scene.x.astype(np.float64), scene.y
        logits = exact.logits(x)
        typical = typical_instance(x, y, logits, rng, clusters_of=self.clusters_of)
        if typical is None:
            raise NotPossible(
                f"Nothing is mis-predicted: all {len(y)} training points are right, so there is no mistake to fold at.",
                hint="Stop growing here, or lay a fold by hand.",
            )
        found = fold_point(exact, x, y, logits, typical.index, self.fold_point, cut_box(scene))
        anchor, mistake = exact.layer_inputs(np.stack([found.point, x[typical.index]]), self.layer)
        seen = response(exact, self.layer, x, y)
        pivot = Pivot(seen, anchor, mistake - anchor, exact.mean_row_norm(self.layer))
        chosen = best_direction(pivot, self.criterion, rng, self.alpha)
        bias = -float(chosen.weights @ anchor)
        outgoing: FloatArray = np.zeros(len(net.biases[self.layer + 1]))
        if self.convex:
            outgoing = best_outgoing(exact, self.layer, chosen.weights, bias, x, y)
            if self.layer + 1 < len(net.norms) and (normed := net.norms[self.layer + 1]):
                outgoing = outgoing / normed.factor
        explanation = self._told(scene, logits, typical, found, chosen) | {
            "loss": float(cross_entropy(logits, y).mean()),
            "gain": gain_of(seen, chosen.weights, bias),
            "dial": dial(chosen.objective) if self.layer == 0 and x.shape[1] == 2 else None,
        }
        return NewUnit(chosen.weights, bias, outgoing, chosen.value, explanation)

    def _told(
        self, scene: Scene, logits: FloatArray, typical: TypicalInstance, found: FoldPoint, chosen: FoldDirection
    ) -> dict[str, Any]:
        return {
            "instance": typical.index,
            "point": scene.to_look_at(scene.x[typical.index]).tolist(),
            "class": int(scene.y[typical.index]),
            "predicted": int(logits[typical.index].argmax()),
            "cluster_size": typical.size,
            "cluster_loss": typical.loss,
            "cluster": typical.cluster[:SHOWN].tolist(),
            "fold_point": found.point.tolist(),
            "fold_point_method": found.method,
            "author_point": None if found.author is None else found.author.tolist(),
            "on_segment": found.on_segment,
            "segment": None if found.segment is None else found.segment.tolist(),
            "direction": chosen.weights.tolist(),
            "criterion": self.criterion,
        }
