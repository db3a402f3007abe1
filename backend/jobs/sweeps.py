"""Sweeps: the routes that no other sort of job has."""

from __future__ import annotations

import asyncio
import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from backend.answers import as_json
from backend.errors import RequestError, invalid
from backend.jobs.router import Sort, add_job_routes
from backend.jobs.sweep_models import SweepCurves, SweepDetail, SweepDraft, SweepPreset, Sweeps, SweepSummary
from backend.parts import PartsHere, SweepId
from foldscape.cost.rates import Rates
from foldscape.cost.words import duration_text
from foldscape.errors import Unreadable
from foldscape.stored import read_stored
from foldscape.sweep import problems
from foldscape.sweep.check import without_card
from foldscape.sweep.cost import SweepEstimate, estimate
from foldscape.sweep.curves import curves
from foldscape.sweep.draft import JudgedDraft, judge_draft
from foldscape.sweep.expand import expand, one_pair
from foldscape.sweep.folder import manifest_of
from foldscape.sweep.needs import needs
from foldscape.sweep.presets import models_of, presets, spec_of, title_of
from foldscape.sweep.spec import SweepSpec
from foldscape.words import Name
from workers.keys import SweepKeys

router = APIRouter(tags=["sweeps"])
SWEEP = Sort(
    keys=SweepKeys,
    plural="sweeps",
    log=lambda parts: parts.sweeps,
    listing=Sweeps,
    brings="each brings the runs that have ended",
    after_stop="its finished runs stand",
    holds="runs",
    goes_on_with="the runs that are left",
)
OTHERS = "Other questions"
"""Heading of presets that hold nothing published."""


@router.post("/sweeps/estimate", response_model=JudgedDraft)
async def estimate_sweep(draft: SweepDraft, parts: PartsHere) -> JudgedDraft:
    """Say what is wrong with a draft, what it would take here, and what it is as YAML and Python; makes nothing."""
    given = draft.text if draft.text is not None else draft.spec or {}
    found = await asyncio.to_thread(judge_draft, given, await parts.sweeps.rates(), await parts.why_no_gpu())
    if found.estimate is None or found.estimate.refused or found.estimate.runs <= parts.settings.sweep_runs:
        return found
    refused = found.estimate.model_copy(update={"refused": _too_many(found.estimate, parts.settings.sweep_runs)})
    return found.model_copy(update={"estimate": refused})


@router.post("/sweeps", status_code=201, response_model=SweepSummary)
async def create_sweep(
    spec: SweepSpec,
    response: Response,
    parts: PartsHere,
    name: Annotated[Name, Query(description="Name; a fresh one when empty.")] = "",
    kind: Annotated[Literal["sweep", "try"], Query(description="`try` runs only the first pair of it.")] = "sweep",
) -> dict[str, Any]:
    """Make a sweep and queue it, on `gpu` where a run needs a card. One too large or impossible is refused."""
    spec = one_pair(spec) if kind == "try" else spec
    foreseen = await asyncio.to_thread(_foreseen, spec, await parts.sweeps.rates(), await parts.why_no_gpu())
    refused = foreseen.refused
    if not refused and foreseen.runs > parts.settings.sweep_runs:
        refused = _too_many(foreseen, parts.settings.sweep_runs)
    if refused:
        message, _, hint = refused.partition("; ")
        raise RequestError(422, "too_large_a_sweep", f"{message}.", f"{hint[:1].upper()}{hint[1:]}.")
    made = await parts.sweeps.create(spec, foreseen, name, kind)
    response.headers["Location"] = f"/api/sweeps/{made['id']}"
    return made


@router.get("/sweep-presets", response_model=dict[str, SweepPreset])
async def list_presets(parts: PartsHere) -> dict[str, SweepPreset]:
    """Give the sweeps that ship ready to be launched, with what each takes here and what it needs."""
    rates = await parts.sweeps.rates()
    return await asyncio.to_thread(lambda: {name: _preset(name, text, rates) for name, text in presets().items()})


@router.get("/sweeps/{sweep}", response_model=SweepDetail)
async def read_sweep(sweep: SweepId, parts: PartsHere) -> Response:
    """Give a sweep with its runs that are over; follow it from `last` on."""
    found = await parts.sweeps.summary(sweep)
    by_key = {row["key"]: row for row in await parts.sweeps.rows(sweep)}

    def told() -> dict[str, Any]:
        try:
            spec = read_stored(SweepSpec, found["spec"], "Its spec")
        except Unreadable as error:
            rows, message = list(by_key.values()), f"{found['message']} {error}".strip()
        else:
            cells = expand(spec) if by_key else ()
            rows, message = [by_key[cell.key] for cell in cells if cell.key in by_key], found["message"]
        return SweepDetail.model_validate({**found, "rows": rows, "message": message}).model_dump(mode="json")

    return await as_json(told)


@router.get("/sweeps/{sweep}/curves", response_model=SweepCurves)
async def read_curves(sweep: SweepId, parts: PartsHere) -> Response:
    """Give the runs of a sweep that came to their end as the comparison takes them."""
    found = await parts.sweeps.summary(sweep)
    rows = await parts.sweeps.results(sweep)
    return await as_json(
        lambda: {"curves": [curve.to_json() for curve in curves(read_stored(SweepSpec, found["spec"]), rows)]}
    )


@router.get("/sweeps/{sweep}/manifest", response_model=dict[str, Any])
async def read_manifest(sweep: SweepId, parts: PartsHere) -> Response:
    """Give everything that is needed to do a sweep again."""
    found = await parts.sweeps.summary(sweep)
    return await as_json(lambda: manifest_as_json(found))


add_job_routes(router, SWEEP)


def manifest_as_json(found: dict[str, Any]) -> dict[str, Any]:
    """Give the manifest of a sweep by its summary."""
    launched = datetime.datetime.fromtimestamp(found["created"] / 1000, datetime.UTC).isoformat(timespec="seconds")
    return manifest_of(read_stored(SweepSpec, found["spec"]), launched)


def _foreseen(spec: SweepSpec, rates: Rates, no_gpu: str) -> SweepEstimate:
    if faults := problems(spec) or without_card(spec, no_gpu):
        refused = RequestError(422, "invalid_input", "")
        refused.error = invalid(faults)
        raise refused
    return estimate(spec, rates)


def _preset(name: str, text: str, rates: Rates) -> SweepPreset:
    spec = spec_of(name)
    foreseen = estimate(spec, rates)
    return SweepPreset(
        title=title_of(text), text=text, group=spec.published.papers if spec.published else OTHERS,
        runs=foreseen.runs, seconds=foreseen.seconds, needs=needs(spec),
        model=models_of(spec),
    )  # fmt: skip


def _too_many(foreseen: SweepEstimate, most: int) -> str:
    return (
        f"{foreseen.runs:,} runs (about {duration_text(foreseen.seconds)}) are more than the {most:,} that this "
        f"server takes; "
        "drop some, carry it out with foldscape sweep, or raise FOLDSCAPE_SWEEP_RUNS"
    )
