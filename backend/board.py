"""Summaries of runs as tables show them: what the run log knows, and what follows from each run's spec."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import Any

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
                for run_id, raw in zip(missing, await pipe.execute(), strict=True):
                    self._facts[run_id] = facts(RunSpec.model_validate_json(raw)) if raw else UNKNOWN
        found = [complete(run, self._facts[run["id"]]) for run in summaries]
        while len(self._facts) > FACTS_KEPT:
            self._facts.popitem(last=False)
        return found


def facts(spec: RunSpec) -> dict[str, Any]:
    """Give what tables show of a spec."""
    train = spec.data.train_size
    steps_per_epoch = math.ceil(train / spec.batch)
    return {
        "data": spec.data.kind,
        "net": "-".join(str(width) for width in (spec.data.features, *spec.net.hidden, spec.data.classes)),
        "hidden": list(spec.net.hidden),
        "activation": spec.net.activation,
        "growth": spec.growth.rule.kind if spec.growth.schedule.kind != "by_hand" else "by hand",
        "seed": spec.seed,
        "batch": spec.batch,
        "lr": spec.optimizer.lr,
        "optimizer": spec.optimizer.kind,
        "epochs": spec.stop.epochs,
        "steps_per_epoch": steps_per_epoch,
        "speed": spec.speed,
    }


UNKNOWN: dict[str, Any] = dict.fromkeys(facts(RunSpec()))
"""The facts of a run that was deleted a moment ago."""


def complete(summary: dict[str, Any], known: dict[str, Any], now_ms: float | None = None) -> dict[str, Any]:
    """Join a run's summary with the facts of its spec and with what follows from both.

    Args:
        summary: What the run log says.
        known: The facts of the spec.
        now_ms: The present, in milliseconds since 1970.

    Returns:
        The flat summary of the HTTP API.
    """
    now = now_ms if now_ms is not None else time.time() * 1000
    beat, rate, step = summary.get("heartbeat"), summary.get("rate"), summary.get("step") or 0
    left = None
    if summary["state"] == "running" and rate and known["epochs"]:
        left = max(0.0, (known["epochs"] * known["steps_per_epoch"] - step) / rate)
    return {
        **known,
        **summary,
        "net": _grown(known["net"], known["hidden"] or [], summary.get("neurons")),
        "heartbeat_age_s": None if beat is None else round(max(0.0, (now - beat) / 1000), 1),
        "time_left_s": None if left is None else round(left, 1),
    }


def _grown(net: str | None, hidden: list[int], neurons: int | None) -> str | None:
    """Write the net as it is now; of several hidden layers only the sum is known, so births are added behind."""
    births = (neurons or 0) - sum(hidden)
    if net is None or births <= 0 or not hidden:
        return net
    if len(hidden) == 1:
        first, _, last = net.split("-")
        return f"{first}-{neurons}-{last}"
    return f"{net} +{births}"
