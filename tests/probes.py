"""The probes that can measure a run."""

from __future__ import annotations

from typing import Any

from foldscape.fitting import unfit_probes
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.spec import RunSpec

KINDS: dict[str, type[Probe]] = kinds("foldscape.probes", Probe)  # type: ignore[assignment]


def probes_for(data: str = "moons", **settings: Any) -> list[dict[str, Any]]:
    """Give every probe that can measure a run on a data set, as plain values with these settings."""
    run = RunSpec.model_validate({"data": {"kind": data}})
    return [{"kind": kind, **settings} for kind, probe in KINDS.items() if not any(unfit_probes(run, [probe()]))]
