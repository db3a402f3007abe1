"""Adversarial training: updates learn from inputs that were moved to where their loss is larger.

FGSM (Goodfellow et al. 2015, arXiv 1412.6572, section 4) takes one step of the sign of the gradient; PGD (Madry et al.
2018, arXiv 1706.06083) several shorter ones from a random place, each going back into the box.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from foldscape.model import Model, in_forms

if TYPE_CHECKING:
    from torch import Tensor


class Adversarial(Model):
    """How the inputs of an update are moved."""

    kind: Literal["fgsm", "pgd"] = "fgsm"
    """One step of the whole radius (FGSM), or several shorter ones from a random place (PGD)."""
    radius: float = Field(0.05, gt=0, le=1000)
    """How far an input is moved at most, in every place, data units."""
    steps: int = Field(7, ge=1, le=100, json_schema_extra=in_forms(kind="pgd"))
    """Steps of PGD, each 2.5 radii over their number."""

    @property
    def gradients(self) -> int:
        """Gradients that moving a batch takes."""
        return 1 if self.kind == "fgsm" else self.steps

    def moved(
        self, x: Tensor, start: Tensor | None, loss: Callable[[Tensor], Tensor], unit: Tensor | None = None
    ) -> Tensor:
        """Move a batch of inputs.

        Args:
            x: (n, d) inputs.
            start: (n, d) where PGD begins, relative to them; ``None`` for FGSM.
            loss: Gives the mean loss of a batch, differentiable.
            unit: (d,) how far 1 in data units is in each input, where the net reads them in others.

        Returns:
            (n, d) inputs within the radius in every place.
        """
        import torch

        radius = self.radius if unit is None else self.radius * unit
        length = radius if start is None else 2.5 * radius / self.steps
        place = x if start is None else x + start
        for _ in range(self.gradients):
            place = place.detach().requires_grad_()
            (slope,) = torch.autograd.grad(loss(place), place)
            place = torch.clamp(place.detach() + length * slope.sign(), x - radius, x + radius)
        return place.detach()
