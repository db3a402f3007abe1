"""Hills on earlier nets: what was found is made a bad place to be, so that training looks elsewhere.

The idea of a penalty near earlier solutions is tabu search's (Glover 1989), of a sum of Gaussians that fills the wells
where a system has been that of metadynamics (Laio and Parrinello 2002, "Escaping free-energy minima", equation 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from foldscape.losses.cross_entropy import softmax
from foldscape.measures.column import Column
from foldscape.model import Model, held_together, in_forms
from foldscape.optimizer.memory import Blocks
from foldscape.terms.base import Carry, Term, TermMoment
from foldscape.terms.hill_shapes import HillKernel, height, slope
from foldscape.terms.standing import UNSHAPED, Standing, distance, fixed_points

if TYPE_CHECKING:
    from torch import Tensor

MOST_NUMBERS = 1 << 28
"""Numbers that the tops of all hills may have together: a gibibyte."""
RESTLESS = 1e-3
"""Noise after a new hill, where no momentum carries the net off its top: there the hill's gradient is 0."""
HillScope = Literal["all", "weights", "last_layer"]


class HillPlateau(Model):
    """The training loss has stopped falling since the last hill."""

    patience: int = Field(20, ge=2, le=100_000)
    """Epochs to look back."""
    min_delta: float = Field(0.01, ge=0, le=1)
    """Share by which the loss has to fall within the patience."""


class HillPenalty(Term):
    """A hill on each checkpoint, s·Σ k_c with k_c = exp(-||θ - θ_c||²/2σ²): what was found pushes the net away.

    A checkpoint is the net of an earlier moment. On a minimum with curvature λ the hill makes a saddle where s/σ² > λ
    for the smallest λ, and a maximum where that holds for the largest.

    Example:
        >>> hills = HillPenalty(strength=2.0, sigma=1.0)
        >>> held = Standing().put((np.zeros(2),), np.zeros((1, 2)), sigma=1.0, reference=np.nan, step=0, most=4).held()
        >>> hills.value((np.zeros(2),), held, 1)
        2.0
    """

    column: ClassVar[Column] = Column("term_hills", "hills' part of the loss", "nats", mean="arithmetic")
    unshaped: ClassVar[tuple[str, ...]] = UNSHAPED

    kind: Literal["hills"] = "hills"
    strength: float = Field(1.0, ge=0, le=1e6)
    """Strength s: height of each hill, in the unit of the loss; 0 is as if there were none."""
    sigma_rel: float = Field(1.0, gt=0, le=1e6)
    """Width of a hill as a multiple of the way that the net has come in the last 5 epochs before it."""
    sigma: float | None = Field(None, gt=0, le=1e9)
    """Width in parameter units instead; empty (``null``) takes the relative one."""
    kernel: HillKernel = "rbf"
    """Shape of a hill over the distance; function compares outputs on 256 training points instead of parameters."""
    scope: HillScope = "all"
    """Which parameters the distance is measured in: all, those of weight matrices, or those of the last layer."""
    at_epochs: tuple[int, ...] = Field((), max_length=1000)
    """Put a hill when so many epochs are done."""
    every: int | None = Field(None, ge=1, le=1_000_000)
    """Put one every so many epochs as well; empty (``null``) puts none so."""
    on_plateau: HillPlateau | None = None
    """Put one when the training loss has stopped falling as well."""
    most: int = Field(16, ge=1, le=64)
    """Hills that stand at most; beyond, the oldest goes."""
    jitter: float | None = Field(None, ge=0, le=1, json_schema_extra=in_forms(advanced=True))
    """Move off the top of a new hill by noise of so many times the parameters' root mean square; empty (``null``) is
    0, or 0.001 for an optimiser without momentum."""

    @field_validator("at_epochs")
    @classmethod
    def _are_epochs(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if bad := [epoch for epoch in epochs if epoch < 1]:
            raise ValueError(f"{bad[0]} is no number of epochs that are done; hills can stand from 1 on")
        return tuple(sorted(set(epochs)))

    @held_together
    def _scope_is_of_use(self) -> Self:
        if self.kernel == "function" and self.scope != "all":
            raise ValueError(f"scope {self.scope} is for distances of parameters; kernel function takes all")
        return self

    @property
    def is_fused(self) -> bool:
        """Whether compiled code carries it out within its update."""
        return self.kernel != "function"

    def chosen(self, theta: Sequence[Any]) -> list[int]:
        """Give the places of the parameter arrays in which distance is measured."""
        places = range(len(theta))
        if self.scope == "last_layer":
            return list(places[-2:])
        return [place for place in places if self.scope == "all" or theta[place].ndim > 1]

    def counted(self, theta: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Give which parameters (P,) count in the distance."""
        chosen = set(self.chosen(theta))
        return np.concatenate([np.full(part.size, place in chosen) for place, part in enumerate(theta)])

    def jitter_of(self, *, has_momentum: bool) -> float:
        """Give the size of the noise after a new hill, as a share of the parameters' root mean square."""
        if not self.strength:
            return 0.0
        return self.jitter if self.jitter is not None else 0.0 if has_momentum else RESTLESS

    def trouble_with(self, parameters: int, *, by_torch: bool) -> str:
        """Say in a sentence why a net cannot have these hills; begins with the field, empty where it can."""
        # what torch trains lies as weights and biases by layer, the output's last
        if self.scope != "all" and not by_torch:
            return f"scope {self.scope} asks for layers, and this net has none; set it to all"
        if self.kernel == "function" and not by_torch:
            return "kernel function trains by torch, which does not train this net; set it to rbf"
        most = MOST_NUMBERS // parameters
        if self.most > most:
            way = f"take {most} or fewer" if most else "take a smaller net"
            return f"most {self.most} hills of {parameters:,} parameters each do not fit into memory; {way}"
        return ""

    def width_of(self, reference: float) -> float:
        """Give the width of a hill that is put after a way of this length."""
        return self.sigma_rel * reference if self.sigma is None else self.sigma

    def begin(self, theta: Blocks) -> dict[str, Blocks]:
        """Stand at the beginning of the way."""
        return Standing(last=theta).held()

    def distances(self, theta: Blocks, standing: Standing) -> list[float]:
        """Give the distance of the parameters from each top, in the arrays that count."""
        chosen = self.chosen(theta)
        return [distance(theta, top, chosen) for top in standing.tops]

    def value(self, theta: Blocks, held: Mapping[str, Blocks], step: int) -> float | None:
        """Give s Σ k_c; ``None`` for kernel function, which the parameters alone do not tell."""
        standing = Standing.of(held)
        if self.kernel == "function" and len(standing):
            return None
        return self._sum(self.distances(theta, standing), standing)

    def value_of(self, net: Any, x: np.ndarray, held: Mapping[str, Blocks], step: int) -> float | None:
        """Give s Σ k_c of a net and its training points."""
        standing = Standing.of(held)
        if self.kernel != "function" or not len(standing):
            return self.value(tuple(net.flat()), held, step)
        return self._sum(output_distances(softmax(net.logits(x[fixed_points(len(x))])), standing), standing)

    def _sum(self, distances: Sequence[float], standing: Standing) -> float:
        each = zip(distances, standing.sigma, strict=True)
        return self.strength * sum(height(self.kernel, r**2, float(sigma)) for r, sigma in each)

    def add_gradient(self, gradient: list[Tensor], moment: TermMoment) -> None:
        """Add s Σ ∇k_c = s Σ 2 k'(d_c) (θ - θ_c), with d_c the squared distance."""
        for c, sigma in enumerate(moment.held["sigma"][0].tolist() if "sigma" in moment.held else ()):
            if self.kernel == "function":
                self._push_outputs(gradient, moment, moment.held["outputs"][0][c], sigma)
            else:
                self._push(gradient, moment.theta, moment.held[f"c{c}"], sigma)

    def _push(self, gradient: list[Tensor], theta: Sequence[Tensor], top: Sequence[Tensor], sigma: float) -> None:
        import torch

        chosen = self.chosen(theta)
        apart = torch._foreach_sub([theta[p].detach() for p in chosen], [top[p] for p in chosen])
        squared = float(torch.stack(torch._foreach_norm(apart)).double().square().sum())
        push = 2 * self.strength * slope(self.kernel, squared, sigma)
        torch._foreach_add_([gradient[p] for p in chosen], apart, alpha=push)

    def _push_outputs(self, gradient: list[Tensor], moment: TermMoment, top: Tensor, sigma: float) -> None:
        import torch

        def tall(logits: Tensor) -> Tensor:
            apart = (logits.softmax(dim=1) - top).square().mean()
            return self.strength * torch.exp(-apart / (2 * sigma**2))

        assert moment.gradient_of is not None
        torch._foreach_add_(gradient, list(moment.gradient_of(fixed_points, tall)))

    def grown(self, held: Mapping[str, Blocks], theta: Blocks, carry: Carry) -> dict[str, Blocks]:
        """Keep what each checkpoint computes: entries of new units are 0, those of new layers as they are born.

        The distance therefore grows by what is born. The way of the epoch counts on from the grown net, so that a
        growth is no way.

        Args:
            held: What it held of the old net.
            theta: Parameters of the grown net.
            carry: Brings arrays into the grown net's shape.

        Returns:
            What it holds from now on.
        """
        tops = {name: carry(blocks, blank=theta, embed=True) for name, blocks in held.items() if name[0] == "c"}
        return tops | ({"last": theta} if "last" in held else {})


def output_distances(outputs: np.ndarray, standing: Standing) -> list[float]:
    """Give the root mean squared difference of outputs (n, K) from those of each top."""
    return [float(np.sqrt(np.mean(np.square(outputs - top, dtype=np.float64)))) for top in standing.outputs]


def hills_among(terms: Iterable[Term]) -> HillPenalty | None:
    """Give the hills of a run's gradient terms, or ``None`` where it has none."""
    return next((term for term in terms if isinstance(term, HillPenalty)), None)
