"""Summaries of runs as tables show them: what the run log knows, and what follows from each run's spec."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

from backend.curves import settings_of
from foldscape.comparison import key_of
from foldscape.spec import RunSpec
from workers.keys import RunKeys
from workers.run_log.web import RunLog

FACTS_KEPT = 5000


class Board:
    """Reads summaries; keeps the facts of each spec, which never change.

    Args:
        log: The run log.
    """

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self._client: Any = log.client
        self._facts: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def summary(self, run_id: str) -> dict[str, Any]:
        """Give one run's summary.

        Returns:
            The summary, as the API gives it.

        Raises:
            RunNotFound: When there is no such run.
        """
        found = await self.log.summary(run_id)
        return (await self._with_facts([found]))[0]

    async def summaries(self, after: str = "") -> dict[str, Any]:
        """Give what changed since a cursor: ``runs``, ``deleted``, ``cursor``, and whether these are ``all`` runs."""
        found = await self.log.summaries(after)
        return {**found, "runs": await self._with_facts(found["runs"])}

    async def _with_facts(self, summaries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        missing = [run["id"] for run in summaries if run["id"] not in self._facts]
        if missing:
            async with self._client.pipeline(transaction=False) as pipe:
                for run_id in missing:
                    pipe.hget(RunKeys(run_id).hash, "spec")
                by_id = {run["id"]: run for run in summaries}
                for run_id, raw in zip(missing, await pipe.execute(), strict=True):
                    self._facts[run_id] = _known(RunSpec.model_validate_json(raw), by_id[run_id]) if raw else UNKNOWN
        found = [complete(run, self._facts[run["id"]]) for run in summaries]
        while len(self._facts) > FACTS_KEPT:
            self._facts.popitem(last=False)
        return found


def facts(spec: RunSpec) -> dict[str, Any]:
    """Give what tables show of a spec."""
    return {
        "data": spec.data.kind,
        "net": "-".join(str(width) for width in (spec.data.features, *spec.net.hidden, spec.data.classes)),
        "wiring": spec.net.wiring,
        "hidden": list(spec.net.hidden),
        "activation": spec.net.activation,
        "growth": spec.growth.rule.kind if spec.growth.schedule.kind != "by_hand" else "by hand",
        "seed": spec.seed,
        "batch": spec.batch,
        "lr": spec.optimizer.lr,
        "optimizer": spec.optimizer.kind,
        "epochs": spec.stop.epochs,
        "steps_per_epoch": spec.steps_per_epoch,
        "speed": spec.speed,
    }


def _known(spec: RunSpec, summary: dict[str, Any]) -> dict[str, Any]:
    """Join a spec's facts with the run's group, before and after its first birth by hand."""
    settings = {births: settings_of(spec, summary, births) for births in (False, True)}
    return {**facts(spec), "groups": {births: (told["method"], key_of(told)) for births, told in settings.items()}}


UNKNOWN: dict[str, Any] = {**dict.fromkeys(facts(RunSpec())), "groups": dict.fromkeys((False, True), ("fixed", None))}
"""The facts of a run that was deleted a moment ago."""


def complete(summary: dict[str, Any], known: dict[str, Any], now_ms: float | None = None) -> dict[str, Any]:
    """Join a run's summary with the facts of its spec and with what follows from both.

    Args:
        summary: What the run log says.
        known: The facts of the spec, and under ``groups`` its method and group without births and with them.
        now_ms: The present, in milliseconds since 1970.

    Returns:
        The flat summary of the HTTP API.
    """
    spec_facts = {name: fact for name, fact in known.items() if name != "groups"}
    births = max(0, (summary.get("neurons") or 0) - sum(known["hidden"] or []))
    method, group = known["groups"][births > 0]
    now = now_ms if now_ms is not None else time.time() * 1000
    beat, rate, step = summary.get("heartbeat"), summary.get("rate"), summary.get("step") or 0
    left = None
    if summary["state"] == "running" and rate and known["epochs"]:
        left = max(0.0, (known["epochs"] * known["steps_per_epoch"] - step) / rate)
    return {
        **spec_facts,
        **summary,
        "net": _grown(known, births),
        "method": method,
        "group": group,
        "heartbeat_age_s": None if beat is None else round(max(0.0, (now - beat) / 1000), 1),
        "time_left_s": None if left is None else round(left, 1),
    }


def _grown(known: dict[str, Any], births: int) -> str | None:
    """Write the net as it is now; of a graph and of several hidden layers only the sum is known: births go behind."""
    net: str | None = known["net"]
    if known["wiring"] == "dag":
        return f"{net} · dag" + (f" +{births}" if births else "")
    if net is None or births == 0 or not known["hidden"]:
        return net
    if len(known["hidden"]) == 1:
        first, width, last = net.split("-")
        return f"{first}-{int(width) + births}-{last}"
    return f"{net} +{births}"
