"""How much the loss rises near the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

from foldscape import curvature as curves
from foldscape.events import SharpnessMeasured
from foldscape.probes.measuring.moment import finite_objective, measured_on
from foldscape.subject import Subject


def measure_sharpness(
    subject: Subject, rho: float, adaptive_rho: float, ascent: int, draws: int
) -> Iterator[SharpnessMeasured]:
    """Measure how much the loss rises near the weights."""
    objective = finite_objective(subject)
    if objective is None:
        return
    seed = subject.seed
    plain = curves.sharpness(objective, rho=rho, steps=ascent, draws=draws, rng=seed)
    scaled = curves.sharpness(objective, rho=adaptive_rho, adaptive=True, steps=ascent, draws=2, rng=seed)
    yield SharpnessMeasured(
        **measured_on(subject, "projected ascent", 2 * (ascent + 1)),
        rho=rho,
        adaptive_rho=adaptive_rho,
        sam=plain.one_step,
        sam_ascent=plain.ascent,
        asam=scaled.one_step,
        asam_ascent=scaled.ascent,
        average=plain.average.value,
        average_error=plain.average.standard_error,
        relative_flatness=_relative(subject, objective),
    )


def _relative(subject: Subject, objective: curves.Objective) -> float:
    """Give the relative flatness of the output layer; NaN where nets of this kind have none."""
    if objective.is_by_layer:
        return curves.relative_flatness(objective).value
    net, (x, y) = subject.net, subject.probe_points()
    if (weight := net.output_weight) is None:
        return math.nan
    return curves.output_flatness(net.representation(x), weight, net.logits(x), y, subject.loss).value
