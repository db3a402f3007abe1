"""The routes that every sort of job has: list, follow, stop, go on, forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from backend.answers import as_json
from backend.event_stream import After, LastEventId, described
from backend.jobs.models import Listing, Stopping
from backend.jobs.stream import answer_job
from backend.parts import PartsHere, WebParts, id_of
from workers.job_log import JobLog
from workers.keys import FIRST, JobKeys


@dataclass(frozen=True)
class Sort:
    """What the shared routes need to know of one sort of job.

    Attributes:
        keys: Where its jobs are; tells its name, as ``study``.
        plural: Its name in addresses, as ``studies``.
        log: Finds its jobs among the parts of the process.
        listing: The answer with the newest of them, under ``plural``.
        brings: What each event of progress brings, for the reader of the documentation.
        after_stop: What becomes of one that is stopped.
        holds: What is forgotten with one.
        goes_on_with: What one does when it is resumed; empty where none can be.
    """

    keys: type[JobKeys]
    plural: str
    log: Callable[[WebParts], JobLog]
    listing: type[Listing]
    brings: str
    after_stop: str
    holds: str
    goes_on_with: str = ""

    @property
    def name(self) -> str:
        """Its name, as ``study``."""
        return self.keys.sort

    @property
    def one(self) -> str:
        """The address of one of them."""
        return f"/{self.plural}/{{{self.name}}}"


def add_job_routes(router: APIRouter, sort: Sort) -> None:
    """Add what every sort of job answers to the routes of one.

    Args:
        router: Where they go.
        sort: Which sort.
    """
    _add_list(router, sort)
    _add_events(router, sort)
    _add_stop(router, sort)
    if sort.goes_on_with:
        _add_resume(router, sort)
    _add_delete(router, sort)


def _add_list(router: APIRouter, sort: Sort) -> None:
    said = f"List the newest {sort.plural}, the newest first; `left_out` says how many older ones there are."

    @router.get(f"/{sort.plural}", name=f"list_{sort.plural}", response_model=sort.listing, description=said)
    async def list_jobs(parts: PartsHere) -> Response:
        jobs = sort.log(parts)
        found, left_out = await jobs.summaries(), await jobs.left_out()
        return await as_json(lambda: {sort.plural: found, "left_out": left_out})


def _add_events(router: APIRouter, sort: Sort) -> None:
    said = f"Follow a {sort.name} as server-sent events until it is over; {sort.brings}."
    this = id_of(sort.name)

    @router.get(
        f"{sort.one}/events", name="follow", description=said,
        response_class=StreamingResponse, responses=described(sort.name),
    )  # fmt: skip
    async def follow(
        parts: PartsHere, job: str = this, after: After = FIRST, last_event_id: LastEventId = None
    ) -> Response:
        await sort.log(parts).summary(job)
        return await answer_job(sort.keys(job), parts, after, last_event_id)


def _add_stop(router: APIRouter, sort: Sort) -> None:
    said, this = f"Ask a {sort.name} to stop; {sort.after_stop}.", id_of(sort.name)

    @router.post(
        f"{sort.one}/stop", name=f"stop_{sort.name}", description=said, status_code=202, response_model=Stopping
    )
    async def stop(parts: PartsHere, job: str = this) -> dict[str, Any]:
        return {"id": job, "state": await sort.log(parts).stop(job)}


def _add_resume(router: APIRouter, sort: Sort) -> None:
    said = f"Go on with a {sort.name} that was stopped or has failed, with {sort.goes_on_with}."
    this = id_of(sort.name)

    @router.post(
        f"{sort.one}/resume", name=f"resume_{sort.name}", description=said, status_code=202, response_model=Stopping
    )
    async def resume(parts: PartsHere, job: str = this) -> dict[str, Any]:
        await sort.log(parts).resume(job)
        return {"id": job, "state": "queued"}


def _add_delete(router: APIRouter, sort: Sort) -> None:
    said, this = f"Stop a {sort.name} and forget it with its {sort.holds}.", id_of(sort.name)

    @router.delete(sort.one, name=f"delete_{sort.name}", description=said, status_code=204)
    async def delete(parts: PartsHere, job: str = this) -> None:
        await sort.log(parts).delete(job)
