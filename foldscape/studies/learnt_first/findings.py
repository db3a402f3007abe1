"""Hold what was claimed of easy and of random points against the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from foldscape.studies.base import Finding, Holds
from foldscape.studies.learnt_first.spec import LearntFirstStudy, LearntPart, LearntRow, LearntRowName

LearntRows = Mapping[LearntRowName, LearntRow]
ALIKE_LEVEL = 0.975
"""Quantile of the excess of points that are all alike, beyond which some are easier."""
APART = 0.02
"""Shares of right points that are less apart tell nothing."""
ALIKE: dict[LearntRowName, str] = {"labels": "with random labels", "inputs": "with inputs of noise"}


def findings(spec: LearntFirstStudy, rows: LearntRows) -> tuple[Finding, ...]:
    """Judge every claim that these rows can speak to.

    Args:
        spec: The study.
        rows: Its finished rows by name.

    Returns:
        One finding a row.
    """
    return tuple(_found(spec, rows))


def verdict(rows: LearntRows) -> str:
    """Say in one sentence how far counts vary beyond chance in each row."""
    told = [
        f"×{part.excess:.3g} with {row.label if part.name == 'all' else f'{row.label} ({part.name} points)'}"
        for row in rows.values()
        for part in row.parts
        if part.excess is not None
    ]
    return f"Against points of which none is easier, the counts vary {', '.join(told)}." if told else ""


def limit(points: int) -> float:
    """Give what the excess of so many points that are all alike stays below in 97.5 % of cases (chi-squared)."""
    from scipy.stats import chi2

    return float(chi2.ppf(ALIKE_LEVEL, points - 1) / (points - 1)) if points > 1 else float("inf")


def _found(spec: LearntFirstStudy, rows: LearntRows) -> Iterator[Finding]:
    if "true" in rows:
        yield _easier(rows["true"].parts[0], spec.runs)
    for name, words in ALIKE.items():
        if name in rows:
            yield _alike(name, words, rows[name].parts[0], spec.runs)
    if "mixed" in rows and len(rows["mixed"].parts) > 1:
        yield _clean_first(*rows["mixed"].parts)


def _easier(part: LearntPart, runs: int) -> Finding:
    beyond = part.excess is not None and part.excess > limit(sum(part.counts))
    ends = part.counts[0] > part.binomial[0] or part.counts[-1] > part.binomial[-1]
    return Finding(
        key="true.easier", source="published", holds="yes" if beyond and ends else "no", words=_counted(part, runs),
        claim="with true labels some points are right in every run, or in none, more than by chance",
    )  # fmt: skip


def _alike(name: LearntRowName, words: str, part: LearntPart, runs: int) -> Finding:
    holds: Holds = "open"
    if part.excess is not None:
        holds = "yes" if part.excess <= limit(sum(part.counts)) else "no"
    claim = f"{words} no point is easier than another"
    return Finding(key=f"{name}.alike", claim=claim, source="published", holds=holds, words=_counted(part, runs))


def _clean_first(clean: LearntPart, corrupted: LearntPart) -> Finding:
    apart = clean.share - corrupted.share
    holds: Holds = "open" if abs(apart) < APART else "yes" if apart > 0 else "no"
    words = (
        f"{clean.share:.1%} of the clean points are right in a run, and {corrupted.share:.1%} of the corrupted ones."
    )
    claim = "among corrupted points the clean ones are learnt first"
    return Finding(key="mixed.clean_first", claim=claim, source="published", holds=holds, words=words)


def _counted(part: LearntPart, runs: int) -> str:
    points = sum(part.counts)
    told = "not defined" if part.excess is None else f"×{part.excess:.3g}"
    return (
        f"Of {points:,} points {part.counts[-1]:,} are right in all {runs} runs ({part.binomial[-1]:,.3g} by chance) "
        f"and {part.counts[0]:,} in none ({part.binomial[0]:,.3g}); variance {told}, "
        f"by chance below {limit(points):.3g}."
    )
