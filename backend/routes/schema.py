"""The JSON schemas of specs and commands, for forms and scripts."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter

from backend.models import Schemas
from foldscape import losses
from foldscape.commands import command_adapter
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.growth import nets
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.measures import declared
from foldscape.spec import RunSpec
from foldscape.studies import StudySpec
from foldscape.sweep.spec import SweepSpec

router = APIRouter(tags=["schema"])


@router.get("/schema", response_model=Schemas)
async def read_schema() -> dict[str, Any]:
    """Give the JSON schemas of what is sent here, what can be measured, and what a run can make small."""
    return _schemas()


@cache
def _schemas() -> dict[str, Any]:
    return {
        "RunSpec": RunSpec.model_json_schema(),
        "Command": command_adapter.json_schema(),
        "StudySpec": TypeAdapter(StudySpec).json_schema(),
        "LandscapeSpec": TypeAdapter(LandscapeSpec).json_schema(),
        "EnsembleSpec": EnsembleSpec.model_json_schema(),
        "SweepSpec": SweepSpec.model_json_schema(),
        "measures": declared.columns_as_json(),
        "losses": losses.declared(),
        "nets": nets.nets_as_json(),
    }
