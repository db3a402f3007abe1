"""How to make a run again: its spec with all commands that took effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The quick one, where PyYAML was built with it."""


def reproduction(
    spec: Mapping[str, Any], applied: list[dict[str, Any]], parent: str = "", run_id: str = ""
) -> dict[str, str]:
    """Give a run as a YAML file and as a command line.

    Args:
        spec: The run's spec, as plain values.
        applied: Its record of commands, each with ``step`` and ``command``.
        parent: The run it was forked from, whose moment no spec can hold.
        run_id: The run, whose weights to begin with lie beside the file.

    Returns:
        ``{"yaml", "command", "note"}``.
    """
    recorded = [{"step": entry["step"], "command": entry["command"]} for entry in applied]
    plain = dict(spec)
    # A stable sort: at one step, what the spec says comes before what people said, as in the run itself.
    plain["commands"] = sorted([*plain.pop("commands"), *recorded], key=lambda entry: int(entry["step"]))
    note = f"The run was forked from {parent}; this file starts it from step 0 instead." if parent else ""
    command = "foldscape run again.yaml"
    if plain.get("start") is not None:
        command += " --source start.npz"
        fetch = f"It begins with weights of run {plain['start']['run']}: save /api/runs/{run_id}/start as start.npz."
        note = f"{note} {fetch}".strip()
    return {
        "yaml": yaml.dump(plain, Dumper=DUMPER, sort_keys=False, width=120),
        "command": command,
        "note": note,
    }
