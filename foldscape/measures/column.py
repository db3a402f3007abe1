"""A column of a curve, as whoever measures it declares it. Everything that shows or compares it reads this."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_NOT_TOLD = object()


@dataclass(frozen=True)
class Column:
    """What there is to know of a column.

    Attributes:
        name: Its name in curves, specs, tables and addresses.
        label: What it is called within a sentence.
        unit: Its unit: ``nats`` is that of the loss, ``share`` from 0 to 1; empty for a plain number.
        better: Which way is better; ``neither`` where that is a question.
        flatness: Whether a smaller number means a flatter minimum: then it is read as flatter or sharper.
        mean: How it is averaged over seeds: geometric where ratios mean something, of which logarithms are compared;
            arithmetic where differences do.
        always: Whether tables have it even where it was not measured.
        event: Kind of the event that tells it; empty where it is counted, not told.
        field: Field of that event, by dotted path; its name when empty.
        set_by: Fields of that event that the number depends on: numbers are compared only where these agree.
    """

    name: str
    label: str
    unit: str = ""
    better: Literal["lower", "higher", "neither"] = "neither"
    flatness: bool = False
    mean: Literal["geometric", "arithmetic"] = "geometric"
    always: bool = False
    event: str = "scalars"
    field: str = ""
    set_by: tuple[str, ...] = ()

    @property
    def log(self) -> bool:
        """Whether ratios mean something, so that logarithms are compared; else differences are."""
        return self.mean == "geometric"

    @property
    def readings(self) -> tuple[str, str]:
        """What a smaller and a larger number are called."""
        return ("flatter", "sharper") if self.flatness else ("lower", "higher")

    @property
    def told(self) -> bool:
        """Whether events tell it one by one, so that a run may lack it; else every run has it."""
        return self.event not in ("", "metrics")

    @property
    def path(self) -> tuple[str, ...]:
        """Where its event tells it."""
        if self.event == "scalars":
            return ("values", self.field or self.name)
        return tuple((self.field or self.name).split("."))

    def read(self, event: Any) -> dict[str, float | None]:
        """Give its number under its name; nothing where the event does not tell it.

        Args:
            event: An event, or its fields by name with ``kind``.

        Returns:
            Its name and number; ``None`` is one that was not found.

        Example:
            >>> flat = Column("lambda_layer", "λ by layer", event="curvature", field="flatness.layer")
            >>> flat.read({"kind": "curvature", "flatness": {"layer": 2.0}}), flat.read({"kind": "traces"})
            ({'lambda_layer': 2.0}, {})
        """
        if _of(event, "kind") != self.event:
            return {}
        value = event
        for part in self.path:
            value = _of(value, part)
            if value is _NOT_TOLD:
                return {}
        known = value is not None and math.isfinite(value)
        return {self.name: float(value) if known else None}

    def made_with(self, event: Any) -> str:
        """Say with which settings its number was made, such as ``rho 0.05``; empty where it depends on none."""
        return ", ".join(f"{name} {_of(event, name)}" for name in self.set_by)

    def to_json(self, probe: str = "") -> dict[str, Any]:
        """Give plain JSON.

        Args:
            probe: Kind of the probe that declares it; empty for the scalars of a run.

        Returns:
            What ``/api/schema`` says of it.
        """
        return {
            "name": self.name, "label": self.label, "unit": self.unit, "better": self.better,
            "flatness": self.flatness, "aggregation": self.mean, "probe": probe, "told": self.told,
            "set_by": list(self.set_by),
        }  # fmt: skip


def _of(owner: Any, name: str) -> Any:
    return owner.get(name, _NOT_TOLD) if isinstance(owner, Mapping) else getattr(owner, name, _NOT_TOLD)
