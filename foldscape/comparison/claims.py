"""Published numbers and claims held against our own runs: numbers beside ours, claims with a verdict.

A claim is judged by the sign-flip test on the pairs of a seed. One that speaks of a size is tested against that size:
the differences within pairs are taken from it, so that p at most 0.05 says that the size is passed, or not reached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import Clock, Point, common_target, point_of, value_at, words_of
from foldscape.comparison.comparable import unlike, why_not_comparable
from foldscape.comparison.curve import Curve
from foldscape.comparison.published import Claim, Published, PublishedSettings, has
from foldscape.comparison.statistics import (
    Interval,
    difference_of_pairs,
    effect_words,
    floor_of_p,
    ratio_of_pairs,
    sign_flip_p,
)
from foldscape.comparison.verdict import LEVEL
from foldscape.measures.declared import MEASURES, PROBE_OF
from foldscape.wire import finite

Holds = Literal["yes", "no", "open"]
Pairs = Sequence[tuple[Curve, Curve]]
OUTCOMES = [name for name, one in MEASURES.items() if PROBE_OF[name] or one.unit == "nats" or one.better == "higher"]
"""What a run came to: losses, how often it is right, and what probes tell; not what it took."""


@dataclass(frozen=True)
class JudgedClaim:
    """A claim about one measure at one point, for one choice of the other axes.

    Attributes:
        claim: Number of the claim among those of its source, from 0.
        measure: The column.
        point: Where the runs are compared.
        settings: The settings of the other axes.
        pairs: Pairs by seed.
        effect: The one said to be smaller over the other; of accuracies the one minus the other.
        p: Exact two-sided sign-flip p, of the effect against the bound.
        bound: What the effect has to be below: 1 or 0, or the size that the claim speaks of.
        refused: Why the runs may not be compared; empty where they may.
    """

    claim: int
    measure: str
    point: Point
    settings: PublishedSettings
    pairs: int
    effect: Interval
    p: float
    bound: float
    refused: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether the effect is a ratio; else it is a difference."""
        return MEASURES[self.measure].log

    @property
    def holds(self) -> Holds:
        """``yes``, ``no`` where the opposite holds, or ``open``; an answer needs p of at most 0.05."""
        if not self.p <= LEVEL:
            return "open"
        return "yes" if self.effect.value < self.bound else "no"

    @property
    def said(self) -> str:
        """Say in two words what became of it."""
        if self.refused:
            return "not comparable"
        if not self.pairs:
            return "no pair comes there"
        sized = self.bound != (1 if self.is_ratio else 0)
        return {"yes": "holds", "no": "falls short" if sized else "the opposite holds", "open": "undecided"}[self.holds]

    @property
    def words(self) -> str:
        """Say it with its numbers."""
        label = MEASURES[self.measure].label
        where = ", ".join(f"{axis} {name}" for axis, name in self.settings.items())
        numbers = (
            f"{effect_words(self.effect, self.is_ratio)}, p {self.p:.2g}" if self.pairs else self.refused or "none"
        )
        count = f"{self.pairs} pair{'' if self.pairs == 1 else 's'}"
        return f"{self.said}: {label}, {words_of(self.point)}{', ' + where if where else ''}: {numbers}, {count}"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        interval = {name: finite(getattr(self.effect, name)) for name in ("value", "low", "high")}
        return {
            "claim": self.claim, "measure": self.measure, "by": self.point.by, "target": finite(self.point.target),
            "unit": self.point.unit,
            "settings": self.settings, "pairs": self.pairs, "ratio": interval, "is_ratio": self.is_ratio,
            "bound": self.bound, "p": finite(self.p), "holds": self.holds, "said": self.said, "words": self.words,
        }  # fmt: skip


def judge_claims(published: Published, curves: Sequence[Curve]) -> list[JudgedClaim]:
    """Hold every published claim against runs.

    Args:
        published: What was published.
        curves: The runs, with the setting of each axis by name in ``settings``.

    Returns:
        A row a claim, measure, clock and choice of the other axes; claims of which no run is there have none.
    """
    return [
        _judged(number, claim, measure, clock, settings, pairs)
        for number, claim in enumerate(published.claims)
        for settings, pairs in _strata(claim, curves)
        for measure in claim.measures
        for clock in claim.clocks
    ]


def beside(published: Published, curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """Set each published row beside the runs of its settings, both as they ended.

    Args:
        published: What was published.
        curves: The runs.

    Returns:
        Plain JSON, a row each: settings, published numbers, and under ``ours`` for each outcome that was measured the
        mean (geometric where ratios mean something), the standard deviation over seeds and the number of runs.
    """
    rows = []
    for row in published.rows:
        own = [curve for curve in curves if has(curve.settings, row.settings)]
        ends = {name: _ends(own, name) for name in OUTCOMES if own}
        ours = {name: _summary(name, values) for name, values in ends.items() if len(values)}
        rows.append({**row.model_dump(), "ours": ours})
    return rows


def verdict_of(rows: Sequence[JudgedClaim]) -> str:
    """Say in one sentence whether a claim holds in these runs.

    Args:
        rows: Its judgements.

    Returns:
        The sentence.
    """
    counts = {name: sum(row.holds == name for row in rows) for name in ("yes", "no", "open")}
    if not rows:
        return "Not judged yet: its runs are missing."
    if all(row.refused for row in rows):
        return rows[0].refused
    if counts["yes"] == len(rows):
        return f"It holds here, in all {len(rows)} readings."
    if counts["no"] == len(rows):
        short = {row.said for row in rows} == {"falls short"}
        return (
            f"It does not hold here: in all {len(rows)} readings {'it falls short' if short else 'the opposite does'}."
        )
    if counts["open"] == len(rows):
        return f"It is undecided here, in all {len(rows)} readings.{_least(max(row.pairs for row in rows))}"
    parts = [
        (counts["yes"], "holds" if counts["yes"] == 1 else "hold"),
        (counts["no"], "shows the opposite" if counts["no"] == 1 else "show the opposite"),
        (counts["open"], "is undecided" if counts["open"] == 1 else "are undecided"),
    ]
    return f"Of {len(rows)} readings {', '.join(f'{count} {words}' for count, words in parts if count)}."


def _least(pairs: int) -> str:
    """Say where so few pairs could never decide anything."""
    least = floor_of_p(pairs)
    return f" With {pairs} pairs p cannot go below {least:.2g}." if pairs and least > LEVEL else ""


def _strata(claim: Claim, curves: Sequence[Curve]) -> list[tuple[PublishedSettings, list[tuple[Curve, Curve]]]]:
    """Give for each choice of the axes that the claim leaves open the pairs by seed."""
    spoken = {*claim.smaller, *claim.larger}
    sides: list[dict[tuple[tuple[str, str], ...], dict[int, Curve]]] = []
    for settings in (claim.smaller, claim.larger):
        side: dict[tuple[tuple[str, str], ...], dict[int, Curve]] = {}
        for curve in curves:
            if has(curve.settings, settings):
                rest = tuple((axis, str(name)) for axis, name in curve.settings.items() if axis not in spoken)
                side.setdefault(rest, {})[curve.seed] = curve
        sides.append(side)
    small, large = sides
    return [
        (
            dict(rest),
            [(small[rest][seed], large[rest][seed]) for seed in sorted(small[rest].keys() & large[rest].keys())],
        )
        for rest in small
        if rest in large
    ]


def _judged(
    number: int, claim: Claim, measure: str, clock: Clock, settings: PublishedSettings, pairs: Pairs
) -> JudgedClaim:
    members = [curve for pair in pairs for curve in pair]
    target = common_target(members, clock) if pairs else None
    point = point_of(clock, math.nan if target is None else target, members)
    bound = 1 / claim.factor if MEASURES[measure].log else claim.allowance
    refused = why_not_comparable(unlike(pairs))
    a, b = _values((), point, measure) if refused else _values(pairs, point, measure)
    if MEASURES[measure].log:
        effect, apart = ratio_of_pairs(a, b), np.log(a) - np.log(b) - math.log(bound)
    else:
        effect, apart = difference_of_pairs(a, b), a - b - bound
    return JudgedClaim(number, measure, point, settings, len(a), effect, sign_flip_p(apart), bound, refused)


def _values(pairs: Pairs, point: Point, measure: str) -> tuple[Float64Array, Float64Array]:
    """Read a measure in both runs of each pair that has it there; of logarithms only where it is positive."""
    read = np.array([[value_at(curve, point.by, point.target, measure)[0] for curve in pair] for pair in pairs])
    read = read.reshape(len(pairs), 2)
    usable = np.isfinite(read) & (read > 0) if MEASURES[measure].log else np.isfinite(read)
    kept = read[usable.all(axis=1)]
    return kept[:, 0], kept[:, 1]


def _ends(curves: Sequence[Curve], name: str) -> Float64Array:
    """Give the last number of a column of each run that has one."""
    known = [values[np.isfinite(values)] for values in (curve[name] for curve in curves)]
    return np.array([values[-1] for values in known if len(values)])


def _summary(name: str, values: Float64Array) -> dict[str, float | int | None]:
    geometric = MEASURES[name].log
    if geometric:
        values = values[values > 0]
        if not len(values):
            return {"mean": None, "sd": None, "n": 0}
    mean = math.exp(float(np.log(values).mean())) if geometric else float(values.mean())
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    return {"mean": mean, "sd": sd, "n": len(values)}
