"""The ensembles, for the web process: the same members asked for twice are the same ensemble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from foldscape.ensembles.members import cycle_steps, not_kept, refuse_strangers
from foldscape.ensembles.spec import CYCLES, EnsembleSpec, Member
from foldscape.errors import RunNotFound
from foldscape.spec import RunSpec
from foldscape.stored import read_stored
from workers import keys
from workers.broker import ENSEMBLE
from workers.errors import EnsembleNotFound
from workers.job_log import JobLog
from workers.keys import EnsembleKeys, RunKeys
from workers.landscape_log import moment_kept

KEPT = 150
"""Ensembles that are kept; the oldest that are over are forgotten."""


class EnsembleLog(JobLog):
    """All that the web process does with ensembles."""

    keys_of = EnsembleKeys
    task = ENSEMBLE
    begins_again = "another goes on with the pairs that are left."

    async def create(self, spec: EnsembleSpec) -> tuple[dict[str, Any], bool]:
        """Make an ensemble and put it into the queue, unless it is there already.

        Args:
            spec: Which; moments that are not named are the newest.

        Returns:
            Its summary, and whether it is new.

        Raises:
            RunNotFound: When there is no such run.
            FrameNotFound: When a moment is not kept.
            InvalidInput: When the members have other data or other classes; names two.
            NotPossible: When a run's schedule has no cycles, or there are no test points.
        """
        specs = {run: await self._spec(run) for run in {member.run for member in spec.members}}
        members = tuple([named for one in spec.members async for named in self._named(one, specs[one.run])])
        fixed = EnsembleSpec.model_validate(spec.model_dump() | {"members": members})
        name = f"{len(members)} member{'' if len(members) == 1 else 's'}"
        fields = {"kind": fixed.weights, "name": name, "cells": len(members)}
        fit = partial(asyncio.to_thread, refuse_strangers, members, specs, fixed.weights)
        return await self._make_once(fixed.model_dump_json(), fields, most=KEPT, allowed=fit)

    async def _spec(self, run: str) -> RunSpec:
        raw = await self._client.hget(RunKeys(run).hash, "spec")
        if raw is None:
            raise RunNotFound(f"There is no run {run}.", hint="It may have been deleted.")
        return read_stored(RunSpec, raw)

    async def _named(self, member: Member, spec: RunSpec) -> AsyncIterator[Member]:
        """Name the moment of a member, or each of those that it stands for."""
        if member.step is None:
            yield Member(run=member.run, step=await moment_kept(self._client, member.run, None))
            return
        ids = await self._client.lrange(RunKeys(member.run).frame_ids, 0, -1)
        kept = {keys.id_pair(one.decode())[0] for one in ids}
        if member.step == CYCLES:
            for step in cycle_steps(member.run, spec, kept):
                yield Member(run=member.run, step=step)
        elif member.step in kept:
            yield member
        else:
            assert isinstance(member.step, int)
            raise not_kept(member.run, member.step, kept)

    def _unknown(self, job_id: str) -> EnsembleNotFound:
        return EnsembleNotFound(f"There is no ensemble {job_id}.", hint="It may have been deleted; ask for it again.")
