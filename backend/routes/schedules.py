"""What schedules make of a run, for whoever draws them."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from foldscape.schedules.preview import SchedulePreview
from foldscape.spec import RunSpec

router = APIRouter(tags=["runs"])


@router.post("/schedule", response_model=SchedulePreview)
async def preview_schedule(spec: RunSpec) -> SchedulePreview:
    """Tell learning rates, restarts and batch sizes of a run along its epochs; nothing is made."""
    return await asyncio.to_thread(spec.foreseen_rates)
