"""A sweep as files for a paper, with everything by which its runs can be done again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from foldscape.comparison import Clock
from foldscape.exports import export
from foldscape.sweep.curves import compared_field, curves
from foldscape.sweep.folder import Folder
from foldscape.sweep.published import held_against
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.starting import Starts


def export_sweep(
    spec: SweepSpec,
    rows: Sequence[CellResult],
    folder: Path | str,
    *,
    manifest: Mapping[str, Any],
    by: Clock | None = None,
    measure: str = "",
    target: float | None = None,
    against: str = "",
    starts: Starts | None = None,
) -> list[Path]:
    """Write a sweep's comparison, its manifest, its runs, and what was published of it.

    Args:
        spec: The sweep.
        rows: Its runs that are over.
        folder: Where to; made when missing.
        manifest: What was fixed at launch.
        by: The clock by which runs are aligned; the sweep's own when missing.
        measure: The measure that is judged; the sweep's own when empty.
        target: Reading of the clock; the last one that all runs reach when missing.
        against: The group that all others are held against, as in ``compare``.
        starts: The weights that its runs began with, where they are those of others.

    Returns:
        The files.

    Raises:
        InvalidInput: If no run came to its end.
    """
    place = Folder(folder)
    place.keep(manifest)
    place.keep_starts(starts or {})
    for row in rows:
        place.save(row)
    written = [place.manifest]
    if (published := held_against(spec, rows)) is not None:
        written.append(place.path / "published.json")
        written[-1].write_text(json.dumps(published, ensure_ascii=False, indent=1), encoding="utf-8")
    return written + export(
        curves(spec, rows),
        place.path,
        question=spec.question,
        measure=measure or spec.primary.measure,
        by=by or spec.primary.align,
        target=target,
        contrast=compared_field(spec),
        against=against,
        primary=spec.primary.measure,
    )
