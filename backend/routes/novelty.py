"""How new the test points of a run are: the nearest training points of some, and what its net made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response

from backend import history
from backend.answers import CsvForm, as_csv, csv_described
from backend.models import NearestList
from backend.parts import PartsHere, RunIdInPath
from foldscape.events import NoveltyMeasured
from foldscape.neighbours.kept import neighbours_among
from foldscape.spec import RunSpec

router = APIRouter(prefix="/runs", tags=["novelty"])
HEADS = (
    "step", "epoch", "bucket", "novelty_from", "novelty_to", "points", "accuracy", "confidence",
    "critical_sample_ratio", "memoriser_accuracy",
)  # fmt: skip


@router.get("/{run}/nearest", response_model=NearestList)
async def read_nearest(
    run: RunIdInPath,
    parts: PartsHere,
    index: Annotated[list[int], Query(max_length=100, description="Which test points.")] = [],  # noqa: B006
) -> dict[str, Any]:
    """Give the nearest training point of some test points of a run, and how far it is: their novelty."""
    spec = await parts.log.spec(run)
    return await asyncio.to_thread(_nearest, spec, index)


@router.get("/{run}/novelty", response_class=Response, responses=csv_described("A line a bucket and measurement."))
async def read_novelty(run: RunIdInPath, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give what a run measured by novelty as CSV; no line where it has no probe ``novelty``."""
    del form
    await parts.must_exist(run)
    told = await history.told_by(NoveltyMeasured.kind, parts.log, run)
    return await as_csv(lambda: _lines(told), f"{run}-novelty")


def _nearest(spec: RunSpec, chosen: Sequence[int]) -> dict[str, Any]:
    split = spec.load()
    found = neighbours_among(split, chosen)
    labels = split.train_y[found.index]
    return {"nearest": found.index.tolist(), "novelty": found.distance.tolist(), "labels": labels.tolist()}


def _lines(told: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> Iterator[Sequence[object]]:
    yield HEADS
    for head, arrays in told:
        edges = arrays["edges"]
        columns = (arrays[name] for name in ("counts", "accuracy", "confidence", "critical", "memoriser"))
        for bucket, values in enumerate(zip(edges[:-1], edges[1:], *columns, strict=True)):
            yield (
                head["step"],
                head["epoch"],
                bucket + 1,
                *map(_known, values),
            )


def _known(value: np.generic) -> float | None:
    return None if np.isnan(value) else value.item()
