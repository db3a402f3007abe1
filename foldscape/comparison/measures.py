"""The measures that are compared, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from foldscape.comparison.curve import Curve


@dataclass(frozen=True)
class Measure:
    """One column that is compared.

    Attributes:
        key: Name of the column.
        label: Name for people.
        log: Whether ratios mean something, so that means are taken of logarithms.
    """

    key: str
    label: str
    log: bool = True


FLATNESS = (
    Measure("lambda_none", "λ raw"),
    Measure("lambda_tensor", "λ by tensor"),
    Measure("lambda_layer", "λ by layer"),
    Measure("lambda_block", "λ by block"),
    Measure("lambda_element", "λ by element"),
    Measure("trace", "trace"),
)
"""The measures of flatness: each is compared with itself only, since finer granularities give smaller numbers."""

MEASURES = {
    measure.key: measure
    for measure in (
        Measure("train_loss", "training loss"),
        Measure("test_loss", "test loss"),
        Measure("train_accuracy", "training accuracy", log=False),
        Measure("test_accuracy", "test accuracy", log=False),
        Measure("updates", "updates", log=False),
        Measure("flops", "FLOPs", log=False),
        Measure("neurons", "neurons", log=False),
        Measure("gradient_norm", "gradient norm"),
        *FLATNESS,
    )
}


def measured(curves: Iterable[Curve], measures: Iterable[Measure] = FLATNESS) -> list[Measure]:
    """Give the measures of which any curve has a number."""
    known = list(curves)
    return [measure for measure in measures if any(np.isfinite(curve[measure.key]).any() for curve in known)]
