"""Summaries of runs as tables show them: what the run log knows, and what follows from each run's spec."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from backend.curves import deciding_settings
from foldscape.comparison import key_of
from foldscape.comparison.defaults import dotted_settings
from foldscape.cost.growing import is_foreseeable
from foldscape.cost.rates import Rates
from foldscape.cost.run import foresee
from foldscape.errors import Unreadable
from foldscape.schedules.preview import stretches
from foldscape.spec import RunSpec
from foldscape.stored import read_stored
from workers.keys import RunKeys
from workers.rates import stored_rates
from workers.run_log.web import MOST_SUMMARIES, RunLog
from workers.states import OVER

FACTS_KEPT = 5000
AT_ONCE = 100
"""Specs that are read in one go off the event loop."""


class Board:
    """Reads summaries; keeps those of runs that are over, and the facts of each spec, which never change.

    Args:
        log: The run log.
    """

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self._client: Any = log.client
        self._facts: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._newest: dict[str, dict[str, Any]] = {}
        self._cursor = ""
        self._refreshing = asyncio.Lock()

    async def summary(self, run_id: str) -> dict[str, Any]:
        """Give one run's summary.

        Returns:
            The summary, as the API gives it.

        Raises:
            RunNotFound: When there is no such run.
        """
        found = await self.log.summary(run_id)
        return (await self._with_facts([found]))[0]

    async def summaries(self, after: str = "", most: int = MOST_SUMMARIES) -> dict[str, Any]:
        """Give what changed since a cursor, or the newest runs.

        Args:
            after: The cursor; all of the newest runs when it is empty or too old.
            most: How many of the newest.

        Returns:
            ``runs``, ``deleted``, ``cursor``, whether these are ``all`` runs, and how many older ones are ``left_out``.
        """
        if after:
            found = await self.log.summaries(after)
            if not found["all"]:
                return {**found, "runs": await self._with_facts(found["runs"]), "left_out": 0}
        async with self._refreshing:
            total = await self._refresh()
            newest, cursor = sorted(self._newest.values(), key=_age, reverse=True)[:most], self._cursor
        left_out = max(0, total - len(newest))
        return {
            "runs": await self._with_facts(newest),
            "deleted": [],
            "cursor": cursor,
            "all": True,
            "left_out": left_out,
        }

    def settings(self, run: dict[str, Any]) -> dict[str, Any]:
        """Give the settings by dotted path that a run, as a summary has it, shares with its group."""
        known = self._facts.get(run["id"], UNKNOWN)
        return {**known["settings"], "method": run["method"]}

    async def _refresh(self) -> int:
        """Read what changed of the newest runs, and all that are not over: their signs of life say nothing else.

        Returns:
            How many runs there are.
        """
        found = await self.log.summaries(self._cursor)
        there = int(await self.log.count())
        if not found["all"] and len(self._newest) < min(there, MOST_SUMMARIES):  # newer ones are gone
            found = await self.log.summaries()
        if found["all"]:
            self._newest.clear()
        for run_id in found["deleted"]:
            self._newest.pop(run_id, None)
        told = {run["id"]: run for run in found["runs"]}
        going = [run_id for run_id, run in self._newest.items() if run_id not in told and run["state"] not in OVER]
        self._newest |= told | {run["id"]: run for run in await self.log.read(going)}
        self._cursor = found["cursor"]
        for run in sorted(self._newest.values(), key=_age, reverse=True)[MOST_SUMMARIES:]:
            del self._newest[run["id"]]
        return there

    async def _with_facts(self, summaries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        missing = [run for run in summaries if run["id"] not in self._facts]
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            async with self._client.pipeline(transaction=False) as pipe:
                for run in part:
                    pipe.hget(RunKeys(run["id"]).hash, "spec")
                raws = await pipe.execute()
            self._facts |= await asyncio.to_thread(_read, part, raws, await stored_rates(self._client))
        now = time.time() * 1000
        known = [(run, self._facts[run["id"]]) for run in summaries]
        found = await asyncio.to_thread(lambda: [complete(run, facts, now) for run, facts in known])
        while len(self._facts) > FACTS_KEPT:
            self._facts.popitem(last=False)
        return found


def _age(run: dict[str, Any]) -> tuple[int, str]:
    return run["created"] or 0, run["id"]


def _read(
    runs: Sequence[dict[str, Any]], raws: Sequence[bytes | None], rates: Rates | None
) -> dict[str, dict[str, Any]]:
    pairs = zip(runs, raws, strict=True)
    return {run["id"]: _found(raw, run, rates) if raw else UNKNOWN for run, raw in pairs}


def _found(raw: bytes, run: dict[str, Any], rates: Rates | None) -> dict[str, Any]:
    """Give the facts of a stored spec; of one that this version cannot read, why not."""
    try:
        return _known(read_stored(RunSpec, raw, "Its spec"), run, rates)
    except Unreadable as error:
        return {**UNKNOWN, "unreadable": str(error)}


def facts(spec: RunSpec, rates: Rates | None = None) -> dict[str, Any]:
    """Give what tables show of a spec, with what it takes on a machine of such rates."""
    return {
        "data": spec.data.kind,
        "plane": spec.data.features == 2,
        "net": spec.net.called_on(spec.data.shape, spec.data.classes),
        "wiring": spec.net.wiring,
        "layered": spec.net.can.layered,
        "drawn": spec.net.can.drawn,
        "hidden": list(spec.net.hidden),
        "units": spec.net.units_on(spec.data.shape, spec.data.classes),
        "activation": spec.net.activation,
        "growth": spec.growth.rule.kind if spec.growth.schedule.kind != "by_hand" else "by hand",
        "seed": spec.seed,
        "batch": spec.batch,
        "lr": spec.optimizer.lr,
        "optimizer": spec.optimizer.kind,
        "lr_gain": spec.optimizer.effective_lr(1.0),
        "epochs": spec.stop.epochs,
        "updates": spec.updates,
        "steps_per_epoch": spec.steps_per_epoch,
        "stretches": [stretch.model_dump() for stretch in stretches(spec.calendar)],
        "speed": spec.speed,
        "foreseen_s": round(foresee(spec, rates).seconds, 1) if is_foreseeable(spec) else None,
    }


def _known(spec: RunSpec, summary: dict[str, Any], rates: Rates | None) -> dict[str, Any]:
    """Join a spec's facts with the run's group, before and after its first birth by hand."""
    settings = {births: deciding_settings(spec, summary, births) for births in (False, True)}
    groups = {births: (told["method"], key_of(told)) for births, told in settings.items()}
    return {**facts(spec, rates), "groups": groups, "settings": dotted_settings(settings[False])}


UNKNOWN: dict[str, Any] = {
    **dict.fromkeys(facts(RunSpec())),
    "groups": dict.fromkeys((False, True), ("fixed", None)),
    "settings": {},
    "unreadable": "",
}
"""The facts of a run that was deleted a moment ago, or whose spec cannot be read."""


def complete(summary: dict[str, Any], known: dict[str, Any], now_ms: float | None = None) -> dict[str, Any]:
    """Join a run's summary with the facts of its spec and with what follows from both.

    Args:
        summary: What the run log says.
        known: The facts of the spec; under ``groups`` its method and group without births and with them, under
            ``settings`` what it shares with its group.
        now_ms: The present, in milliseconds since 1970.

    Returns:
        The flat summary of the HTTP API.
    """
    spec_facts = {name: fact for name, fact in known.items() if name not in ("groups", "settings", "unreadable")}
    births = max(0, (summary.get("neurons") or 0) - (known["units"] or 0))
    method, group = known["groups"][births > 0]
    now = now_ms if now_ms is not None else time.time() * 1000
    beat, rate, step = summary.get("heartbeat"), summary.get("rate"), summary.get("step") or 0
    left = None
    if summary["state"] == "running" and rate and known["updates"]:
        left = max(0.0, (known["updates"] - step) / rate)
    return {
        **spec_facts,
        **summary,
        "message": " ".join(filter(None, (summary["message"], known.get("unreadable")))),
        "net": _grown(known, births),
        "method": method,
        "group": group,
        "heartbeat_age_s": None if beat is None else round(max(0.0, (now - beat) / 1000), 1),
        "time_left_s": None if left is None else round(left, 1),
    }


def _grown(known: dict[str, Any], births: int) -> str | None:
    """Write the net as it is now; but for one hidden layer only the sum of its units is known: births go behind."""
    net: str | None = known["net"]
    if net is None or births == 0:
        return net
    if known["layered"] and len(known["hidden"]) == 1:
        first, width, last = net.split("-")
        return f"{first}-{int(width) + births}-{last}"
    return f"{net} +{births}"
