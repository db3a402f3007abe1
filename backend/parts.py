"""What the routes need of the running process, as dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from backend.board import Board
from backend.live.hub import Hub
from backend.settings import WebSettings
from foldscape.device import NO_WORKER
from foldscape.errors import RunNotFound
from workers.ensemble_log import EnsembleLog
from workers.keys import RunKeys
from workers.landscape_log import LandscapeLog
from workers.run_log import fleet
from workers.run_log.web import RunLog
from workers.study_log import StudyLog
from workers.sweep_log import SweepLog


@dataclass
class WebParts:
    """The parts of one web process.

    Attributes:
        settings: Its settings.
        log: The run log.
        board: Summaries.
        hub: Live feeds.
        studies: The studies.
        landscapes: The landscapes.
        ensembles: The ensembles.
        sweeps: The sweeps.
        redis: Client for blocking reads.
        viewers: Number of live sockets.
        streams: Number of SSE streams.
    """

    settings: WebSettings
    log: RunLog
    board: Board
    hub: Hub
    studies: StudyLog
    landscapes: LandscapeLog
    ensembles: EnsembleLog
    sweeps: SweepLog
    redis: Any
    viewers: int = 0
    streams: int = 0

    async def why_no_gpu(self) -> str:
        """Say why nothing can be computed on a card; empty where a worker has one."""
        return "" if await fleet.has_gpu(self.log.client) else NO_WORKER

    async def must_exist(self, run: str) -> None:
        """Refuse a run that is not there.

        Raises:
            RunNotFound: When there is no such run.
        """
        if not await self.log.client.exists(RunKeys(run).hash):
            raise RunNotFound(f"There is no run {run}.", hint="It may have been deleted.")


async def parts_of(connection: HTTPConnection) -> WebParts:
    """Give the parts of the process that serves a request."""
    parts: WebParts = connection.app.state.parts
    return parts


def id_of(thing: str) -> Any:
    """Describe the part of an address that names a thing.

    Args:
        thing: What it is, as ``run``; the name of the part.

    Returns:
        What FastAPI takes as the default of an argument.
    """
    return Path(alias=thing, max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description=f"Id of the {thing}.")


PartsHere = Annotated[WebParts, Depends(parts_of)]
RunIdInPath = Annotated[str, id_of("run")]
StudyId = Annotated[str, id_of("study")]
LandscapeId = Annotated[str, id_of("landscape")]
EnsembleId = Annotated[str, id_of("ensemble")]
SweepId = Annotated[str, id_of("sweep")]
