"""Landscapes: make, list, read, follow, stop, go on, forget."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from backend.answers import as_json
from backend.event_stream import After, LastEventId, described
from backend.job_stream import answer_job
from backend.landscape_models import LandscapeDetail, Landscapes, LandscapeSummary
from backend.parts import LandscapeId, PartsHere
from backend.study_models import Stopping
from foldscape.csv_text import csv_text
from foldscape.landscape.recorded.rows import gathered
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.landscape.recorded.table import lines_of
from workers.keys import FIRST, LandscapeKeys

router = APIRouter(tags=["landscapes"])


@router.post("/landscapes", status_code=201, response_model=LandscapeSummary)
async def create_landscape(spec: LandscapeSpec, response: Response, parts: PartsHere) -> dict[str, Any]:
    """Make a landscape and put it into the batch queue; one that is there already is answered with 200."""
    made, is_new = await parts.landscapes.create(spec)
    response.headers["Location"] = f"/api/landscapes/{made['id']}"
    response.status_code = 201 if is_new else 200
    return made


@router.get("/landscapes", response_model=Landscapes)
async def list_landscapes(parts: PartsHere) -> Response:
    """List the newest landscapes, the newest first; `left_out` says how many older ones there are."""
    found, left_out = await parts.landscapes.summaries(), await parts.landscapes.left_out()
    return await as_json(lambda: {"landscapes": found, "left_out": left_out})


@router.get("/landscapes/{landscape}", response_model=LandscapeDetail)
async def read_landscape(landscape: LandscapeId, parts: PartsHere) -> Response:
    """Give a landscape with what is known of it; follow it from `last` on."""
    found = await parts.landscapes.summary(landscape)
    rows = await parts.landscapes.rows(landscape)
    return await as_json(lambda: {**found, "rows": gathered(rows)})


@router.get(
    "/landscapes/{landscape}/cells",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The known cells."}},
)
async def read_cells(
    landscape: LandscapeId,
    parts: PartsHere,
    form: Annotated[Literal["csv"], Query(alias="format", description="csv.")] = "csv",
) -> Response:
    """Give what is known as CSV: cells by their coordinates, ways point by point, a spectrum value by value."""
    await parts.landscapes.summary(landscape)
    rows = await parts.landscapes.rows(landscape)
    text = await asyncio.to_thread(lambda: csv_text(lines_of(rows)))
    headers = {"Content-Disposition": f'attachment; filename="landscape-{landscape}.csv"'}
    return Response(text, media_type=f"text/{form}", headers=headers)


@router.get(
    "/landscapes/{landscape}/events",
    response_class=StreamingResponse,
    responses=described("landscape"),
)
async def follow(
    landscape: LandscapeId, parts: PartsHere, after: After = FIRST, last_event_id: LastEventId = None
) -> Response:
    """Follow a landscape as server-sent events until it is over; each brings the cells that were finished."""
    await parts.landscapes.summary(landscape)
    return await answer_job(LandscapeKeys(landscape), parts, after, last_event_id)


@router.post("/landscapes/{landscape}/stop", status_code=202, response_model=Stopping)
async def stop_landscape(landscape: LandscapeId, parts: PartsHere) -> dict[str, Any]:
    """Ask a landscape to stop; its finished cells stand."""
    return {"id": landscape, "state": await parts.landscapes.stop(landscape)}


@router.post("/landscapes/{landscape}/resume", status_code=202, response_model=Stopping)
async def resume_landscape(landscape: LandscapeId, parts: PartsHere) -> dict[str, Any]:
    """Go on with a landscape that was stopped or has failed, with the cells that are left."""
    await parts.landscapes.resume(landscape)
    return {"id": landscape, "state": "queued"}


@router.delete("/landscapes/{landscape}", status_code=204)
async def delete_landscape(landscape: LandscapeId, parts: PartsHere) -> None:
    """Stop a landscape and forget it with its cells."""
    await parts.landscapes.delete(landscape)
