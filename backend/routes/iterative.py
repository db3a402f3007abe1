"""What each residual block of a run's net does to what passes it, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from fastapi import APIRouter, Response

from backend import history
from backend.answers import CsvForm, as_csv, csv_described
from backend.parts import PartsHere, RunIdInPath
from foldscape.events import IterativeMeasured

router = APIRouter(prefix="/runs", tags=["iterative inference"])
OF_BLOCK = ("cosine", "ratio", "predicted", "actual", "corrected", "spoiled")
AFTER = ("norm", "accuracy", "loss", "borderline_right")
UNROLLED = ("accuracy", "loss", "norm")
Told = tuple[dict[str, Any], dict[str, Any]]


@router.get("/{run}/iterative", response_class=Response, responses=csv_described("A line a block and measurement."))
async def read_blocks(run: RunIdInPath, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give what a run measured by block as CSV; no line where it has no probe ``iterative``."""
    del form
    return await _table(run, parts, _of_blocks, "blocks", ("block", *OF_BLOCK, *(f"{name}_after" for name in AFTER)))


@router.get(
    "/{run}/iterative/unrolled", response_class=Response,
    responses=csv_described("A line a measurement, way and number of extra times that the last block is applied."),
)  # fmt: skip
async def read_unrolled(run: RunIdInPath, parts: PartsHere, form: CsvForm = "csv") -> Response:
    """Give how a run's net did with its last residual block unrolled, as CSV."""
    del form
    return await _table(run, parts, _of_ways, "unrolled", ("way", "extra", *UNROLLED))


async def _table(
    run: str, parts: PartsHere, lines: Callable[[Told], Iterator[Sequence[object]]], name: str, heads: Sequence[str]
) -> Response:
    await parts.must_exist(run)
    told = await history.told_by(IterativeMeasured.kind, parts.log, run)
    plain = ("block", "way", "extra")
    all_heads = [each for head in heads for each in ((head,) if head in plain else (head, f"{head}_error"))]

    def table() -> Iterator[Sequence[object]]:
        yield ("step", "epoch", *all_heads)
        for one in told:
            for line in lines(one):
                yield (one[0]["step"], one[0]["epoch"], *line)

    return await as_csv(table, f"{run}-{name}")


def _of_blocks(told: Told) -> Iterator[Sequence[object]]:
    head, arrays = told
    for place, name in enumerate(head["names"]):
        of_block = [arrays[each][:, place] for each in OF_BLOCK]
        yield (name, *_known(of_block + [arrays[each][:, place + 1] for each in AFTER]))


def _of_ways(told: Told) -> Iterator[Sequence[object]]:
    head, arrays = told
    for row, way in enumerate(("plain", "scaled")):
        for extra in range(head["extra"] + 1):
            yield (way, extra, *_known([arrays[f"unrolled_{each}"][:, row, extra] for each in UNROLLED]))


def _known(pairs: Sequence[np.ndarray]) -> list[float | None]:
    """Give means and standard errors in turn."""
    return [None if np.isnan(value) else float(value) for pair in pairs for value in pair]
