"""The noise of the updates, from what decides a run: learning rate by batch size, and where that stops being all.

Jastrzębski et al. (arXiv 1711.04623): as a stochastic differential equation SGD knows learning rate η and batch size S
as η/S alone, with momentum μ as η/(S(1 - μ)). That takes small steps, ηλ₁/2 far below 1, and batches that are a small
part of the N training points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array

if TYPE_CHECKING:
    from foldscape.optimizer import Optimizer
    from foldscape.spec import RunSpec


def ratio_columns(
    run: RunSpec, updates: npt.ArrayLike, lr: npt.ArrayLike, sharpest: npt.ArrayLike
) -> dict[str, Float64Array]:
    """Give η/S, S/N and λ₁ by its edge along a run, of the rate and the batch that the next update has.

    Args:
        run: What decides the run.
        updates: (n,) updates done.
        lr: (n,) learning rates of the next update; NaN where not known.
        sharpest: (n,) largest eigenvalues of the Hessian; NaN where not measured.

    Returns:
        (n,) by column: ``lr_batch_ratio`` with momentum counted; ``batch_share``; ``edge_ratio``, which is ηλ₁/2 for
        gradient descent and ηλ₁/(2 + 2μ) with momentum. NaN where there is none: Adam has no such ratio, and its edge
        is one of another eigenvalue.

    Example:
        >>> from foldscape.optimizer import Momentum
        >>> from foldscape.spec import RunSpec
        >>> run = RunSpec(optimizer=Momentum(lr=0.1, momentum=0.5), batch=10)
        >>> found = ratio_columns(run, [0], [0.1], [3.0])
        >>> [round(float(found[name][0]), 6) for name in ("lr_batch_ratio", "edge_ratio")]
        [0.02, 0.1]
    """
    calendar = run.calendar
    last = calendar.first_step(run.stop.epochs) - 1
    batches = calendar.batches_at(np.minimum(np.asarray(updates, np.int64), last)).astype(np.float64)
    # A log tells rates in single precision: of all that are one there, the shortest decimal is taken.
    rates, place = np.unique([float(str(np.float32(rate))) for rate in np.asarray(lr).tolist()], return_inverse=True)
    lengths, edges = (np.array([of(run.optimizer, rate) for rate in rates.tolist()]) for of in (_length, _edge))
    return {
        "lr_batch_ratio": lengths[place] / batches,
        "batch_share": batches / run.train_size,
        "edge_ratio": np.asarray(sharpest, np.float64) / edges[place],
    }


def _length(optimizer: Optimizer, lr: float) -> float:
    found = optimizer.effective_lr(lr) if math.isfinite(lr) else None
    return math.nan if found is None else found


def _edge(optimizer: Optimizer, lr: float) -> float:
    """Give the edge of the Hessian's largest eigenvalue; NaN where there is none of that one."""
    found = optimizer.edge(lr) if math.isfinite(lr) and lr > 0 else None
    return found.value if found is not None and found.of == "hessian" else math.nan
