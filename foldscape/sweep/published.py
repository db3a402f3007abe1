"""What others published of a sweep, beside its runs and judged by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from foldscape.comparison import Curve
from foldscape.comparison.claims import beside, judge_claims, verdict_of
from foldscape.comparison.published import erratum
from foldscape.sweep.curves import curves
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec


def by_axes(spec: SweepSpec, rows: Sequence[CellResult]) -> list[Curve]:
    """Give the runs that came to their end, with the setting of each axis by name.

    Args:
        spec: The sweep.
        rows: Its runs that are over.

    Returns:
        Their curves.
    """
    settings = {row.key: row.settings for row in rows}
    return [replace(curve, settings=settings[curve.run]) for curve in curves(spec, rows)]


def held_against(spec: SweepSpec, rows: Sequence[CellResult]) -> dict[str, Any] | None:
    """Hold what was published against the runs that are over.

    Args:
        spec: The sweep.
        rows: Its runs that are over.

    Returns:
        Plain JSON: source, what differs, the published rows with our numbers, and the claims, each with its verdict in
        words and every reading behind it; ``None`` when nothing was published.
    """
    published = spec.published
    if published is None:
        return None
    known = by_axes(spec, rows)
    judged = judge_claims(published, known)
    own = [[row for row in judged if row.claim == number] for number in range(len(published.claims))]
    return {
        "source": published.source,
        "differs": published.differs,
        "matthews": spec.base.data.uneven,
        "rows": beside(published, known),
        "claims": [
            {
                "words": claim.words,
                "erratum": erratum(claim, published.rows),
                "verdict": verdict_of(rows),
                "readings": [row.to_json() for row in rows],
            }
            for claim, rows in zip(published.claims, own, strict=True)
        ],
    }
