"""The measures that are compared, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from foldscape.comparison.curve import Curve
from foldscape.errors import InvalidInput

MeasureName = Literal[
    "lambda_none", "lambda_tensor", "lambda_layer", "lambda_block", "lambda_element", "trace",
    "train_loss", "train_accuracy", "test_loss", "test_accuracy", "test_matthews", "gradient_norm",
    "updates", "flops", "neurons",
]  # fmt: skip
"""What a question or a claim can be decided by."""


@dataclass(frozen=True)
class Measure:
    """One column that is compared.

    Attributes:
        key: Name of the column.
        label: Name for people.
        log: Whether ratios mean something, so that means are taken of logarithms; else differences are compared.
        readings: What a smaller and a larger value are called.
    """

    key: str
    label: str
    log: bool = True
    readings: tuple[str, str] = ("lower", "higher")


SHARP = ("flatter", "sharper")


FLATNESS = (
    Measure("lambda_none", "λ raw", readings=SHARP),
    Measure("lambda_tensor", "λ by tensor", readings=SHARP),
    Measure("lambda_layer", "λ by layer", readings=SHARP),
    Measure("lambda_block", "λ by block", readings=SHARP),
    Measure("lambda_element", "λ by element", readings=SHARP),
    Measure("trace", "trace", readings=SHARP),
)
"""The measures of flatness: each is compared with itself only, since finer granularities give smaller numbers."""

MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("train_loss", "training loss"),
        Measure("test_loss", "test loss"),
        Measure("train_accuracy", "training accuracy", log=False),
        Measure("test_accuracy", "test accuracy", log=False),
        Measure("test_matthews", "Matthews correlation", log=False),
        Measure("updates", "updates", log=False),
        Measure("flops", "FLOPs", log=False),
        Measure("neurons", "neurons", log=False),
        Measure("gradient_norm", "gradient norm"),
        *FLATNESS,
    )
}


def measure_of(name: str) -> Measure:
    """Give a measure by the name of its column.

    Returns:
        The measure.

    Raises:
        InvalidInput: If there is none of that name.
    """
    if name not in MEASURES:
        raise InvalidInput(f"No measure is called {name!r}.", hint=f"Choose one of {', '.join(get_args(MeasureName))}.")
    return MEASURES[name]


def measured(curves: Iterable[Curve], measures: Iterable[Measure] = FLATNESS) -> list[Measure]:
    """Give the measures of which any curve has a number."""
    known = list(curves)
    return [measure for measure in measures if any(np.isfinite(curve[measure.key]).any() for curve in known)]
