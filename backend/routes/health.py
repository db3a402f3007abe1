"""How each part of the product is."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter

from backend.models import Health
from backend.parts import PartsHere
from foldscape.registry import left_out

router = APIRouter(tags=["health"])


@router.get("/health", response_model=Health)
async def read_health(parts: PartsHere) -> dict[str, Any]:
    """Tell how Redis, the workers of each queue and this process are; answers even when they are not well."""
    found = await parts.log.health()
    web = {"ok": True, "viewers": parts.viewers, "feeds": len(parts.hub.feeds), "streams": parts.streams}
    names = ("fastapi", "uvicorn", "dash")
    versions = {**found["versions"], "python": platform.python_version(), **{name: version(name) for name in names}}
    return {**found, "troubles": [*found["troubles"], *left_out()], "web": web, "versions": versions}
