"""Published numbers beside a sweep's own, and sweeps and comparisons as files for a paper."""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from backend.answers import file_name
from backend.comparison_models import CompareRequest
from backend.errors import RequestError
from backend.jobs.sweep_models import PublishedBeside
from backend.jobs.sweeps import manifest_as_json
from backend.parts import PartsHere, SweepId
from backend.routes.comparisons import runs_of
from foldscape.comparison import Clock, Curve
from foldscape.exports import export
from foldscape.measures.declared import MeasureName
from foldscape.stored import read_stored
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.published import held_against
from foldscape.sweep.spec import SweepSpec

router = APIRouter(tags=["exports"])
ONE_BY_ONE = ThreadPoolExecutor(1, thread_name_prefix="export")
"""Drawing changes settings of the whole process, so exports wait for each other, and for nobody else."""

ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}, "description": "Files."}
}
TYPES = {
    ".csv": "text/csv", ".tex": "text/x-tex", ".svg": "image/svg+xml", ".pdf": "application/pdf",
    ".json": "application/json", ".ipynb": "application/x-ipynb+json", ".parquet": "application/vnd.apache.parquet",
}  # fmt: skip
OneFile = Annotated[str, Query(max_length=40, description="Only this file of it, as `table.tex`; all as a zip.")]


@router.get("/sweeps/{sweep}/published", response_model=PublishedBeside | None)
async def read_published(sweep: SweepId, parts: PartsHere) -> dict[str, Any] | None:
    """Give what was published beside the runs that are over, and each claim's verdict; null where nothing was."""
    found = await parts.sweeps.summary(sweep)
    spec = read_stored(SweepSpec, found["spec"])
    rows = await parts.sweeps.results(sweep) if spec.published else []
    return await asyncio.to_thread(held_against, spec, rows)


@router.get("/sweeps/{sweep}/export", response_class=Response, responses=ZIP)
async def export_one_sweep(
    sweep: SweepId,
    parts: PartsHere,
    by: Annotated[Clock | None, Query(description="Clock to align by; the sweep's own when left out.")] = None,
    measure: Annotated[MeasureName | None, Query(description="What is judged; the sweep's own when left out.")] = None,
    target: Annotated[float | None, Query(ge=0, allow_inf_nan=False, description="Reading of the clock.")] = None,
    against: Annotated[str, Query(max_length=400, description="Group that all others are held against.")] = "",
    file: OneFile = "",
) -> Response:
    """Give tables, figures, every number, a notebook, and the manifest by which the runs can be done again."""
    found = await parts.sweeps.summary(sweep)
    spec = read_stored(SweepSpec, found["spec"])
    rows = await parts.sweeps.results(sweep)
    manifest, starts = manifest_as_json(found), await parts.sweeps.starts(sweep)

    def write(folder: Path) -> None:
        export_sweep(
            spec,
            rows,
            folder,
            manifest=manifest,
            by=by,
            measure=measure or "",
            target=target,
            against=against,
            starts=starts,
        )

    return await _written(write, found["name"], file)


@router.post("/comparisons/export", response_class=Response, responses=ZIP)
async def export_comparison(asked: CompareRequest, parts: PartsHere, file: OneFile = "") -> Response:
    """Give tables, figures, every number and a notebook of a comparison."""
    found = await runs_of(asked, parts)
    curves = [each.curve for each in found.known if len(each.curve)]
    choice = asked.model_dump(include={"by", "target", "measure", "contrast", "against"})
    write = partial(export, curves, primary=found.primary, **choice)
    return await _written(write, asked.tag or _names(curves), file)


async def _written(write: Callable[[Path], object], name: str, file: str) -> Response:
    """Write files in a thread of their own, and answer one of them, or all."""
    name = file_name(name)
    loop = asyncio.get_running_loop()
    content = await loop.run_in_executor(ONE_BY_ONE, _one if file else _all, write, file or name)
    called = f"{name}-{file}" if file else f"{name}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{called}"', "Cache-Control": "no-store"}
    return Response(content, media_type=TYPES.get(Path(called).suffix, "application/zip"), headers=headers)


def _all(write: Callable[[Path], object], name: str) -> bytes:
    """Give all files as a zip that unpacks into one folder."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = Path(place)
        write(folder)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{name}/{path.relative_to(folder)}")
    return packed.getvalue()


def _one(write: Callable[[Path], object], file: str) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        there = {path.name: path for path in folder.iterdir() if path.is_file()}
        if file not in there:
            raise RequestError(404, "no_such_file", f"An export has no {file}.", f"It has {', '.join(sorted(there))}.")
        return there[file].read_bytes()


def _names(curves: list[Curve]) -> str:
    """Name a comparison by its first run and the number of the others."""
    first = curves[0].name or curves[0].run if curves else ""
    return f"{first}-and-{len(curves) - 1}-more" if len(curves) > 1 else first
