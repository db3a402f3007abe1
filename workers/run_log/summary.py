"""The summary of a run: what tables and headers show of its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WHOLE = ("step", "created", "started", "ended", "heartbeat", "attempt", "parent_step", "neurons", "parameters")
REAL = (
    "epoch",
    "rate",
    "train_accuracy",
    "test_accuracy",
    "validation_loss",
    "validation_accuracy",
    "best_accuracy",
    "train_loss",
    "lambda_max",
    "flatness",
    "probe_share",
)
WORDS = ("state", "reason", "message", "name", "notes", "origin", "queue", "parent", "worker", "thinned", "log")
WHOLE_TOO = ("fold_points", "version", "frames")

MAX_EXACT = float("inf")


def summary_of(run_id: str, raw: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Turn a run's hash into plain JSON: numbers as numbers, what is not known as ``None``."""
    text = {key.decode(): value.decode() for key, value in raw.items() if key != b"spec"}
    found: dict[str, Any] = {"id": run_id}
    found |= {key: text.get(key, "") for key in WORDS}
    found |= {key: _number(text.get(key), whole=True) for key in WHOLE + WHOLE_TOO}
    found |= {key: _number(text.get(key), whole=False) for key in REAL}
    found["thinned"] = " ".join(filter(None, (found["thinned"], text.get("thinned_events"))))
    found["probe_ms"] = json.loads(text.get("probe_ms") or "{}")
    found["tags"] = json.loads(text.get("tags") or "[]")
    return found


def _number(given: str | None, *, whole: bool) -> float | int | None:
    if given is None or given == "":
        return None
    value = float(given)
    if value != value or abs(value) == MAX_EXACT:
        return None
    return int(value) if whole else value
