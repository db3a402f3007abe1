"""A run as probes and growth rules see it, from its spec."""

from __future__ import annotations

import numpy as np

from foldscape.data.base import Split
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.subject import Subject


def subject_of(spec: RunSpec, split: Split, net: Weights, units: list[np.ndarray], next_unit: int = 0) -> Subject:
    """Give what there is of a run before its first update.

    Args:
        spec: What decides it.
        split: Its data.
        net: Its net.
        units: Lasting id of each hidden unit, one (width,) array a hidden layer.
        next_unit: First lasting id that no unit has had.

    Returns:
        The run at rest.
    """
    return Subject(
        split,
        net,
        units,
        seed=spec.seed,
        batch=spec.batch,
        loss=spec.loss,
        optimizer=spec.optimizer,
        net_spec=spec.net,
        shuffle=spec.shuffle,
        next_unit=next_unit,
        lr=spec.optimizer.lr,
    )
