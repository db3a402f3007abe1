"""TINY: new units against the bottleneck of a layer's expressivity (Verbockhaven et al. 2024, arXiv 2405.19816)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, NewUnit, Scene, Widening, listing_settings, widened
from foldscape.growth.sampled import sampled
from foldscape.growth.splits.matrix import with_one
from foldscape.net.mlp import backward

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.losses import Loss
    from foldscape.net.mlp import Weights

LEAST = 1e-6
"""Directions of the inputs below this share of the largest variance are left out, and singular values likewise."""
AMOUNTS = 2.0 ** np.arange(5, -11, -1)
"""Shares of the mean norm of the layer's other outgoing weights that the search tries."""


class Bottleneck(NamedTuple):
    """What the next layer should do and cannot with the units there are.

    Attributes:
        incoming: (r, fan_in + 1) incoming weights and bias of each best unit, of mean square output 1 before its ReLU.
        outgoing: (r, fan_out) unit vectors.
        singular_values: (r,), by how much the loss falls at first for each, with a linear activation.
        wanted: Root mean square of what the next layer should do, which is minus the gradient of the loss.
        missing: The same of what no change of its weights can do.
    """

    incoming: FloatArray
    outgoing: FloatArray
    singular_values: FloatArray
    wanted: float
    missing: float


class Tiny(Widening):
    """Add the units that do most of what the gradient asks for and no change of the present weights can.

    Minus the gradient G by what the next layer weighs up is projected off the layer's outputs H; what is left, G⊥, is
    the bottleneck. With inputs X of the layer, the singular vectors of (XᵀX/n)^-½ XᵀG⊥/n give the new units, as if
    the activation were linear; their singular values are the first-order decrease of the loss. How much of the units is
    added is found by a search along them that lowers the loss, or nothing yet, which keeps the function.
    """

    model_config = listing_settings("widening", "TINY", "gradients and ranks")

    kind: Literal["tiny"] = "tiny"
    units: int = Field(1, ge=1, le=64)
    """Units added at once."""
    outgoing: Literal["search", "zero"] = "search"
    """Whether the outgoing weights are those of the search, or zero."""
    least_bottleneck: float = Field(0, ge=0, le=1)
    """When to grow: the share of what the gradient asks for that has to be out of reach; less is refused."""
    sample: int = Field(2000, ge=0, le=1_000_000)
    """Training points that are looked at; 0 for all."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Give the best unit."""
        return self._choose(net, scene, rng, 1)[0]

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Add all units at the end of the layer."""
        self.check(net)
        chosen = self._choose(net, scene, rng, self.units)
        return widened(net, self.layer, *chosen, score=float(sum(unit.score for unit in chosen)))

    def _choose(self, net: Weights, scene: Scene, rng: np.random.Generator, units: int) -> list[NewUnit]:
        exact = net.astype(np.float64).folded()
        x, y = sampled(scene, self.sample, rng)
        loss = scene.loss
        passed = backward(exact, x, y, loss.error)
        found = bottleneck(passed.inputs[self.layer], passed.inputs[self.layer + 1], -passed.errors[self.layer + 1])
        explanation: dict[str, Any] = {
            "singular_values": found.singular_values.tolist(), "wanted": found.wanted, "missing": found.missing,
        }  # fmt: skip
        self._refuse(found, units)
        sizes = exact.mean_row_norm(self.layer) / np.linalg.norm(found.incoming[:units, :-1], axis=1)
        rows = sizes[:, None] * found.incoming[:units]
        shares = found.singular_values[:units, None] / found.singular_values[0]
        columns = exact.mean_column_norm(self.layer + 1) * shares * found.outgoing[:units]
        signs = steeper_signs(exact, with_one(passed.inputs[self.layer]), passed.errors[self.layer + 1], rows, columns)
        rows, columns = signs * rows, signs * columns
        amount = self._amount(exact, rows, columns, x, y, loss) if self.outgoing == "search" else 0.0
        if (normed := net.norms[self.layer + 1] if self.layer + 1 < len(net.norms) else None) is not None:
            columns = columns / normed.factor
        return [
            NewUnit(row[:-1], float(row[-1]), amount * column, value, explanation | {"amount": amount})
            for row, column, value in zip(rows, columns, found.singular_values.tolist(), strict=False)
        ]

    def _refuse(self, found: Bottleneck, units: int) -> None:
        rank = len(found.singular_values)
        if units > rank:
            raise NotPossible(
                f"{units} new units were asked for, but only {rank} directions would help here.",
                hint=f"Ask for {rank} at most, or for another layer." if rank else "Let the net train first.",
            )
        if found.missing < self.least_bottleneck * found.wanted:
            raise NotPossible(
                f"The bottleneck is {found.missing / found.wanted:.3g} of what the gradient asks for; growth was to "
                f"wait for {self.least_bottleneck:g}.",
                hint="Let the net train, or lower least_bottleneck.",
            )

    def _amount(
        self, net: Weights, rows: FloatArray, columns: FloatArray, x: FloatArray, y: np.ndarray, loss: Loss
    ) -> float:
        """Halve the amount of the new units as long as the loss falls by more for it; 0 if it never falls."""
        best, amount = float(loss.values(net.logits(x), y).mean()), 0.0
        for tried in AMOUNTS:
            grown = net
            for row, column in zip(rows, columns, strict=True):
                grown = grown.with_unit(self.layer, row[:-1], float(row[-1]), tried * column)
            after = float(loss.values(grown.logits(x), y).mean())
            if after < best:
                best, amount = after, float(tried)
            elif amount:
                break
        return amount


def steeper_signs(
    net: Weights, read: FloatArray, errors: FloatArray, rows: FloatArray, columns: FloatArray
) -> FloatArray:
    """Say for each unit whether it or its opposite lowers the loss faster at first, which a linear one would alike.

    Args:
        net: Gives the activation.
        read: (N, fan_in + 1) what the layer receives, and a 1.
        errors: (N, fan_out) gradient of each loss by what the next layer weighs up.
        rows: (k, fan_in + 1) incoming weights and biases.
        columns: (k, fan_out) outgoing weights.

    Returns:
        (k, 1), 1 or -1.
    """
    downhill, z = -(errors @ columns.T), read @ rows.T
    slopes, others = (net.activate(z) * downhill).sum(axis=0), (net.activate(-z) * -downhill).sum(axis=0)
    return np.where(slopes >= others, 1.0, -1.0)[:, None]


def bottleneck(inputs: FloatArray, outputs: FloatArray, wanted: FloatArray) -> Bottleneck:
    """Find the units that a layer lacks most.

    Args:
        inputs: (N, fan_in) what the layer receives.
        outputs: (N, width) what it gives.
        wanted: (N, fan_out) minus the gradient of each loss by what the next layer weighs up.

    Returns:
        The units, the most wanted first, with how much each is worth.
    """
    count = len(inputs)
    given, read = with_one(outputs), with_one(inputs)
    missing = wanted - given @ np.linalg.lstsq(given, wanted, rcond=None)[0]
    spectrum, axes = np.linalg.eigh(read.T @ read / count)
    kept = spectrum > LEAST * spectrum[-1]
    white = axes[:, kept] / np.sqrt(spectrum[kept])  # columns along which the inputs have mean square 1
    left, singular, right = np.linalg.svd(white.T @ (read.T @ missing) / count, full_matrices=False)
    size = float(np.sqrt((wanted**2).sum() / count))
    lasting = singular > LEAST * size
    return Bottleneck(
        (white @ left[:, lasting]).T,
        right[lasting],
        singular[lasting],
        size,
        float(np.sqrt((missing**2).sum() / count)),
    )
