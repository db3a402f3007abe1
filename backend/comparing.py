"""From curves to what a comparison shows: bands, runs, verdicts and the table, as plain JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.comparison_models import CompareRequest
from backend.curves import RunCurve
from foldscape.comparison import (
    MEASURES,
    Comparison,
    Contrast,
    Curve,
    Group,
    Point,
    band,
    clock_of,
    compare,
    measured,
    table,
    value_at,
)
from foldscape.comparison.group import differing
from foldscape.comparison.over_settings import rank_over
from foldscape.measures.declared import TOLD

SHOWN = (
    "train_loss", "test_accuracy", "train_accuracy", "neurons", "updates",
    "lr_batch_ratio", "batch_share", "edge_ratio",
)  # fmt: skip
"""Which scalars of a run are drawn, besides all that its probes tell."""
MOST = 300
"""Checkpoints of a run that are told."""
COUNTED = {
    "flops": "6 operations a parameter and point, with the parameters of the time; measuring is not counted.",
    "seconds": "A run's whole time, pauses and measuring included, spread evenly over its updates.",
}


@dataclass(frozen=True)
class RequestedRuns:
    """What there is of the runs that were asked for.

    Attributes:
        known: The runs that are there.
        missing: Ids of those that are not.
        awaited: Runs of a sweep that are still to come.
        failed: Runs of a sweep that failed, each with the reason.
        primary: The measure that was fixed when the sweep was launched.
    """

    known: Sequence[RunCurve]
    missing: Sequence[str] = ()
    awaited: int = 0
    failed: Sequence[str] = ()
    primary: str = ""


def answer(asked: CompareRequest, found: RequestedRuns) -> dict[str, Any]:
    """Compare runs.

    Args:
        asked: What is asked.
        found: The runs.

    Returns:
        Groups, bands, contrasts, verdicts and table, as plain JSON.

    Raises:
        InvalidInput: When a group is asked for that is not there.
    """
    full = [each for each in found.known if len(each.curve)]
    choice = asked.model_dump(include={"by", "target", "contrast", "against"})
    comparison = compare([each.curve for each in full], **choice, primary=found.primary, also=[asked.measure])
    point, by_run = comparison.point, {each.curve.run: each for each in full}
    return {
        "by": asked.by,
        "target": point.target if point else None,
        "unit": point.unit if point else "",
        "targets": {clock: each.target for clock, each in comparison.points.items()},
        "words": comparison.words,
        "answer": comparison.answer,
        "counted": COUNTED,
        "groups": [_group(group, comparison) for group in comparison.groups],
        "runs": [_run(by_run[curve.run], group, comparison) for group in comparison.groups for curve in group.curves],
        "contrasts": [_contrast(each) for each in comparison.contrasts],
        "verdicts": [row.to_json() for row in comparison.verdicts],
        "comparable": comparison.comparable.to_json(),
        "ranks": _ranks(comparison, asked.measure),
        "table": table(comparison, asked.measure).to_json(),
        "missing": list(found.missing),
        "going": found.awaited + sum(each.state not in ("done", "stopped", "failed") for each in found.known),
        "failed": list(found.failed),
        "empty": [each.curve.run for each in found.known if not len(each.curve)],
    }


def _ranks(comparison: Comparison, measure: str) -> dict[str, dict[str, Any]]:
    """Tell how the measure and the accuracies go with η/S over the groups, where runs have them."""
    point, groups = comparison.point, comparison.groups
    curves = [curve for group in groups for curve in group.curves]
    if point is None or not comparison.comparable.ok:
        return {}
    named = dict.fromkeys((measure, "validation_accuracy", "test_accuracy"))
    asked = measured(curves, [MEASURES[name] for name in named])
    settings = [group.by_seed for group in groups]
    found = {each.name: rank_over(settings, point, "lr_batch_ratio", each.name) for each in asked}
    return {name: one.to_json() for name, one in found.items() if math.isfinite(one.rho.value)}


def _shown(curves: Sequence[Curve]) -> list[str]:
    told = (MEASURES[name] for name in TOLD)
    known = measured(curves, [*(MEASURES[name] for name in SHOWN), *told])
    return [measure.name for measure in known]


def _group(group: Group, comparison: Comparison) -> dict[str, Any]:
    paths = differing([each.settings for each in comparison.groups])
    return {
        "key": group.key,
        "name": group.name,
        "grows": group.grows,
        "differs": {path: group.settings.get(path) for path in paths},
        "runs": [curve.run for curve in group.curves],
        "seeds": [curve.seed for curve in group.curves],
        "repeated": group.repeated,
        "bands": {name: band(group, comparison.by, name).to_json() for name in _shown(group.curves)},
    }


def _run(each: RunCurve, group: Group, comparison: Comparison) -> dict[str, Any]:
    curve, by = each.curve, comparison.by
    clock, updates = clock_of(curve, by), curve["updates"]
    chosen = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), MOST)).round().astype(int))
    births = [_mark(curve, clock, birth) for birth in curve.births]
    restored = None if curve.restored is None else _mark(curve, clock, curve.restored)
    return {
        "id": curve.run,
        "name": curve.name,
        "state": each.state,
        "seed": curve.seed,
        "group": group.key,
        "plane": each.plane,
        "updates": updates[chosen].tolist(),
        "clock": [_known(value) for value in clock[chosen]],
        "births": births,
        "restored": restored,
        "slice": each.slice,
        "values": _values(curve, comparison.point),
    }


def _mark(curve: Curve, clock: np.ndarray, update: int) -> dict[str, float | None]:
    return {"updates": float(update), "at": _at_update(curve["updates"], clock, update)}


def _at_update(updates: np.ndarray, clock: np.ndarray, update: int) -> float | None:
    """Read a clock at an update, interpolated between checkpoints."""
    known = np.isfinite(clock)
    return float(np.interp(update, updates[known], clock[known])) if known.any() else None


def _values(curve: Curve, point: Point | None) -> dict[str, float | None]:
    names = _shown([curve])
    if point is None:
        return dict.fromkeys(names)
    return {name: _known(value_at(curve, point.by, point.target, name)[0]) for name in names}


def _contrast(each: Contrast) -> dict[str, Any]:
    pairs = [{"seed": first.seed, "first": first.run, "second": second.run} for first, second in each.pairs]
    return {
        "key": each.key, "name": each.name, "first": each.first.key, "second": each.second.key, "pairs": pairs,
        "paired": each.paired, "without_partner": each.without_partner, "words": each.words,
    }  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
