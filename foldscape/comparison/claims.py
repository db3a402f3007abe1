"""Published numbers and claims held against our own runs: numbers beside ours, claims with a verdict.

A claim that one setting is smaller is judged by the sign-flip test on the pairs of a seed. One that speaks of a size is
tested against that size: the differences within pairs are taken from it, so that p at most 0.05 says that the size is
passed, or not reached. Claims about many settings at once are judged in ``over_settings``, those about a sign in
``signs``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import Clock, Point, common_point, value_at
from foldscape.comparison.claim import AnyClaim, Claim, DropClaim, PublishedSettings, SignClaim
from foldscape.comparison.comparable import unlike, why_not_comparable
from foldscape.comparison.curve import Curve
from foldscape.comparison.drop import judge_drop
from foldscape.comparison.judgement import JudgedClaim
from foldscape.comparison.over_settings import judge_over_settings
from foldscape.comparison.published import Published, has
from foldscape.comparison.signs import judge_signs
from foldscape.comparison.statistics import difference_of_pairs, ratio_of_pairs, sign_flip_p
from foldscape.comparison.verdict import LEVEL
from foldscape.errors import InvalidInput
from foldscape.measures.declared import MEASURES, PROBE_OF

Pairs = Sequence[tuple[Curve, Curve]]
OUTCOMES = [name for name, one in MEASURES.items() if PROBE_OF[name] or one.unit == "nats" or one.better == "higher"]
"""What a run came to: losses, how often it is right, and what probes tell; not what it took."""


def judge_claims(published: Published, curves: Sequence[Curve]) -> list[JudgedClaim]:
    """Hold every published claim against runs.

    Args:
        published: What was published.
        curves: The runs, with the setting of each axis by name in ``settings``.

    Returns:
        A row a claim, measure, clock and choice of the other axes; claims of which no run is there have none.

    Raises:
        InvalidInput: When a claim speaks of an axis that none of the runs has.
    """
    _must_have_axes(published.claims, curves)
    found: list[JudgedClaim] = []
    for number, claim in enumerate(published.claims):
        if isinstance(claim, Claim):
            found += _judged_pairs(number, claim, curves)
        elif isinstance(claim, SignClaim):
            found += judge_signs(number, claim, curves)
        elif isinstance(claim, DropClaim):
            found += judge_drop(number, claim, curves)
        else:
            found += judge_over_settings(number, claim, curves)
    return found


def _must_have_axes(claims: Sequence[AnyClaim], curves: Sequence[Curve]) -> None:
    """Refuse runs that do not know their axes by name: every claim on them would silently have no run."""
    known = {axis for curve in curves for axis in curve.settings}
    for claim in claims:
        sides = (claim.smaller, claim.larger) if isinstance(claim, Claim) else (getattr(claim, "settings", {}),)
        if curves and (missing := sorted({axis for side in sides for axis in side} - known)):
            raise InvalidInput(
                f"The claim {claim.words!r} speaks of {', '.join(missing)}, which is no setting of these runs.",
                hint="Give foldscape.sweep.published.by_axes(result.spec, result.rows): it names the axes.",
            )


def _judged_pairs(number: int, claim: Claim, curves: Sequence[Curve]) -> list[JudgedClaim]:
    return [
        _judged(number, claim, measure, clock, settings, pairs)
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
        return f"It does not hold here: in all {len(rows)} readings {_failed({row.said for row in rows})}."
    if counts["open"] == len(rows):
        return f"It is undecided here, in all {len(rows)} readings.{_least(rows)}"
    opposite = any(row.said == "the opposite holds" for row in rows)
    against = ("shows the opposite", "show the opposite") if opposite else ("does not", "do not")
    parts = [
        (counts["yes"], "holds" if counts["yes"] == 1 else "hold"),
        (counts["no"], against[counts["no"] != 1]),
        (counts["open"], "is undecided" if counts["open"] == 1 else "are undecided"),
    ]
    return f"Of {len(rows)} readings {', '.join(f'{count} {words}' for count, words in parts if count)}."


def _failed(said: set[str]) -> str:
    words = {"falls short": "it falls short", "differs": "they differ", "the opposite holds": "the opposite does"}
    return " or ".join(words[each] for each in sorted(said) if each in words)


def _least(rows: Sequence[JudgedClaim]) -> str:
    """Say where so few pairs, or settings, could never decide anything."""
    best = min(rows, key=lambda row: row.floor)
    return f" With {best.counted} p cannot go below {best.floor:.2g}." if LEVEL < best.floor < 1 else ""


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
    point = common_point(members, clock)
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
