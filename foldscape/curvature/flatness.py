"""Scale-invariant flatness: curvature in units of the parameters' own sizes.

Rangamani et al. (2019), "A scale invariant flatness measure for deep network minima"; the problem
that it answers is from Dinh et al. (2017), "Sharp minima can generalize for deep nets".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.cost.work import WHOLE_UP_TO
from foldscape.curvature.eigenpairs import Eigenpairs, top_eigenpairs
from foldscape.curvature.objective import Objective, objective_of
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

ScaleOf = Callable[[Objective, Vector], NDArray[np.float64]]


def _none(objective: Objective, theta: Vector) -> NDArray[np.float64]:
    return np.ones_like(theta)


def _tensor(objective: Objective, theta: Vector) -> NDArray[np.float64]:
    return grouped_norms(theta, [[block.span] for block in objective.blocks])


def _layer(objective: Objective, theta: Vector) -> NDArray[np.float64]:
    return grouped_norms(theta, _grouped((block.layer, block.span) for block in objective.blocks))


def _block(objective: Objective, theta: Vector) -> NDArray[np.float64]:
    return grouped_norms(theta, _grouped((block.edges, block.span) for block in objective.blocks))


def _element(objective: Objective, theta: Vector) -> NDArray[np.float64]:
    return np.abs(theta)


def _grouped(named: Iterable[tuple[str, slice]]) -> list[list[slice]]:
    groups: dict[str, list[slice]] = {}
    for name, span in named:
        groups.setdefault(name, []).append(span)
    return list(groups.values())


GRANULARITIES: dict[str, ScaleOf] = {
    "none": _none,
    "tensor": _tensor,
    "layer": _layer,
    "block": _block,
    "element": _element,
}
"""Each gives the square root of the metric's diagonal at a point, shape (P,), in parameter units."""


def grouped_norms(theta: Vector, groups: list[list[slice]]) -> NDArray[np.float64]:
    """Give every parameter the Euclidean norm of the group that it belongs to.

    Args:
        theta: Parameter vector of shape (P,).
        groups: The stretches of the vector that make up each group; together they cover it.

    Returns:
        Norms of shape (P,); zero for an all-zero group.
    """
    norms = np.zeros_like(theta)
    for group in groups:
        norm = np.sqrt(sum(float(theta[span] @ theta[span]) for span in group))
        for span in group:
            norms[span] = norm
    return norms


def flatness_scale(objective: Objective, granularity: str, theta: ArrayLike | None = None) -> NDArray[np.float64]:
    """Give the square root of a granularity's metric, for ``scale`` of ``top_eigenpairs`` and ``trace``.

    Args:
        objective: The loss.
        granularity: A name in ``GRANULARITIES``.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        Scale of shape (P,), in parameter units; ones for ``none``.

    Raises:
        InvalidInput: If the granularity is unknown.
    """
    if granularity not in GRANULARITIES:
        raise InvalidInput(
            f"There is no granularity {granularity!r}.", hint=f"Choose one of {', '.join(sorted(GRANULARITIES))}."
        )
    return GRANULARITIES[granularity](objective, objective.point(theta))


def all_flatness(objective: Objective, granularities: Sequence[str]) -> dict[str, float]:
    """Give the largest curvature in several granularities at the net's own parameters, as ``flatness`` does one by one.

    A tiny net has its whole Hessian made once for all of them, which is quicker than a search for each; by products and
    not by ``dense_hessian``, since those leave the interpreter to other threads meanwhile.

    Args:
        objective: The loss.
        granularities: Names in ``GRANULARITIES``.

    Returns:
        Values by granularity, in nats; NaN where a search did not converge.

    Raises:
        InvalidInput: If a granularity is unknown.
    """
    if not granularities or objective.size > WHOLE_UP_TO:
        pairs = {name: flatness(objective, granularity=name, method="lanczos") for name in granularities}
        return {name: float(found.values[0]) if found.converged else math.nan for name, found in pairs.items()}
    scales = np.stack([flatness_scale(objective, name) for name in granularities])
    hessian = objective.hvp(None, np.eye(objective.size))
    matrices = scales[:, :, None] * (0.5 * (hessian + hessian.T)) * scales[:, None, :]
    if not np.isfinite(matrices).all():
        return dict.fromkeys(granularities, math.nan)
    return dict(zip(granularities, _tops(matrices, scales).tolist(), strict=True))


def _tops(matrices: NDArray[np.float64], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the largest eigenvalue of each matrix, of its part with a scale above 0; 0 where there is none."""
    below = -np.linalg.norm(matrices, axis=(1, 2)) - 1  # no eigenvalue of a part lies as low
    number, left_out = np.nonzero(scales == 0)
    matrices[number, left_out, left_out] = below[number]
    return np.where((scales > 0).any(axis=1), np.linalg.eigvalsh(matrices)[:, -1], 0.0)


def flatness(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    granularity: str = "none",
    k: int = 1,
    theta: ArrayLike | None = None,
    **search: Any,
) -> Eigenpairs:
    r"""Find the largest eigenvalues of the Hessian in units of the parameters' sizes.

    .. math::
        F = D^{1/2} H D^{1/2}, \qquad D_p = \|\theta_{b(p)}\|^2

    with b(p) the group of parameter p: none at all (``none``: D is 1, the plain Hessian), a tensor, a layer's weights
    with its biases, all edges between two depths (``block``), a single parameter (``element``). ``tensor`` does not
    change when the layers of a ReLU net are rescaled against each other, nor ``block`` where connections skip layers;
    ``element`` does not change when single neurons are rescaled either. A group that is all zero contributes nothing.
    Values of different granularities must not be compared with each other.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        granularity: A name in ``GRANULARITIES``.
        k: Number of eigenpairs.
        theta: Point to measure at; the net's own parameters if None.
        **search: Further arguments of ``top_eigenpairs``.

    Returns:
        Eigenpairs of F, values in nats, largest first.

    Raises:
        InvalidInput: If the granularity is unknown or an argument does not fit.
    """
    objective = objective_of(objective, data, loss)
    point = objective.point(theta)
    scale = flatness_scale(objective, granularity, point)
    return top_eigenpairs(objective, k=k, theta=point, scale=None if granularity == "none" else scale, **search)
