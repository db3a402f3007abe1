"""Studies: what is told of one, and the routes that no other sort of job has."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field, TypeAdapter

from backend.answers import CsvForm, as_csv, csv_described, file_name
from backend.jobs.models import JobSummary, Listing
from backend.jobs.router import Sort, add_job_routes
from backend.models import Answer
from backend.parts import PartsHere, StudyId, WebParts
from foldscape.registry import kinds
from foldscape.studies import Study, StudySpec
from foldscape.words import Name
from workers.keys import StudyKeys

router = APIRouter(tags=["studies"])
spec_adapter: TypeAdapter[Study] = TypeAdapter(StudySpec)


class StudySummary(JobSummary):
    """A study without its table."""

    name: str
    """Name for people."""
    attempt: int | None = None
    """How many workers have begun it; each begins from the start."""
    findings: list[dict[str, Any]] = Field(default_factory=list)
    """What was claimed, and whether it holds here; empty until it is done."""
    verdict: str = ""
    """What follows from it, in one sentence."""


class StudyDetail(StudySummary):
    """A study with its table."""

    rows: list[dict[str, Any]]
    """The lines of its table as they stand, in the order of the spec."""
    about: dict[str, Any]
    """What is asked, what was published, and what differs."""


class Studies(Listing):
    """All studies."""

    studies: list[StudySummary]
    """The newest first."""


class StudyKind(Answer):
    """A kind of study, before anybody ran it."""

    spec: dict[str, Any]
    """Its spec with the shipped values."""
    rows: list[dict[str, Any]]
    """The lines its table will have."""
    about: dict[str, Any]
    """What is asked, what was published, and what differs."""


STUDY = Sort(
    keys=StudyKeys,
    plural="studies",
    log=lambda parts: parts.studies,
    listing=Studies,
    brings="each names the rows that changed",
    after_stop="its worker hears it within a second. One that is over stays as it is",
    holds="table",
)


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


@router.get("/study-kinds", response_model=dict[str, StudyKind])
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
    responses=csv_described("The table."),
)
async def read_table(study: StudyId, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give the table of a study as CSV, with the published counts beside its own."""
    found = await _detail(parts, study)
    columns, lines = spec_adapter.validate_python(found["spec"]).table(found["rows"])
    return await as_csv(lambda: [columns, *lines], file_name(found["name"]))


add_job_routes(router, STUDY)


async def _detail(parts: WebParts, study_id: str) -> dict[str, Any]:
    found = await parts.studies.summary(study_id)
    spec = spec_adapter.validate_python(found["spec"])
    at_first = _static(spec)
    known = {row["key"]: row for row in await parts.studies.rows(study_id)}
    return {**found, "about": at_first["about"], "rows": [known.get(row["key"], row) for row in at_first["rows"]]}


def _static(study: Study) -> dict[str, Any]:
    return {"rows": [row.model_dump(mode="json") for row in study.rows_at_first()], "about": study.about()}


def _shipped() -> dict[str, Study]:
    return {kind: spec_adapter.validate_python({"kind": kind}) for kind in kinds("foldscape.studies", Study)}
