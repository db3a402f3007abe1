"""Comparisons of runs, worked out anew from their logs each time they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response

from backend.answers import as_json
from backend.comparing import RequestedRuns, answer
from backend.comparison_models import CompareRequest, ComparisonAnswer, Offers
from backend.curves import CurveReader, RunCurve
from backend.errors import RequestError
from backend.offers import offers_of
from backend.parts import PartsHere, WebParts
from foldscape.errors import RunNotFound
from foldscape.stored import read_stored
from foldscape.sweep.curves import curves
from foldscape.sweep.spec import SweepSpec

router = APIRouter(prefix="/comparisons", tags=["comparisons"])
READER = CurveReader()
AT_ONCE = 8


@router.post("", response_model=ComparisonAnswer)
async def compare_runs(asked: CompareRequest, parts: PartsHere) -> dict[str, Any]:
    """Compare runs by groups that differ in nothing but the seed; runs that still go on are read as far as they are."""
    return await asyncio.to_thread(answer, asked, await runs_of(asked, parts))


@router.get("/groups", response_model=Offers)
async def list_groups(parts: PartsHere) -> Response:
    """List the newest runs by groups that differ in nothing but the seed: what there is to compare."""
    board = parts.board
    found = await board.summaries()
    runs: list[dict[str, Any]] = found["runs"]
    return await as_json(
        lambda: {
            "groups": offers_of([(run, board.settings(run)) for run in runs]),
            "left_out": found["left_out"],
        }
    )


async def runs_of(asked: CompareRequest, parts: WebParts) -> RequestedRuns:
    """Read the runs that are asked for, as far as they are.

    Returns:
        Those that were found, with their curves, and how many are missing, awaited or failed.

    Raises:
        RequestError: If no run, no tag and no sweep is named.
    """
    wanted = list(dict.fromkeys([*asked.runs, *await _tagged(parts, asked.tag)]))
    if not wanted and not asked.tag and not asked.sweep:
        raise RequestError(
            422, "nothing_to_compare", "No run, no tag and no sweep was given.", "Give runs, a tag, or a sweep."
        )
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(run: str) -> RunCurve | None:
        async with gate:
            try:
                return await READER.read(parts.log, run)
            except RunNotFound:
                return None

    read_runs = await asyncio.gather(*map(read, wanted))
    missing = [run for run, found in zip(wanted, read_runs, strict=True) if found is None]
    known = [found for found in read_runs if found is not None]
    if not asked.sweep:
        return RequestedRuns(known, missing)
    return await _swept(parts, asked.sweep, known, missing)


async def _tagged(parts: WebParts, tag: str) -> list[str]:
    if not tag:
        return []
    runs = (await parts.board.summaries())["runs"]
    return [run["id"] for run in reversed(runs) if tag in run["tags"]]  # the oldest first


async def _swept(parts: WebParts, sweep: str, beside: Sequence[RunCurve], missing: Sequence[str]) -> RequestedRuns:
    """Give other runs and a sweep's that came to their end, how many are to come, and what became of the others."""
    found = await parts.sweeps.summary(sweep)
    rows = await parts.sweeps.results(sweep)
    spec = read_stored(SweepSpec, found["spec"])
    known = [RunCurve(curve, "done", False, None) for curve in curves(spec, rows)]
    awaited = found["cells"] - len(rows) if found["state"] in ("queued", "running") else 0
    failed = [f"{row.name}: {row.message}" for row in rows if row.state == "failed"]
    return RequestedRuns([*beside, *known], missing, awaited, failed, spec.primary.measure)
