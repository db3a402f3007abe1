"""Landscapes: what is told of one, and the routes that no other sort of job has."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from backend.answers import CsvForm, as_csv, as_json, csv_described
from backend.jobs.models import JobSummary, Listing
from backend.jobs.router import Sort, add_job_routes
from backend.parts import LandscapeId, PartsHere
from foldscape.landscape.recorded.rows import gathered
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.landscape.recorded.table import lines_of
from foldscape.landscape.recorded.topology import completed
from foldscape.landscape.recorded.topology_table import topology_lines
from workers.keys import LandscapeKeys

router = APIRouter(tags=["landscapes"])


class LandscapeSummary(JobSummary):
    """A landscape without its cells."""

    id: str
    """Id of the landscape: the same view of the same moment has the same."""
    kind: str
    """The view: slice, plane, planes, path, straight, saddles, connection or spectrum."""
    spec: dict[str, Any]
    """Everything that decides it, moments named."""
    cells: int
    """Points that are measured in the end."""
    share: float = 0
    """Share of them that is known."""
    estimate_s: float | None = None
    """Seconds that the cells left were estimated to take when this attempt began, corrected by those since measured."""


class LandscapeDetail(LandscapeSummary):
    """A landscape with what is known of it; arrays as base64 typed arrays."""

    rows: list[dict[str, Any]] = Field(default_factory=list)
    """`ground` (the net in the middle, the directions, the path), one block `cells` with the `index` of each known
    cell, row by row, and its `values` (training loss and accuracy, test loss and accuracy), a `way.` each between
    two nets, or a `spectrum.` on each part of the data; a `topology.` of the finest complete look on each part, and of
    each way."""


class Landscapes(Listing):
    """All landscapes."""

    landscapes: list[LandscapeSummary]
    """The newest first."""


LANDSCAPE = Sort(
    keys=LandscapeKeys,
    plural="landscapes",
    log=lambda parts: parts.landscapes,
    listing=Landscapes,
    brings="each brings the cells that were finished",
    after_stop="its finished cells stand",
    holds="cells",
    goes_on_with="the cells that are left",
)


@router.post("/landscapes", status_code=201, response_model=LandscapeSummary)
async def create_landscape(spec: LandscapeSpec, response: Response, parts: PartsHere) -> dict[str, Any]:
    """Make a landscape and put it into the batch queue; one that is there already is answered with 200."""
    made, is_new = await parts.landscapes.create(spec)
    response.headers["Location"] = f"/api/landscapes/{made['id']}"
    response.status_code = 201 if is_new else 200
    return made


@router.get("/landscapes/{landscape}", response_model=LandscapeDetail)
async def read_landscape(landscape: LandscapeId, parts: PartsHere) -> Response:
    """Give a landscape with what is known of it; follow it from `last` on."""
    found = await parts.landscapes.summary(landscape)
    rows = await parts.landscapes.rows(landscape)
    return await as_json(lambda: {**found, "rows": gathered(completed(rows))})


@router.get(
    "/landscapes/{landscape}/cells",
    response_class=Response,
    responses=csv_described("The known cells."),
)
async def read_cells(landscape: LandscapeId, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give what is known as CSV: cells by their coordinates, ways point by point, a spectrum value by value."""
    await parts.landscapes.summary(landscape)
    rows = await parts.landscapes.rows(landscape)
    return await as_csv(lambda: lines_of(rows), f"landscape-{landscape}")


@router.get(
    "/landscapes/{landscape}/topology",
    response_class=Response,
    responses=csv_described("Basins and hills."),
)
async def read_topology(landscape: LandscapeId, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give the basins and hills of the finest complete look as CSV: where each begins and ends, what takes it in."""
    await parts.landscapes.summary(landscape)
    rows = await parts.landscapes.rows(landscape)
    return await as_csv(lambda: topology_lines(completed(rows)), f"topology-{landscape}")


add_job_routes(router, LANDSCAPE)
