"""Runs: make, list, read, describe, delete, fork, resume."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from backend.answers import as_json
from backend.models import (
    Changes,
    Created,
    CreatedRun,
    Detail,
    Fork,
    Origin,
    Patch,
    Resumed,
    Summary,
)
from backend.parts import PartsHere, RunIdInPath
from foldscape.errors import FrameNotFound
from foldscape.spec import RunSpec
from foldscape.start import NoStart
from foldscape.words import Name, Notes, Tags
from workers.run_log.web import MOST_SUMMARIES

router = APIRouter(prefix="/runs", tags=["runs"])
WEIGHTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "Weights and biases as an .npz file.",
    }
}


@router.post("", status_code=201, response_model=CreatedRun)
async def create_run(
    spec: RunSpec,
    response: Response,
    parts: PartsHere,
    name: Annotated[Name, Query(description="Name; a fresh one when empty.")] = "",
    tags: Annotated[Tags | None, Query(description="Tags; repeat the parameter.")] = None,
    notes: Annotated[Notes, Query(description="Notes.")] = "",
    origin: Annotated[Origin, Query(description="Who asks.")] = "api",
) -> dict[str, Any]:
    """Make a run and put it into its queue."""
    made = await parts.log.create(spec, name=name, tags=tags or (), notes=notes, origin=origin)
    response.headers["Location"] = f"/api/runs/{made['id']}"
    kept = await parts.log.spec(made["id"])  # which names the weights that it begins with
    return {**made, "run": {**await parts.board.summary(made["id"]), "spec": kept.model_dump(mode="json")}}


@router.get("", response_model=Changes)
async def list_runs(
    parts: PartsHere,
    after: Annotated[
        str, Query(pattern=r"^(\d{1,15}-\d{1,15})?$", description="Cursor of the last answer; empty gives all runs.")
    ] = "",
    most: Annotated[
        int, Query(ge=1, le=MOST_SUMMARIES, description="How many of the newest, where all are given.")
    ] = MOST_SUMMARIES,
) -> Response:
    """List the runs that changed since a cursor, or the newest; `left_out` says how many older ones there are."""
    found = await parts.board.summaries(after, most)
    return await as_json(lambda: found)


@router.get("/{run}", response_model=Detail)
async def read_run(run: RunIdInPath, parts: PartsHere) -> dict[str, Any]:
    """Give everything about a run but its measurements."""
    return {**await parts.log.detail(run), **await parts.board.summary(run)}


@router.patch("/{run}", response_model=Summary)
async def patch_run(run: RunIdInPath, patch: Patch, parts: PartsHere) -> dict[str, Any]:
    """Change what people write about a run."""
    await parts.must_exist(run)
    await parts.log.patch(run, name=patch.name, tags=patch.tags, notes=patch.notes)
    return await parts.board.summary(run)


@router.delete("/{run}", status_code=204)
async def delete_run(run: RunIdInPath, parts: PartsHere) -> None:
    """Stop a run and forget it with everything it measured."""
    await parts.log.delete(run)


@router.post("/{run}/fork", status_code=201, response_model=Created)
async def fork_run(run: RunIdInPath, fork: Fork, response: Response, parts: PartsHere) -> dict[str, Any]:
    """Start a new run from a recorded moment of this one."""
    made = await parts.log.fork(
        run,
        step=fork.step,
        frame=fork.frame,
        name=fork.name,
        optimizer=fork.optimizer,
        speed=fork.speed if "speed" in fork.model_fields_set else "keep",
        batch=fork.batch,
        origin=fork.origin,
    )
    response.headers["Location"] = f"/api/runs/{made['id']}"
    return made


@router.get("/{run}/weights", response_class=Response, responses=WEIGHTS)
async def read_weights(
    run: RunIdInPath,
    parts: PartsHere,
    step: Annotated[int | None, Query(ge=0, le=2**53, description="Updates done; its newest net when missing.")] = None,
) -> Response:
    """Give the weights that a run keeps of a moment, for `foldscape run --source`."""
    await parts.must_exist(run)
    try:
        found = await parts.log.weights(run, step)
    except NoStart as error:
        raise FrameNotFound(error.message, hint=error.hint) from None
    return _file(found.pack(), f"{run}-{found.step}")


@router.get("/{run}/start", response_class=Response, responses=WEIGHTS)
async def read_start(run: RunIdInPath, parts: PartsHere) -> Response:
    """Give the weights of another run that this one began with; they stay when the other is deleted."""
    await parts.must_exist(run)
    if not (packed := await parts.log.beginning(run)):
        raise FrameNotFound(f"Run {run} began with weights of its own.", hint="See its spec: it names no start.")
    return _file(packed, f"{run}-start")


def _file(packed: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.npz"'}
    return Response(packed, media_type="application/octet-stream", headers=headers)


@router.post("/{run}/resume", status_code=202, response_model=Resumed)
async def resume_run(run: RunIdInPath, parts: PartsHere) -> dict[str, Any]:
    """Let a stopped or failed run go on from its last checkpoint."""
    await parts.log.resume(run)
    return {"id": run, "state": "queued"}
