"""Carry the study out, row after row: settle, then measure (docs/sde.md)."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape.arrays import FloatArray
from foldscape.progress import ALMOST
from foldscape.studies.base import StudyProgress
from foldscape.studies.sde.chains import Chains
from foldscape.studies.sde.findings import findings, verdict
from foldscape.studies.sde.means import ChainMeans, Looks
from foldscape.studies.sde.rows import first_row, shown_now
from foldscape.studies.sde.spec import RowName, Sde, SdeRow

PIECES = 6
"""Pieces of each half of a row, at least; something is told after each."""
DRAWS_BETWEEN = 2e7
"""Random numbers between two things told, at most: a tenth of a second on one processor."""


def run(spec: Sde, threads: int | None = None) -> Iterator[StudyProgress]:
    """Carry a study out.

    Args:
        spec: Everything that decides it.
        threads: Threads to compute on; ``None`` is one a processor. They change no bit of what is told.

    Yields:
        The row whose chains have moved, several times a second; at the end all of them with what was found.
    """
    rows = {name: first_row(spec, name) for name in spec.rows}
    yield StudyProgress(share=0, doing="the chains begin", rows=tuple(rows.values()))
    work = {name: spec.updates(name) * spec.dimension(name) for name in spec.rows}
    before = 0
    for name in spec.rows:
        for row in _run_row(spec, name, rows[name], threads):
            rows[name] = row
            share = min(ALMOST, (before + row.done * work[name]) / sum(work.values()))
            doing = f"{row.label} · update {round(row.done * row.updates):,} of {row.updates:,}"
            yield StudyProgress(share=share, doing=doing, rows=(row,))
        before += work[name]
    found = findings(spec, rows)
    yield StudyProgress(share=1, doing="", rows=tuple(rows.values()), findings=found, verdict=verdict(found))


def _run_row(spec: Sde, name: RowName, row: SdeRow, threads: int | None) -> Iterator[SdeRow]:
    chains, half = Chains(spec, name, threads), row.updates // 2
    for done, _ in _advance(chains, half):
        row = shown_now(row, chains.places)
        yield row.model_copy(update={"phase": "settling", "done": done / row.updates})
    tally, looks = ChainMeans(spec.chains, half), Looks(row)
    for done, totals in _advance(chains, half):
        tally.add(done, totals)
        looks.add(chains.places)
        measured = {"measured": tally.mean, "error": tally.error, "done": (half + done) / row.updates}
        row = shown_now(row, chains.places).model_copy(update={"phase": "measuring", **measured})
        if done < half:
            yield row
    yield looks.into(row).model_copy(update={"phase": "done", "done": 1.0, "settled": tally.is_settled})


def _advance(chains: Chains, updates: int) -> Iterator[tuple[int, FloatArray]]:
    """Do so many updates in pieces; gives those done so far and the totals of the last piece."""
    piece = min(int(DRAWS_BETWEEN / chains.places.size), -(-updates // PIECES))
    done = 0
    while done < updates:
        step = min(max(1, piece), updates - done)
        totals = chains.advance(step)
        done += step
        yield done, totals
