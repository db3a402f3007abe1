"""Studies: make, list, read, follow, stop, forget."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from backend.answers import as_json, file_name
from backend.event_stream import After, LastEventId, described
from backend.job_stream import answer_job
from backend.parts import Parts, PartsHere, StudyId
from backend.study_models import Kind, Stopping, Studies, StudyDetail, StudySummary
from foldscape.csv_text import csv_text
from foldscape.registry import kinds
from foldscape.studies import Study, StudySpec
from foldscape.words import Name
from workers.keys import FIRST, StudyKeys

router = APIRouter(tags=["studies"])
spec_adapter: TypeAdapter[Study] = TypeAdapter(StudySpec)


@router.post("/studies", status_code=201, response_model=StudySummary)
async def create_study(
    spec: StudySpec,
    response: Response,
    parts: PartsHere,
    name: Annotated[Name, Query(description="Name; a fresh one when empty.")] = "",
) -> dict[str, Any]:
    """Make a study and put it into the batch queue."""
    made = await parts.studies.create(spec, name)
    response.headers["Location"] = f"/api/studies/{made['id']}"
    return made


@router.get("/studies", response_model=Studies)
async def list_studies(parts: PartsHere) -> Response:
    """List the newest studies, the newest first; `left_out` says how many older ones there are."""
    found, left_out = await parts.studies.summaries(), await parts.studies.left_out()
    return await as_json(lambda: {"studies": found, "left_out": left_out})


@router.get("/study-kinds", response_model=dict[str, Kind])
async def list_kinds() -> dict[str, Any]:
    """Tell what each kind of study asks and computes, with its shipped values."""
    return {kind: {"spec": study.model_dump(mode="json"), **_static(study)} for kind, study in _shipped().items()}


@router.get("/studies/{study}", response_model=StudyDetail)
async def read_study(study: StudyId, parts: PartsHere) -> dict[str, Any]:
    """Give a study with its table as it stands."""
    return await _detail(parts, study)


@router.get(
    "/studies/{study}/table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The table."}},
)
async def read_table(
    study: StudyId,
    parts: PartsHere,
    form: Annotated[Literal["csv"], Query(alias="format", description="csv.")] = "csv",
) -> Response:
    """Give the table of a study as CSV, with the published counts beside its own."""
    found = await _detail(parts, study)
    columns, lines = spec_adapter.validate_python(found["spec"]).table(found["rows"])
    headers = {"Content-Disposition": f'attachment; filename="{file_name(found["name"])}.csv"'}
    return Response(csv_text([columns, *lines]), media_type=f"text/{form}", headers=headers)


@router.get(
    "/studies/{study}/events",
    response_class=StreamingResponse,
    responses=described("study"),
)
async def follow(study: StudyId, parts: PartsHere, after: After = FIRST, last_event_id: LastEventId = None) -> Response:
    """Follow a study as server-sent events until it is over; each names the rows that changed."""
    await parts.studies.summary(study)
    return await answer_job(StudyKeys(study), parts, after, last_event_id)


@router.post("/studies/{study}/stop", status_code=202, response_model=Stopping)
async def stop_study(study: StudyId, parts: PartsHere) -> dict[str, Any]:
    """Ask a study to stop; its worker hears it within a second. One that is over stays as it is."""
    return {"id": study, "state": await parts.studies.stop(study)}


@router.delete("/studies/{study}", status_code=204)
async def delete_study(study: StudyId, parts: PartsHere) -> None:
    """Stop a study and forget it with its table."""
    await parts.studies.delete(study)


async def _detail(parts: Parts, study_id: str) -> dict[str, Any]:
    found = await parts.studies.summary(study_id)
    spec = spec_adapter.validate_python(found["spec"])
    at_first = _static(spec)
    known = {row["key"]: row for row in await parts.studies.rows(study_id)}
    return {**found, "about": at_first["about"], "rows": [known.get(row["key"], row) for row in at_first["rows"]]}


def _static(study: Study) -> dict[str, Any]:
    return {"rows": [row.model_dump(mode="json") for row in study.rows_at_first()], "about": study.about()}


def _shipped() -> dict[str, Study]:
    return {kind: spec_adapter.validate_python({"kind": kind}) for kind in kinds("foldscape.studies", Study)}
