"""The runs of a sweep as ``foldscape.comparison`` takes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foldscape.comparison import Curve
from foldscape.growth.schedule import ByHand
from foldscape.sweep.expand import expand
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec

QUIET = {"seed", "probes", "speed", "queue", "commands", "engine", "device"}
"""Fields of a run that tell no groups apart."""


def curves(spec: SweepSpec, rows: Iterable[CellResult]) -> list[Curve]:
    """Give the runs that came to their end, in the order of the sweep.

    Args:
        spec: The sweep.
        rows: Its runs that are over.

    Returns:
        Their curves.
    """
    by_key = {row.key: row for row in rows if row.state == "done"}
    return [
        Curve.from_json(
            {
                "run": cell.key,
                "name": cell.name,
                "settings": _settings(cell.spec.model_dump(mode="json", exclude=QUIET)),
                "seed": cell.spec.seed,
                "columns": by_key[cell.key].curve.columns,
                "births": by_key[cell.key].curve.births,
                "restarts": cell.spec.restarts,
                "data": cell.spec.data.identity,
                "split": cell.spec.parted,
                "loss": cell.spec.loss.label,
                "points": by_key[cell.key].curve.points,
                "made_with": by_key[cell.key].curve.made_with,
                "restored": by_key[cell.key].curve.restored,
            }
        )
        for cell in expand(spec)
        if cell.key in by_key
    ]


def _settings(run: dict[str, Any]) -> dict[str, Any]:
    """Say besides whether the net grows."""
    grows = run["growth"]["schedule"]["kind"] != ByHand().kind
    return run | {"method": "grown" if grows else "fixed"}


def compared_field(spec: SweepSpec) -> str:
    """Name the field of a run in which the runs of a pair differ; empty where they differ in more than one."""
    fields = {path for overrides in spec.vary.get(spec.compared, {}).values() for path in overrides}
    return fields.pop() if len(fields) == 1 else ""
