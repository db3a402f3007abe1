"""The fields of a run's hash that follow its events: what tables and headers show without reading a stream."""

from __future__ import annotations

import math
from typing import Any

from foldscape.events import COLUMNS, Curvature, Event, Frame, Grown, Metrics, Status, Unmeasured, Validation

AT = {name: place for place, name in enumerate(COLUMNS)}
LETTERS = 4000
"""Longest message in the hash."""


class Headline:
    """Collects fields from events until they are sent.

    Args:
        best_accuracy: Best accuracy of earlier attempts.
    """

    def __init__(self, best_accuracy: float | None = None) -> None:
        self._best = -math.inf if best_accuracy is None else best_accuracy
        self._fields: dict[str, Any] = {}

    def add(self, event: Event) -> None:
        """Read an event."""
        if isinstance(event, Metrics):
            self._metrics(event)
        elif isinstance(event, Validation):
            self._set(validation_loss=event.loss, validation_accuracy=event.accuracy)
        elif isinstance(event, Curvature):
            self._set(lambda_max=event.lambda_max, flatness=event.flatness.get("element"))
        elif isinstance(event, Frame):
            self._fields["fold_points"] = len(event.fold_points)
        elif isinstance(event, Unmeasured):
            self._fields["message"] = f"{event.probe} cannot be measured. {event.why}"[:LETTERS]
        elif isinstance(event, Grown):
            self._fields["parameters"] = event.parameters_after
        elif isinstance(event, Status):
            self._fields |= {"reason": event.reason, "message": event.message[:LETTERS]}

    def say(self, message: str) -> None:
        """Put a sentence beside the run that its events know nothing of."""
        self._fields["message"] = message

    def take(self) -> dict[str, Any]:
        """Give the fields that changed since the last time."""
        fields, self._fields = self._fields, {}
        return fields

    def give_back(self, fields: dict[str, Any]) -> None:
        """Take fields back that could not be sent; newer ones win."""
        self._fields = {**fields, **self._fields}

    def _metrics(self, event: Metrics) -> None:
        row = {name: float(event.values[place]) for name, place in AT.items()}
        names = ("epoch", "train_loss", "train_accuracy", "test_accuracy")
        self._set(**{name: row[name] for name in names})
        self._fields |= {name: int(row[name]) for name in ("neurons", "parameters") if math.isfinite(row[name])}
        accuracy = row["test_accuracy"] if math.isfinite(row["test_accuracy"]) else row["train_accuracy"]
        if math.isfinite(accuracy) and accuracy > self._best:
            self._best = accuracy
            self._set(best_accuracy=accuracy)

    def _set(self, **values: float | None) -> None:
        for name, value in values.items():
            known = value is not None and math.isfinite(value)
            self._fields[name] = f"{value:.7g}" if known else ""
