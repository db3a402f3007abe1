"""Comparisons of runs, worked out anew from their logs each time they are asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from fastapi import APIRouter

from backend.comparing import Found, answer
from backend.comparison_models import CompareRequest, ComparisonAnswer, Offers
from backend.curves import CurveReader, RunCurve, settings_of
from backend.errors import RequestError
from backend.parts import Parts, PartsHere
from foldscape.comparison import Curve, Group, groups_of
from foldscape.spec import RunSpec
from foldscape.sweep.curves import curves
from foldscape.sweep.spec import SweepSpec
from workers.errors import RunNotFound
from workers.keys import RunKeys

router = APIRouter(prefix="/comparisons", tags=["comparisons"])
READER = CurveReader()
AT_ONCE = 8
MOST_OFFERED = 500


@router.post("", response_model=ComparisonAnswer)
async def compare_runs(asked: CompareRequest, parts: PartsHere) -> dict[str, Any]:
    """Compare runs by groups that differ in nothing but the seed; runs that still go on are read as far as they are."""
    return await asyncio.to_thread(answer, asked, await runs_of(asked, parts))


@router.get("/groups", response_model=Offers)
async def list_groups(parts: PartsHere) -> dict[str, Any]:
    """List the newest runs by groups that differ in nothing but the seed: what there is to compare."""
    summaries = (await parts.board.summaries())["runs"][:MOST_OFFERED]
    async with parts.log.client.pipeline(transaction=False) as pipe:
        for run in summaries:
            pipe.hget(RunKeys(run["id"]).hash, "spec")
        specs = await pipe.execute() if summaries else []
    known = {run["id"]: run for run, spec in zip(summaries, specs, strict=True) if spec}
    curves = [_without_numbers(run, spec) for run, spec in zip(summaries, specs, strict=True) if spec]
    found = [_offer(group, known) for group in groups_of(curves)]
    return {"groups": sorted(found, key=lambda offer: offer["created"], reverse=True)}


async def runs_of(asked: CompareRequest, parts: Parts) -> Found:
    """Read the runs that are asked for, as far as they are.

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
        return Found(known, missing)
    return await _swept(parts, asked.sweep, known, missing)


async def _tagged(parts: Parts, tag: str) -> list[str]:
    if not tag:
        return []
    runs = (await parts.board.summaries())["runs"]
    return [run["id"] for run in reversed(runs) if tag in run["tags"]]  # the oldest first


async def _swept(parts: Parts, sweep: str, beside: Sequence[RunCurve], missing: Sequence[str]) -> Found:
    """Give other runs and a sweep's that came to their end, how many are to come, and what became of the others."""
    found = await parts.sweeps.summary(sweep)
    rows = await parts.sweeps.results(sweep)
    spec = SweepSpec.model_validate(found["spec"])
    known = [RunCurve(curve, "done", False, None) for curve in curves(spec, rows)]
    awaited = found["cells"] - len(rows) if found["state"] in ("queued", "running") else 0
    failed = [f"{row.name}: {row.message}" for row in rows if row.state == "failed"]
    return Found([*beside, *known], missing, awaited, failed, spec.primary.measure)


def _without_numbers(summary: dict[str, Any], raw: bytes) -> Curve:
    """Give a run as a curve without checkpoints, to be grouped by its settings."""
    spec = RunSpec.model_validate_json(raw)
    settings = settings_of(spec, summary, (summary["neurons"] or 0) > sum(spec.net.hidden))
    return Curve(summary["id"], summary["name"], settings, spec.seed, {"updates": np.zeros(0)})


def _offer(group: Group, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    runs = [known[curve.run] for curve in group.curves]
    first = runs[0]
    return {
        "key": group.key,
        "name": group.name,
        "grows": group.grows,
        "data": first["data"],
        "hidden": first["hidden"],
        "batch": first["batch"],
        "runs": [run["id"] for run in runs],
        "names": [run["name"] for run in runs],
        "seeds": [curve.seed for curve in group.curves],
        "states": dict(Counter(run["state"] for run in runs)),
        "tags": sorted({tag for run in runs for tag in run["tags"]}),
        "created": max(run["created"] or 0 for run in runs),
    }
