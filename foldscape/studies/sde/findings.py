"""Hold both formulas against the chains (docs/sde.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from foldscape.studies.base import Finding, Holds, Source
from foldscape.studies.sde.spec import RowName, Sde, SdeRow

Rows = Mapping[RowName, SdeRow]

NEAR = 0.02
"""Relative difference of an excess loss up to which a formula holds."""
NEAR_ODDS = 0.2
"""The same of the odds of two basins."""
_ERRORS = 2.0


def findings(spec: Sde, rows: Rows) -> tuple[Finding, ...]:
    """Judge every claim that these rows can speak to.

    Args:
        spec: The study.
        rows: Its finished rows by name.

    Returns:
        Two findings a row, one a formula; and one on equal ratios.
    """
    found: list[Finding] = []
    for name, row in rows.items():
        found += _odds(row) if name == "wells" else _losses(row, spec)
    if "slow" in rows and "twice" in rows:
        found.append(_same_ratio(rows["slow"], rows["twice"]))
    return tuple(found)


def verdict(found: Iterable[Finding]) -> str:
    """Say in one sentence in how many rows each formula holds."""
    found = list(found)
    parts = []
    for ending, words in (("naive", "the stochastic differential equation"), ("corrected", "the finite step")):
        judged = [finding.holds for finding in found if finding.key.endswith(f".{ending}")]
        if judged:
            parts.append(f"the formula of {words} in {judged.count('yes')} of {len(judged)} rows")
    said = f"What the chains do is given by {' and by '.join(parts)}"
    ratio = {"yes": "; equal ratios give equal losses", "no": "; equal ratios do not give equal losses at these rates"}
    same = next((ratio.get(finding.holds, "") for finding in found if finding.key == "ratio"), "")
    return f"{said}{same}."


def _losses(row: SdeRow, spec: Sde) -> Iterator[Finding]:
    """Judge the excess loss by both formulas."""
    share = "(η/4S(1 − μ))" if spec.momentum else "(η/4S)"
    trace = "Tr H, as C = H" if row.name in ("hessian", "slow", "twice") else "Tr C, whatever the shape of C"
    claims: dict[str, tuple[Source, str, float | None]] = {
        "naive": ("published", f"{row.label}: the excess loss is {share} {trace}", row.naive),
        "corrected": ("earlier", f"{row.label}: with the finite step counted, the formula is exact", row.corrected),
    }
    for name, (source, claim, value) in claims.items():
        assert value is not None
        assert row.measured is not None
        assert row.error is not None
        words = f"The formula says {value:.5g}; the chains have {row.measured:.5g} ± {row.error:.2g}, "
        words += f"{_off(row.measured, value)}{_warning(row)}."
        holds = _judged(row, row.measured / value, row.error / value, NEAR)
        yield Finding(key=f"{row.key}.{name}", claim=claim, source=source, holds=holds, words=words)


def _odds(row: SdeRow) -> Iterator[Finding]:
    """Judge the ratio of the basins' masses by both."""
    assert row.measured is not None
    assert row.error is not None
    claims: tuple[tuple[str, Source, str, float | None], ...] = (
        ("naive", "published", "the basins' odds are √(H_B/H_A) exp(2(L_B − L_A)/n)", row.naive),
        ("corrected", "earlier", "the basins' odds are those of the chain's stationary density", row.corrected),
    )
    for name, source, claim, share in claims:
        if share is None:
            continue
        said, holds = share / (1 - share), "open"
        words = f"The formula says {said:.3g} : 1, {share:.1%} in A; the chains have {row.measured:.1%} "
        words += f"± {row.error:.2%}"
        if 0 < row.measured < 1:
            odds = row.measured / (1 - row.measured)
            words += f", {odds:.3g} : 1, {_off(odds, said)}"
            relative = row.error / (row.measured * (1 - row.measured))
            holds = _judged(row, odds / said, relative * odds / said, NEAR_ODDS)
        key = f"{row.key}.{name}"
        yield Finding(
            key=key, claim=f"double well: {claim}", source=source, holds=holds, words=f"{words}{_warning(row)}."
        )


def _same_ratio(one: SdeRow, other: SdeRow) -> Finding:
    """Judge whether a loss depends on η/S alone."""
    assert one.measured is not None
    assert one.error is not None
    assert other.measured is not None
    assert other.error is not None
    ratio = other.measured / one.measured
    error = ratio * ((one.error / one.measured) ** 2 + (other.error / other.measured) ** 2) ** 0.5
    holds = _judged(one, ratio, error, NEAR) if other.settled is not False else "open"
    words = f"η = {one.lr:g}, S = {one.batch}: {one.measured:.5g}; η = {other.lr:g}, S = {other.batch}: "
    words += f"{other.measured:.5g}, {_off(other.measured, one.measured)}."
    claim = "equal η/S give equal excess losses, at small rates"
    return Finding(key="ratio", claim=claim, source="published", holds=holds, words=words)


def _judged(row: SdeRow, ratio: float, error: float, near: float) -> Holds:
    """Judge whether a ratio is 1 up to ``near``; open where two standard errors reach across that."""
    off, doubt = abs(ratio - 1), _ERRORS * error
    if row.settled is False or near - doubt < off <= near + doubt:
        return "open"
    return "yes" if off <= near else "no"


def _off(value: float, than: float) -> str:
    return f"{abs(value / than - 1):.1%} {'more' if value >= than else 'less'}"


def _warning(row: SdeRow) -> str:
    return "" if row.settled is not False else "; they had not settled"
