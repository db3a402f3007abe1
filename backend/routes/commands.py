"""Commands: what a person says to a run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from backend.models import CommandAccepted
from backend.parts import PartsHere, RunIdInPath
from foldscape.commands import Command

router = APIRouter(prefix="/runs", tags=["commands"])


@router.post("/{run}/commands", status_code=202, response_model=CommandAccepted)
async def send_command(run: RunIdInPath, command: Annotated[Command, Body()], parts: PartsHere) -> dict[str, Any]:
    """Hand a command to a run; it takes effect before the next update and is recorded with its step."""
    return {"id": await parts.log.send_command(run, command)}
