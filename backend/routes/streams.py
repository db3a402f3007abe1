"""What a run measured: as it happens (SSE), its frames, its metrics, and the points it learns."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from backend import history, sse
from backend.answers import as_json
from backend.binary import MEDIA_TYPE, MessageKind, PackedEntry, join_events, message, metrics_table
from backend.event_stream import After, LastEventId, described, streamed
from backend.models import ExampleList, MetricsTable
from backend.parts import PartsHere, RunIdInPath, WebParts
from foldscape.csv_text import csv_text
from foldscape.events import COLUMNS, Validation
from foldscape.measures.scalars import SCALARS
from foldscape.spec import RunSpec
from foldscape.wire import as_base64
from workers.keys import FIRST

Held = dict[int, dict[str, float]] | None
"""What a run told of its validation part, by step; ``None`` for a run that has none."""
VALIDATION = tuple(column.name for column in SCALARS if column.event == Validation.kind)

router = APIRouter(prefix="/runs", tags=["streams"])

BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "description": "`u32 kind (1)`, `u32 length of head`, the head as JSON, the arrays raw.",
    }
}


@router.get(
    "/{run}/events",
    response_class=StreamingResponse,
    responses=described("run"),
)
async def follow_run(
    run: RunIdInPath,
    parts: PartsHere,
    kinds: Annotated[
        list[Literal["metrics", "events", "frames"]] | None,
        Query(description="Which streams; repeat the parameter. All but frames when missing."),
    ] = None,
    after: After = FIRST,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow a run as server-sent events until it is over."""
    await parts.must_exist(run)
    chosen = list(dict.fromkeys(kinds or ["metrics", "events"]))
    cursor = last_event_id or after
    if last_event_id and await sse.is_at_end(parts.redis, run, chosen, cursor):
        return Response(status_code=204)
    events = sse.stream_of_run(parts.redis, run, chosen, cursor, parts.settings.live_heartbeat_seconds)
    return streamed(events, parts, hint="Close one, or use the live socket /api/live.")


@router.get("/{run}/frames", response_class=Response, responses=BINARY)
async def read_frames(
    run: RunIdInPath,
    parts: PartsHere,
    after: After = FIRST,
    before: Annotated[str, Query(pattern=r"^(\+|\d{1,15}-\d{1,15})$", description="Id of the last one wanted.")] = "+",
    most: Annotated[int, Query(ge=1, le=5000, description="About how many; births and ends come on top.")] = 600,
) -> Response:
    """Give frames of a stretch of a run, evenly thinned by step."""
    await parts.must_exist(run)
    found = await history.frames(parts.log, run, after, before, most)
    cursor = found[-1].id if found else after
    return Response(await asyncio.to_thread(_batch, run, found, cursor), media_type=MEDIA_TYPE)


@router.get(
    "/{run}/metrics",
    response_model=MetricsTable,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def read_metrics(
    run: RunIdInPath,
    parts: PartsHere,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="json or csv.")] = "json",
    after: After = FIRST,
) -> Any:
    """Give the metrics rows of a run, as typed arrays in base64 or as CSV; with a validation part, its columns too."""
    await parts.must_exist(run)
    spec = await parts.log.plain_spec(run)
    held = await history.validated(parts.log, run) if spec.get("validation_share") else None
    if form == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{run}.csv"'}
        return StreamingResponse(_csv(parts, run, after, held), media_type="text/csv", headers=headers)
    found = [block async for page in history.blocks(parts.log, run, after) for block in page]
    return await as_json(lambda: _table(found, after, held))


@router.get("/{run}/data", response_class=Response, responses=BINARY)
async def read_data(run: RunIdInPath, parts: PartsHere) -> Response:
    """Tell what a run learns: head classes, names, image_shape, ink, train_size, validation_size, test_size.

    Of plane sets also all points come, as arrays train_x, train_y, test_x, test_y, validation_x, validation_y; where
    training points are corrupted, true_y holds their true classes and noise whether their inputs were replaced.
    """
    spec = await parts.log.spec(run)
    learnt = {name: getattr(spec, name) for name in history.LEARNT}
    packed = await asyncio.to_thread(history.data_message, RunSpec.model_construct(**learnt))
    return Response(packed, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, max-age=86400, immutable"})


@router.get("/{run}/examples", response_model=ExampleList)
async def read_examples(
    run: RunIdInPath,
    parts: PartsHere,
    index: Annotated[list[int], Query(max_length=100, description="Which, within the part.")] = [],  # noqa: B006
    part: Annotated[Literal["train", "validation", "test"], Query()] = "test",
) -> dict[str, Any]:
    """Give some of the points that a run learns, to be looked at."""
    spec = await parts.log.spec(run)
    found = await asyncio.to_thread(spec.examples, part, index)
    inputs = None if found.inputs is None else as_base64(found.inputs)
    truth = {} if found.true_labels is None else {"true_labels": found.true_labels.tolist()}
    noise = {} if found.noise is None else {"noise": found.noise.tolist()}
    return {"labels": found.labels.tolist(), "inputs": inputs, "sentences": found.sentences, **truth, **noise}


def _batch(run: str, found: list[PackedEntry], cursor: str) -> bytes:
    heads, body = join_events(found)
    return message(MessageKind.BATCH, {"run": run, "cursors": {"frames": cursor}, "state": None, "events": heads}, body)


def _names(held: Held) -> tuple[str, ...]:
    return COLUMNS if held is None else (*COLUMNS, *VALIDATION)


def _rows(blocks: Sequence[PackedEntry], held: Held) -> tuple[np.ndarray, np.ndarray]:
    """Join blocks of rows, with what the validation part told at their steps."""
    steps, values = metrics_table(blocks)
    values = values.reshape(len(steps), -1) if len(steps) else np.zeros((0, len(COLUMNS)), np.float32)
    if held is None:
        return steps, values
    told = [[held.get(int(step), {}).get(name, math.nan) for name in VALIDATION] for step in steps]
    return steps, np.hstack([values, np.array(told, np.float32).reshape(len(steps), len(VALIDATION))])


def _table(found: Sequence[PackedEntry], after: str, held: Held) -> dict[str, Any]:
    steps, values = _rows(found, held)
    return {
        "columns": list(_names(held)),
        "steps": as_base64(steps),
        "values": as_base64(np.ascontiguousarray(values, "<f4")),
        "cursor": found[-1].id if found else after,
    }


async def _csv(parts: WebParts, run: str, after: str, held: Held) -> AsyncIterator[str]:
    yield ",".join(("step", *_names(held))) + "\n"
    async for page in history.blocks(parts.log, run, after):
        yield await asyncio.to_thread(_page, page, held)


def _page(page: Sequence[PackedEntry], held: Held) -> str:
    return csv_text(_lines(page, held))


def _lines(page: Sequence[PackedEntry], held: Held) -> Iterator[list[Any]]:
    for step, row in zip(*_rows(page, held), strict=True):
        # Nine digits hold a float32 exactly; what was not measured stays empty.
        yield [int(step), *(f"{value:.9g}" if math.isfinite(value) else "" for value in row)]
