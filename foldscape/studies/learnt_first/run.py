"""Carry the study out: every run of a row, row after row."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from foldscape.progress import ALMOST
from foldscape.studies.base import StudyProgress
from foldscape.studies.learnt_first.findings import findings, verdict
from foldscape.studies.learnt_first.spec import LearntFirstStudy, LearntPart, LearntPartName, LearntRow
from foldscape.training.learnt_first import LearntFirst, counts_by_run


def run(spec: LearntFirstStudy) -> Iterator[StudyProgress]:
    """Carry a study out.

    Args:
        spec: Everything that decides it.

    Yields:
        The row whose run is over; at the end all of them with what was found.
    """
    rows = {row.name: row for row in spec.rows_at_first()}
    yield StudyProgress(share=0, doing="the first run begins", rows=tuple(rows.values()))
    before, whole = 0, len(rows) * spec.runs
    for name in spec.rows:
        for found in counts_by_run(spec.setting(name), spec.runs, spec.epochs):
            rows[name] = row = row_of_counts(rows[name], found)
            doing = f"{row.label} · run {row.done:,} of {spec.runs:,}"
            yield StudyProgress(share=min(ALMOST, (before + row.done) / whole), doing=doing, rows=(row,))
        before += spec.runs
    said = findings(spec, rows)
    yield StudyProgress(share=1, doing="", rows=tuple(rows.values()), findings=said, verdict=verdict(rows))


def row_of_counts(row: LearntRow, found: LearntFirst) -> LearntRow:
    """Give a row with what was counted so far."""
    masks: dict[LearntPartName, np.ndarray] = {"all": np.ones(len(found.counts), bool)}
    if row.name == "mixed":
        masks = {"clean": ~found.corrupted, "corrupted": found.corrupted}
    parts = tuple(_part(name, found.of(mask)) for name, mask in masks.items() if mask.any())
    return row.model_copy(update={"done": found.runs, "parts": parts})


def _part(name: LearntPartName, found: LearntFirst) -> LearntPart:
    counts = np.bincount(found.counts, minlength=found.runs + 1)
    binomial = found.chances() * len(found.counts)
    excess = found.excess if math.isfinite(found.excess) else None
    share = float(found.shares.mean())
    return LearntPart(
        name=name, counts=tuple(counts.tolist()), binomial=tuple(binomial.tolist()), share=share, excess=excess
    )
