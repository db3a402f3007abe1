"""Draw the candidates of a Firefly growth, and train all while the net stands still (arXiv 2102.08574)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.growth.fireflies.swarm import CandidateGroup, LossAndErrors, Swarm
from foldscape.growth.sampled import random_folds

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights

FIRST = 0.1
"""ε at first, as a share of its bound."""
RATE = 0.1
"""Length of a step of a whole vector, as a share of its bound."""
DECAY = 0.9
"""What RMSprop keeps of its mean square."""


@dataclass(frozen=True)
class Bounds:
    """How large ε and the incoming weights of a layer's candidates may be.

    Attributes:
        split: |ε| of the units that split.
        new: |ε| of the new units.
        deep: |ε| of the units of a new layer.
        row: Norm of the incoming weights of a new unit; that of δ of the others is 1.
    """

    split: float
    new: float
    deep: float
    row: float


def bounds(net: Weights, eps: float, only: int | None = None) -> list[Bounds]:
    """Give the bounds at each hidden layer.

    Args:
        net: The network.
        eps: Share of the mean norms of incoming and outgoing weights.
        only: The one hidden layer at which candidates stand; ``None`` for all.

    Returns:
        One a hidden layer.
    """
    found = []
    for layer in range(len(net.hidden)):
        row, share = net.mean_row_norm(layer), eps if only in (None, layer) else 0.0
        found.append(Bounds(share * row, share * net.mean_column_norm(layer + 1), share, row))
    return found


def drawn(
    net: Weights, x: FloatArray, y: Any, objective: LossAndErrors, limits: list[Bounds], new: int, deep: int,
    rng: np.random.Generator,
) -> Swarm:  # fmt: skip
    """Draw candidates: random directions in, folds through random examples, outwards where the loss falls fastest.

    Args:
        net: The net, float64, without normalisation.
        x: (N, d) inputs.
        y: What the objective compares the outputs with.
        objective: The loss.
        limits: Bounds of each hidden layer.
        new: New units in each hidden layer.
        deep: Units of a new layer behind each hidden layer.
        rng: Draws them.

    Returns:
        The candidates around the net.
    """
    groups = []
    sizes = [*(weight.shape for weight in net.weights), (0, 0)]
    for layer, limit in enumerate(limits):
        here, behind = (new, deep) if limit.new else (0, 0)
        (width, fan_in), fan_out = sizes[layer], sizes[layer + 1][0]
        inputs, outputs = net.layer_inputs(x, layer), net.layer_inputs(x, layer + 1)
        groups.append(
            CandidateGroup(
                np.full(width, FIRST * limit.split),
                _unit(rng.normal(size=(width, fan_in + 1))),
                np.full(here, FIRST * limit.new),
                random_folds(inputs, here, limit.row, rng),
                np.zeros((here, fan_out)),
                np.full(behind, FIRST * limit.deep),
                random_folds(outputs, behind, 1.0, rng),
                np.zeros((behind, width)),
            )
        )
    swarm = Swarm(net, tuple(groups))
    return Swarm(net, tuple(_downhill(swarm, x, y, objective)))


def tuned(swarm: Swarm, x: FloatArray, y: Any, objective: LossAndErrors, limits: list[Bounds], steps: int) -> Swarm:
    """Lower the loss by all ε, δ and u together, within their bounds, by RMSprop on all of x.

    Args:
        swarm: Net and candidates.
        x: (N, d) inputs.
        y: What the objective compares the outputs with.
        objective: The loss.
        limits: Bounds of each hidden layer.
        steps: Updates.

    Returns:
        The candidates after the last step.
    """
    squares: list[dict[str, FloatArray]] = []
    for step in range(steps):
        groups = []
        for at, gradient in enumerate(swarm.gradients(x, y, objective)):
            parts = {name: part**2 for name, part in gradient.parts().items()}
            if step:
                parts = {name: DECAY * squares[at][name] + (1 - DECAY) * part for name, part in parts.items()}
                squares[at] = parts
            else:
                squares.append(parts)
            groups.append(_stepped(swarm.groups[at], gradient, parts, limits[at]))
        swarm = Swarm(swarm.net, tuple(groups))
    return swarm


def _stepped(
    group: CandidateGroup, gradient: CandidateGroup, squares: dict[str, FloatArray], limit: Bounds
) -> CandidateGroup:
    scales = {"split": limit.split, "new": limit.new, "deep": limit.deep, "new_in": limit.row}
    slopes, moved = gradient.parts(), {}
    for name, part in group.parts().items():
        rate = RATE * scales.get(name, 1.0) / np.sqrt(part.shape[1] if part.ndim == 2 else 1)
        moved[name] = part - rate * slopes[name] / (np.sqrt(squares[name]) + 1e-30)
    for name in ("split", "new", "deep"):
        np.clip(moved[name], -scales[name], scales[name], out=moved[name])
    moved["split_by"] = _within(moved["split_by"], np.linalg.norm(moved["split_by"], axis=1), 1.0)
    for name, most in (("new_in", limit.row), ("deep_in", 1.0)):
        moved[name] = _within(moved[name], np.linalg.norm(moved[name][:, :-1], axis=1), most)
    return CandidateGroup(**moved | {name: _unit(moved[name]) for name in ("new_out", "deep_out")})


def _downhill(swarm: Swarm, x: FloatArray, y: Any, objective: LossAndErrors) -> list[CandidateGroup]:
    """Turn all u to where the loss falls fastest, for ε near zero."""
    probed = [
        replace(group, split=0 * group.split, new=np.ones_like(group.new), deep=np.ones_like(group.deep))
        for group in swarm.groups
    ]
    slopes = Swarm(swarm.net, tuple(probed)).gradients(x, y, objective)
    return [
        replace(group, new_out=_unit(-slope.new_out), deep_out=_unit(-slope.deep_out))
        for group, slope in zip(swarm.groups, slopes, strict=True)
    ]


def _unit(rows: FloatArray) -> FloatArray:
    """Give rows of length 1; a row of zeros points along all axes."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 0, rows / np.where(norms > 0, norms, 1), 1 / np.sqrt(max(rows.shape[1], 1)))


def _within(rows: FloatArray, norms: FloatArray, most: float) -> FloatArray:
    return rows * np.minimum(1, most / np.maximum(norms, 1e-300))[:, None]
