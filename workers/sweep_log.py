"""The sweeps, for the web process."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from foldscape.cost.rates import Rates
from foldscape.start import NoStart, StartNet
from foldscape.sweep.check import place_of
from foldscape.sweep.cost import SweepEstimate
from foldscape.sweep.expand import device_of
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.starting import begin, starts_of
from workers.broker import SWEEP
from workers.errors import SweepNotFound
from workers.job_log import JobLog
from workers.keys import SweepKeys
from workers.rates import stored_rates
from workers.run_log.naming import new_id, new_name
from workers.run_log.starting import start_net

SweepJobKind = Literal["sweep", "try"]


class SweepLog(JobLog):
    """All that the web process does with sweeps."""

    keys_of = SweepKeys
    task = SWEEP
    begins_again = "another goes on with the runs that are left."

    async def create(
        self, spec: SweepSpec, foreseen: SweepEstimate, name: str = "", kind: SweepJobKind = "sweep"
    ) -> dict[str, Any]:
        """Make a sweep and put it into the queue.

        Args:
            spec: What it is; its question and all else stay as they are now.
            foreseen: What it will take.
            name: Its name; a fresh one when empty.
            kind: Whether it is one pair that somebody tries first.

        Returns:
            Its summary.

        Raises:
            NoDevice: When a run of it asks for a device that nobody computes on.
            NoStart: When the weights that runs are to begin with are not there, or do not fit.
        """
        spec, starts = begin(spec, await self._taken(spec))
        sweep = SweepKeys(new_id())
        for name, net in starts.items():
            await self._client.hset(sweep.starts, name, net.pack())
        fields = {"spec": spec.model_dump_json(), "kind": kind, "name": name or new_name(), "cells": foreseen.runs}
        await self._make(sweep, fields | {"estimate_s": foreseen.seconds}, {}, device_of(spec))
        return await self.summary(sweep.id)

    async def _taken(self, spec: SweepSpec) -> dict[str, StartNet]:
        nets = {}
        for name, (start, settings) in starts_of(spec).items():
            try:
                nets[name] = await start_net(self._client, start)
            except NoStart as error:
                raise error.moved(place_of(spec, settings, error.field["path"])) from None
        return nets

    async def starts(self, sweep_id: str) -> dict[str, StartNet]:
        """Give the weights of others that runs of a sweep begin with, by name."""
        kept = await self._client.hgetall(SweepKeys(sweep_id).starts)
        return {name.decode(): StartNet.unpack(packed) for name, packed in kept.items()}

    async def results(self, sweep_id: str) -> list[CellResult]:
        """Give the runs of a sweep that are over, in any order."""
        rows = await self.rows(sweep_id)
        return await asyncio.to_thread(lambda: [CellResult.model_validate(row) for row in rows])

    async def rates(self) -> Rates:
        """Give how fast the workers' machine is, as the last sweep found it."""
        return await stored_rates(self._client) or Rates()

    def _unknown(self, job_id: str) -> SweepNotFound:
        return SweepNotFound(f"There is no sweep {job_id}.", hint="It may have been deleted.")
