"""Which measures a set of curves can be compared by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from foldscape.comparison.curve import Curve
from foldscape.measures.column import Column
from foldscape.measures.declared import FLATNESS


def measured(curves: Iterable[Curve], measures: Iterable[Column] = FLATNESS) -> list[Column]:
    """Give the measures of which any curve has a number, all of them made with the same settings of their probe.

    Args:
        curves: The curves.
        measures: Those that are asked of; all of flatness when missing.

    Returns:
        The measures, in their order.
    """
    known = list(curves)
    return [each for each in measures if _known(each, known) and not made_apart(each, known)]


def made_apart(measure: Column, curves: Iterable[Curve]) -> str:
    """Say with which settings a measure was made where they differ, so that its numbers may not be compared.

    Args:
        measure: The measure.
        curves: The curves.

    Returns:
        A sentence; empty where they agree.
    """
    made = {curve.made_with.get(measure.name, "") for curve in curves if _known(measure, [curve])}
    if len(made) < 2:
        return ""
    return f"{measure.label} was measured with different settings ({'; '.join(sorted(made))}), so it is not compared."


def _known(measure: Column, curves: Iterable[Curve]) -> bool:
    return any(np.isfinite(curve[measure.name]).any() for curve in curves)
