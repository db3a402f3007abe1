"""A run as probes and growth rules see it, from its spec."""

from __future__ import annotations

import numpy as np

from foldscape.chance import generator
from foldscape.data.base import Split
from foldscape.errors import InvalidInput
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.start import NoStart, not_given, refuse_misfit
from foldscape.subject import Subject


def opening_net(spec: RunSpec, split: Split, first: Weights | None) -> Weights:
    """Give the net that a run begins with: random weights, or those of another run.

    Args:
        spec: What decides it.
        split: Its data.
        first: The weights of another run; only where the spec names some, see ``foldscape.start``.

    Returns:
        The net.

    Raises:
        NoStart: If the spec names weights and they were not given, or are those of another net.
    """
    if spec.start is None:
        return spec.net.first_on(split.shape, split.classes, generator(spec.chance, "weights", 0))
    if first is None:
        raise NoStart(spec.start, not_given(spec.start))
    refuse_misfit(spec, spec.start, first)
    try:
        first.refuse_other_tensors()
    except InvalidInput as error:
        message = f"start.run {spec.start.run} does not fit: {error.message.removesuffix('.')}"
        raise NoStart(spec.start, message, error.hint) from None
    return first


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
        seed=spec.chance,
        batch=spec.batch,
        loss=spec.loss,
        optimizer=spec.optimizer,
        net_spec=spec.net,
        shuffle=spec.shuffle,
        next_unit=next_unit,
        device=spec.device,
        lr=spec.optimizer.lr,
        weight_decay=spec.weight_decay,
        terms=spec.other_terms,
    )
