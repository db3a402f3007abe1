"""The landscapes, for the web process: the same view asked for twice is the same landscape."""

from __future__ import annotations

from typing import Any

from foldscape.device import Device
from foldscape.errors import FrameNotFound, RunNotFound
from foldscape.landscape.recorded.spec import ConnectionOf, Landscape, PlaneOf, PlanesOf, SliceOf, others_of
from foldscape.spec import RunSpec
from foldscape.stored import read_stored
from workers import keys
from workers.broker import LANDSCAPE
from workers.errors import LandscapeNotFound
from workers.job_log import JobLog
from workers.keys import LandscapeKeys, RunKeys
from workers.run_log import fleet
from workers.run_log.connect import Client

KEPT = 150
"""Landscapes that are kept; the oldest that are over are forgotten."""


class LandscapeLog(JobLog):
    """All that the web process does with landscapes."""

    keys_of = LandscapeKeys
    task = LANDSCAPE
    begins_again = "another goes on with the cells that are left."

    async def create(self, spec: Landscape) -> tuple[dict[str, Any], bool]:
        """Make a landscape and put it into the queue, unless it is there already.

        Args:
            spec: Which; moments that are not named are the newest.

        Returns:
            Its summary, and whether it is new.

        Raises:
            RunNotFound: When there is no such run.
            FrameNotFound: When a moment is not kept.
            NoDevice: When it asks for a device that nobody computes on.
        """
        fixed = await self._fixed(spec)
        view = str(getattr(fixed, "view", ""))
        fields = {"kind": view, "name": view, "cells": fixed.cells}
        return await self._make_once(fixed.model_dump_json(), fields, most=KEPT, device=fixed.device or "cpu")

    async def _fixed(self, spec: Landscape) -> Landscape:
        """Name the moments of a spec by the frames that are there."""
        changes: dict[str, Any] = {"step": await self._moment(spec.run, spec.step)}
        changes["device"] = await self._device(spec)
        if isinstance(spec, ConnectionOf):
            changes["to_step"] = await self._moment(spec.to, spec.to_step)
            if spec.third is not None:
                changes["third_step"] = await self._moment(spec.third, spec.third_step)
        steps = {(run, step): await self._moment(run, step) for run, step in others_of(spec)}

        def named(direction: Any) -> Any:
            key = (getattr(direction, "run", ""), getattr(direction, "step", None))
            return direction.model_copy(update={"step": steps[key]}) if key in steps else direction

        if isinstance(spec, SliceOf):
            cut = spec.slice
            changes["slice"] = cut.model_copy(update={"direction": named(cut.direction)})
        if isinstance(spec, PlaneOf):
            plane = spec.plane
            changes["plane"] = plane.model_copy(update={"first": named(plane.first), "second": named(plane.second)})
        if isinstance(spec, PlanesOf):
            directions = tuple(named(one) for one in spec.planes.directions)
            changes["planes"] = spec.planes.model_copy(update={"directions": directions})
        return spec.model_copy(update=changes)

    async def _device(self, spec: Landscape) -> Device | None:
        """Give where a landscape is measured: as it asks, or where its run trains as long as a worker is there.

        Returns:
            The device; ``None`` is the processor for a run that trains there, so that the same view keeps its id.
        """
        raw = await self._client.hget(RunKeys(spec.run).hash, "spec")
        trains = read_stored(RunSpec, raw).device if raw else "cpu"
        wanted = spec.device or (trains if await fleet.has_gpu(self._client) else "cpu")
        return None if wanted == trains == "cpu" else wanted

    async def _moment(self, run_id: str, step: int | None) -> int:
        return await moment_kept(self._client, run_id, step)

    def _unknown(self, job_id: str) -> LandscapeNotFound:
        return LandscapeNotFound(f"There is no landscape {job_id}.", hint="It may have been deleted; ask for it again.")


async def moment_kept(client: Client, run_id: str, step: int | None) -> int:
    """Give the newest moment of a run, at or before a step, whose net it keeps.

    Args:
        client: Connection to the run log.
        run_id: The run.
        step: The step; ``None`` is the end.

    Returns:
        Updates done at the moment.

    Raises:
        RunNotFound: When there is no such run.
        FrameNotFound: When no net is kept there.
    """  # noqa: DOC501 - a method makes it
    run = RunKeys(run_id)
    if not await client.exists(run.hash):
        raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
    newest = "+" if step is None else str(step)
    for name, fields in await client.xrevrange(run.frames, max=newest, count=1):
        moment = keys.id_pair(name.decode())[0]
        if b"sh" in fields or (b'"kind":"frame"' in fields[b"h"] and b'"weights":[]' not in fields[b"h"]):
            return moment
        kept, at = await client.hmget(run.checkpoint, "kept", "step")
        if kept == b"1" and int(at) == moment:
            return moment
    raise FrameNotFound.of(run_id, step)
