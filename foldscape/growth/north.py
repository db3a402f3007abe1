"""NORTH*: new units whose activations are orthogonal to those there are (Maile et al. 2022, arXiv 2202.08539)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, NewUnit, Scene, Widening, listing_settings, widened
from foldscape.growth.sampled import random_folds, sampled

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights


class North(Widening):
    """Add units that see what the others do not: their activations over the data are far from the span of the others'.

    ``select`` draws many random units and takes, one after the other, the one whose activation has the largest part
    outside that span: not in proportion to its own length, or a unit that is on for one example would win. ``pre``
    makes pre-activations that are orthogonal to those there are, which is not possible once they span all inputs. The
    outgoing weights are zero, so the function is kept.

    The ε-rank φ of the activations H/√n says how many of the units are of use, as a share. With ``when: rank`` the
    rule grows by itself as many as ⌊width (φ - γ φ₀)⌋ and refuses when there are none; φ₀ is the share of a layer
    drawn anew.
    """

    model_config = listing_settings("widening", "NORTH*", "gradients and ranks")

    kind: Literal["north"] = "north"
    by: Literal["select", "pre"] = "select"
    """Choose among random units by their activations, or make orthogonal pre-activations."""
    when: Literal["asked", "rank"] = "asked"
    """Add ``units`` whenever asked, or as many as the rank allows, and ``units`` at the most."""
    units: int = Field(1, ge=1, le=64)
    """Units added at once."""
    candidates: int = Field(200, ge=1, le=10_000)
    """Random units that ``select`` draws."""
    epsilon: float = Field(0.01, gt=0, le=1)
    """Singular values of H/√n above this count for the rank."""
    gamma: float = Field(0.97, gt=0, le=2)
    """γ: share of the first rank above which a layer may grow."""
    sample: int = Field(512, ge=2, le=1_000_000)
    """Training points that are looked at."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Give the first unit."""
        return self._choose(net, scene, rng, 1)[0]

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Add all units at the end of the layer."""
        self.check(net)
        return widened(net, self.layer, *self._choose(net, scene, rng, self.units))

    def _choose(self, net: Weights, scene: Scene, rng: np.random.Generator, units: int) -> list[NewUnit]:
        exact = net.astype(np.float64).folded()
        x = sampled(scene, self.sample, rng)[0]
        inputs = exact.layer_inputs(x, self.layer)
        z = inputs @ exact.weights[self.layer].T + exact.biases[self.layer]
        h = exact.activate(z)
        width, size = h.shape[1], exact.mean_row_norm(self.layer)
        first = random_folds(inputs, width, size, rng)
        now = rank_share(h, self.epsilon)
        initial = rank_share(exact.activate(_weighed(inputs, first)), self.epsilon)
        if self.when == "rank":
            units = min(units, self._allowed(width, now, initial))
        explanation: dict[str, Any] = {
            "rank": round(now * width), "width": width, "rank_share": now, "first_rank_share": initial,
        }  # fmt: skip
        if self.by == "pre":
            rows, scores = orthogonal(inputs, z, units, size, rng)
        else:
            drawn = random_folds(inputs, self.candidates, size, rng)
            picked, scores = selected(h, exact.activate(_weighed(inputs, drawn)), units, self.epsilon)
            rows = drawn[picked]
        explanation["orthogonal_parts"] = scores
        blank = np.zeros(len(net.biases[self.layer + 1]))
        return [
            NewUnit(row[:-1], float(row[-1]), blank, score, explanation)
            for row, score in zip(rows, scores, strict=True)
        ]

    def _allowed(self, width: int, now: float, initial: float) -> int:
        units = int(np.floor(width * (now - self.gamma * initial)))
        if units < 1:
            raise NotPossible(
                f"{round(now * width)} of {width} units of hidden layer {self.layer + 1} are of use, and a layer drawn "
                f"anew has {round(initial * width)}: the rank has not grown beyond {self.gamma:g} of that by a unit.",
                hint="Let the net train, lower gamma, or ask for units whatever the rank.",
            )
        return units


def rank_share(h: FloatArray, epsilon: float) -> float:
    """Give the share of singular values of H/√n above ε.

    Args:
        h: (n, width) activations.
        epsilon: ε.

    Returns:
        From 0 to 1.
    """
    return float((np.linalg.svd(h / np.sqrt(len(h)), compute_uv=False) > epsilon).sum() / h.shape[1])


def selected(h: FloatArray, candidates: FloatArray, units: int, epsilon: float) -> tuple[list[int], list[float]]:
    """Pick the activations with the largest part outside the span of those there are, one after the other.

    Args:
        h: (n, width) activations of the layer.
        candidates: (n, c) those of the candidates.
        units: How many, at most c.
        epsilon: Root mean square of the part outside below which a candidate is of no use.

    Returns:
        The candidates, and the root mean square of the part of each that lies outside when it is picked.

    Raises:
        NotPossible: If no candidate is of use.
    """
    left, singular, _ = np.linalg.svd(h, full_matrices=False)
    basis = left[:, singular > 1e-10 * max(singular[0], 1e-300)]
    outside = candidates - basis @ (basis.T @ candidates)
    picked, sizes = [], []
    for _ in range(min(units, candidates.shape[1])):
        size = np.linalg.norm(outside, axis=0) / np.sqrt(len(h))
        best = int(size.argmax())
        if size[best] < epsilon:
            break
        picked.append(best)
        sizes.append(float(size[best]))
        axis = outside[:, best] / np.linalg.norm(outside[:, best])
        outside = outside - axis[:, None] * (axis @ outside)
    if not picked:
        raise NotPossible("The units there are span what every candidate sees.", hint="Draw more, or another layer.")
    return picked, sizes


def orthogonal(
    inputs: FloatArray, z: FloatArray, units: int, size: float, rng: np.random.Generator
) -> tuple[FloatArray, list[float]]:
    """Give units whose pre-activations are orthogonal over the data to those there are, and to each other's.

    Args:
        inputs: (n, fan_in) what the layer receives.
        z: (n, width) its pre-activations.
        units: How many.
        size: Norm of their incoming weights.
        rng: Draws one among the directions there are.

    Returns:
        (units, fan_in + 1) incoming weights and biases; the root mean square of each pre-activation.

    Raises:
        NotPossible: If fewer such directions are left.
    """
    left, singular, right = np.linalg.svd(np.hstack([inputs, np.ones((len(inputs), 1))]), full_matrices=False)
    rank = int((singular > 1e-6 * singular[0]).sum())
    seen, within, _ = np.linalg.svd(left[:, :rank].T @ z, full_matrices=True)
    used = int((within > 1e-6 * max(within.max(initial=0), 1e-300)).sum())
    free = seen[:, used:]
    if units > free.shape[1]:
        raise NotPossible(
            f"The pre-activations leave {free.shape[1]} of {rank} directions of the layer's inputs free; "
            f"{units} are needed.",
            hint="Take by: select, which looks at activations.",
        )
    turned = np.linalg.qr(free @ rng.normal(size=(free.shape[1], units)))[0]
    rows = (turned / singular[:rank, None]).T @ right[:rank]
    rows *= size / np.maximum(np.linalg.norm(rows[:, :-1], axis=1, keepdims=True), 1e-300)
    sizes = np.linalg.norm(_weighed(inputs, rows), axis=0) / np.sqrt(len(inputs))
    return rows, sizes.tolist()


def _weighed(inputs: FloatArray, rows: FloatArray) -> FloatArray:
    return inputs @ rows[:, :-1].T + rows[:, -1]
