"""Ensembles: what is told of one, and the routes that no other sort of job has."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from backend.answers import CsvForm, as_csv, as_json, csv_described
from backend.jobs.models import JobSummary, Listing
from backend.jobs.router import Sort, add_job_routes
from backend.parts import EnsembleId, PartsHere
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.ensembles.table import ensemble_lines
from workers.keys import EnsembleKeys

router = APIRouter(tags=["ensembles"])


class EnsembleSummary(JobSummary):
    """An ensemble without its rows."""

    id: str
    """Id of the ensemble: the same members have the same."""
    kind: str
    """How its members are weighed: equal or validation_accuracy."""
    name: str
    """How many members it has, in words."""
    spec: dict[str, Any]
    """Everything that decides it, moments named."""
    cells: int
    """Number of members."""


class EnsembleDetail(EnsembleSummary):
    """An ensemble with what is known of it; arrays as base64 typed arrays."""

    rows: list[dict[str, Any]] = Field(default_factory=list)
    """`members` (each by itself), `added.<m>` (the first m together), `mean_weights` (the net whose weights are the
    members' mean), `pair.<i>-<j>`, and on the plane `boundary.<i>` and `boundary.ensemble` with `lines` (pieces, 2, 2).
    """


class Ensembles(Listing):
    """All ensembles."""

    ensembles: list[EnsembleSummary]
    """The newest first."""


ENSEMBLE = Sort(
    keys=EnsembleKeys,
    plural="ensembles",
    log=lambda parts: parts.ensembles,
    listing=Ensembles,
    brings="each brings the rows that are new",
    after_stop="its finished pairs stand",
    holds="rows",
    goes_on_with="the pairs that are left",
)


@router.post("/ensembles", status_code=201, response_model=EnsembleSummary)
async def create_ensemble(spec: EnsembleSpec, response: Response, parts: PartsHere) -> dict[str, Any]:
    """Make an ensemble and put it into the batch queue; one that is there already is answered with 200."""
    made, is_new = await parts.ensembles.create(spec)
    response.headers["Location"] = f"/api/ensembles/{made['id']}"
    response.status_code = 201 if is_new else 200
    return made


@router.get("/ensembles/{ensemble}", response_model=EnsembleDetail)
async def read_ensemble(ensemble: EnsembleId, parts: PartsHere) -> Response:
    """Give an ensemble with what is known of it; follow it from `last` on."""
    found = await parts.ensembles.summary(ensemble)
    rows = await parts.ensembles.rows(ensemble)
    return await as_json(lambda: {**found, "rows": sorted(rows, key=lambda row: str(row["key"]))})


@router.get("/ensembles/{ensemble}/table", response_class=Response, responses=csv_described("Members, sums and pairs."))
async def read_table(ensemble: EnsembleId, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give what is known as CSV: a line for each member, each number of members, each pair."""
    await parts.ensembles.summary(ensemble)
    rows = await parts.ensembles.rows(ensemble)
    return await as_csv(lambda: ensemble_lines(rows), f"ensemble-{ensemble}")


add_job_routes(router, ENSEMBLE)
