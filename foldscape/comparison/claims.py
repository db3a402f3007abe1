"""What others published of an experiment, held against our own runs: numbers beside ours, claims with a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from foldscape.comparison.align import Clock, Point, common_target, value_at, words_of
from foldscape.comparison.curve import Curve, Floats, finite
from foldscape.comparison.measures import MEASURES
from foldscape.comparison.statistics import Interval, ratio_of_pairs, sign_flip_p
from foldscape.comparison.verdict import LEVEL
from foldscape.model import Model

Settings = dict[str, str]
Holds = Literal["yes", "no", "open"]


class PublishedRow(Model):
    """One line of a published table."""

    settings: Settings
    """The setting of each axis that it belongs to."""
    accuracy: float = Field(ge=0, le=1)
    """Published test accuracy, or the Matthews correlation where that is what was published."""
    flatness: float | None = Field(None, gt=0)
    """Published spectral norm of the scale-invariant Hessian."""


class Claim(Model):
    """One published statement: a measure is smaller under some settings than under others."""

    words: str = Field(min_length=1, max_length=300)
    """The statement."""
    measures: tuple[str, ...] = ("lambda_layer",)
    """Columns of which it is asked; each is judged on its own."""
    smaller: Settings
    """Settings under which the measure is said to be smaller."""
    larger: Settings
    """Settings under which it is said to be larger; all other axes are held equal."""
    clocks: tuple[Clock, ...] = ("loss", "epochs")
    """At equal what it is judged."""


class Published(Model):
    """What was published of an experiment."""

    source: str = Field(min_length=1, max_length=200)
    """Where."""
    differs: str = Field("", max_length=1000)
    """What is different here, in words."""
    rows: tuple[PublishedRow, ...] = ()
    """The published numbers."""
    claims: tuple[Claim, ...] = ()
    """The published statements."""


@dataclass(frozen=True)
class Judged:
    """A claim about one measure at one point, for one choice of the other axes.

    Attributes:
        claim: Number of the claim among those of its source, from 0.
        measure: The column.
        point: Where the runs are compared.
        settings: The settings of the other axes.
        pairs: Pairs by seed.
        ratio: The one said to be smaller over the other; below 1 speaks for the claim.
        p: Exact two-sided sign-flip p.
    """

    claim: int
    measure: str
    point: Point
    settings: Settings
    pairs: int
    ratio: Interval
    p: float

    @property
    def holds(self) -> Holds:
        """``yes``, ``no`` where the opposite holds, or ``open``; an answer needs p of at most 0.05."""
        if not self.p <= LEVEL:
            return "open"
        return "yes" if self.ratio.value < 1 else "no"

    @property
    def words(self) -> str:
        """Say it with its numbers."""
        said = {"yes": "holds", "no": "the opposite holds", "open": "undecided"}[self.holds]
        label = MEASURES[self.measure].label
        where = ", ".join(f"{axis} {name}" for axis, name in self.settings.items())
        numbers = f"×{self.ratio.value:.3g} [{self.ratio.low:.3g}, {self.ratio.high:.3g}], p {self.p:.2g}"
        if not self.pairs:
            numbers = "no pair comes there"
        count = f"{self.pairs} pair{'' if self.pairs == 1 else 's'}"
        return f"{said}: {label}, {words_of(self.point)}{', ' + where if where else ''}: {numbers}, {count}"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        interval = {name: finite(getattr(self.ratio, name)) for name in ("value", "low", "high")}
        return {
            "claim": self.claim, "measure": self.measure, "by": self.point.by, "target": finite(self.point.target),
            "settings": self.settings, "pairs": self.pairs, "ratio": interval, "p": finite(self.p),
            "holds": self.holds, "words": self.words,
        }  # fmt: skip


def judge(published: Published, curves: Sequence[Curve]) -> list[Judged]:
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
        Plain JSON, a row each: settings, published numbers, and under ``ours`` for each column that is measured the
        mean (geometric of flatness), the standard deviation over seeds and the number of runs.
    """
    names = ("train_loss", "test_accuracy", "test_matthews", *(name for name in MEASURES if name.startswith("lambda_")))
    rows = []
    for row in published.rows:
        own = [curve for curve in curves if _has(curve, row.settings)]
        ends = {name: _ends(own, name) for name in names if own and name in own[0].columns}
        ours = {name: _summary(name, values) for name, values in ends.items() if len(values)}
        rows.append({**row.model_dump(), "ours": ours})
    return rows


def verdict_of(rows: Sequence[Judged]) -> str:
    """Say in one sentence whether a claim holds in these runs.

    Args:
        rows: Its judgements.

    Returns:
        The sentence.
    """
    counts = {name: sum(row.holds == name for row in rows) for name in ("yes", "no", "open")}
    if not rows:
        return "Not judged yet: its runs are missing."
    if counts["yes"] == len(rows):
        return f"It holds here, in all {len(rows)} readings."
    if counts["no"] == len(rows):
        return f"It does not hold here: in all {len(rows)} readings the opposite does."
    if counts["open"] == len(rows):
        return f"It is undecided here, in all {len(rows)} readings.{_least(max(row.pairs for row in rows))}"
    parts = [(counts["yes"], "hold"), (counts["no"], "show the opposite"), (counts["open"], "are undecided")]
    return f"Of {len(rows)} readings {', '.join(f'{count} {words}' for count, words in parts if count)}."


def _least(pairs: int) -> str:
    """Say where so few pairs could never decide anything."""
    least = 2.0 ** (1 - pairs)
    return f" With {pairs} pairs p cannot go below {least:.2g}." if pairs and least > LEVEL else ""


def _strata(claim: Claim, curves: Sequence[Curve]) -> list[tuple[Settings, list[tuple[Curve, Curve]]]]:
    """Give for each choice of the axes that the claim leaves open the pairs by seed."""
    spoken = {*claim.smaller, *claim.larger}
    sides: list[dict[tuple[tuple[str, str], ...], dict[int, Curve]]] = []
    for settings in (claim.smaller, claim.larger):
        side: dict[tuple[tuple[str, str], ...], dict[int, Curve]] = {}
        for curve in curves:
            if _has(curve, settings):
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
    number: int, claim: Claim, measure: str, clock: Clock, settings: Settings, pairs: Sequence[tuple[Curve, Curve]]
) -> Judged:
    target = common_target([curve for pair in pairs for curve in pair], clock) if pairs else None
    point = Point(clock, math.nan if target is None else target)
    values = [np.array([value_at(pair[side], clock, point.target, measure)[0] for pair in pairs]) for side in (0, 1)]
    usable = np.isfinite(values[0]) & np.isfinite(values[1]) & (values[0] > 0) & (values[1] > 0)
    a, b = values[0][usable], values[1][usable]
    p = sign_flip_p(np.log(a) - np.log(b)) if len(a) else math.nan
    return Judged(number, measure, point, settings, len(a), ratio_of_pairs(a, b), p)


def _has(curve: Curve, settings: Mapping[str, str]) -> bool:
    return all(str(curve.settings.get(axis)) == name for axis, name in settings.items())


def _ends(curves: Sequence[Curve], name: str) -> Floats:
    """Give the last number of a column of each run that has one."""
    known = [values[np.isfinite(values)] for values in (curve[name] for curve in curves)]
    return np.array([values[-1] for values in known if len(values)])


def _summary(name: str, values: Floats) -> dict[str, float | int | None]:
    geometric = name.startswith("lambda_") or name == "train_loss"
    if geometric:
        values = values[values > 0]
        if not len(values):
            return {"mean": None, "sd": None, "n": 0}
    mean = math.exp(float(np.log(values).mean())) if geometric else float(values.mean())
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    return {"mean": mean, "sd": sd, "n": len(values)}
