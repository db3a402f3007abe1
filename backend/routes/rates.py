"""How fast the workers' machine is, for whoever foresees what something takes on it."""

from __future__ import annotations

from fastapi import APIRouter

from backend.parts import PartsHere
from foldscape.cost.rates import Rates
from workers.rates import stored_rates

router = APIRouter(tags=["health"])


@router.get("/rates", response_model=Rates | None)
async def read_rates(parts: PartsHere) -> Rates | None:
    """Tell how much slower the workers' machine is than that of the shipped costs; null before its first sweep."""
    return await stored_rates(parts.log.client)
