"""The one ASGI application: the API under ``/api``, the pages under ``/``."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.routing import compile_path

from backend.board import Board
from backend.confined import Confined
from backend.door import Door
from backend.errors import ERRORS, RequestError, install_error_handlers
from backend.guard import Guard
from backend.jobs import ensembles, landscapes, studies, sweeps
from backend.live.hub import Hub
from backend.parts import WebParts
from backend.reaping import reaping
from backend.routes import (
    commands,
    comparisons,
    exports,
    health,
    iterative,
    live,
    nets,
    novelty,
    rates,
    runs,
    schedules,
    schema,
    streams,
)
from backend.settings import WebSettings
from foldscape.hosting import Allowed
from workers.ensemble_log import EnsembleLog
from workers.landscape_log import LandscapeLog
from workers.run_log.connect import connect_async
from workers.run_log.web import RunLog
from workers.settings import Settings
from workers.study_log import StudyLog
from workers.sweep_log import SweepLog

ROUTES = (
    runs,
    commands,
    streams,
    nets,
    novelty,
    iterative,
    studies,
    sweeps,
    landscapes,
    ensembles,
    comparisons,
    exports,
    schedules,
    schema,
    health,
    rates,
    live,
)
MAX_FEEDS = 10_000
ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(
    settings: Settings | None = None, web: WebSettings | None = None, *, pages: bool = True, reaper: bool = True
) -> FastAPI:
    """Build the application.

    Args:
        settings: Settings shared with the workers; read from the environment when missing.
        web: Settings of the web process; read from the environment when missing.
        pages: Whether to serve the pages too.
        reaper: Whether this process may look after runs that lost their worker.

    Returns:
        The application, not yet started.
    """
    shared, own = settings or Settings(), web or WebSettings()

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            api.state.parts = await _open(shared, own, stack)
            if reaper:
                await stack.enter_async_context(reaping(shared))
            yield

    api: FastAPI = FastAPIOffline(
        redoc_url=None,
        favicon_url="/assets/mark.svg",
        title="Foldscape",
        version=version("foldscape"),
        description="Watch small networks learn, grow them by hand, compare. Errors have one shape everywhere.",
        lifespan=lifespan,
    )
    install_error_handlers(api)
    routes = APIRouter(prefix="/api", responses=ERRORS)
    for part in ROUTES:
        routes.include_router(part.router)
    routes.add_api_route("/{rest:path}", _otherwise(_methods()), methods=ANY_METHOD, include_in_schema=False)
    api.include_router(routes)
    if pages:
        _add_pages(api)
    api.add_middleware(Confined, allowed=Allowed.of(shared.modules, loads=False))
    api.add_middleware(Guard, settings=own)  # last, so that it is outermost
    return api


async def _open(shared: Settings, own: WebSettings, stack: AsyncExitStack) -> WebParts:
    run_log = RunLog.open(shared)
    stack.push_async_callback(run_log.close)
    redis: Any = connect_async(shared)
    redis.connection_pool.max_connections = MAX_FEEDS  # each watched run holds one while it waits
    stack.push_async_callback(redis.aclose)
    board = Board(run_log)
    hub = Hub(board, redis)
    stack.push_async_callback(hub.close)
    jobs = run_log.client, run_log.sender
    logs = StudyLog(*jobs), LandscapeLog(*jobs), EnsembleLog(*jobs), SweepLog(*jobs)
    return WebParts(own, run_log, board, hub, *logs, redis)


def _add_pages(api: FastAPI) -> None:
    from frontend.app import has_file, mount_pages  # here, so that the API alone needs no Dash

    dash = mount_pages(api)
    api.add_middleware(Door, callbacks=dash.callback_map, has_file=partial(has_file, dash))


def _methods() -> list[tuple[re.Pattern[str], set[str]]]:
    """Give pattern and methods of every address of the API."""
    found: dict[str, set[str]] = {}
    for part in ROUTES:
        for route in part.router.routes:
            if isinstance(route, APIRoute):
                found.setdefault(f"/api{route.path}", set()).update(route.methods or ())
    return [(compile_path(path)[0], methods) for path, methods in found.items()]


def _otherwise(known: list[tuple[re.Pattern[str], set[str]]]) -> Callable[..., Awaitable[None]]:
    """Make the last route: what nobody else under ``/api`` answers, so that no page does."""

    async def otherwise(request: Request) -> None:
        path = request.url.path
        allowed = sorted({method for pattern, methods in known if pattern.match(path) for method in methods})
        if not allowed:
            raise RequestError(404, "not_found", f"There is nothing at {path}.", "See /docs for the calls there are.")
        message = f"{path} does not answer {request.method}."
        problem = RequestError(405, "method_not_allowed", message, f"It answers {', '.join(allowed)}.")
        problem.headers["Allow"] = ", ".join(allowed)
        raise problem

    return otherwise


def __getattr__(name: str) -> FastAPI:
    """Build ``api`` when a server asks for it; importing the module for ``create_app`` builds nothing."""
    if name != "api":
        raise AttributeError(name)
    globals()["api"] = api = create_app()
    return api
