"""What there is to compare: runs by groups that differ in nothing but the seed, by their summaries alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from foldscape.comparison.group import names_of

RunFields = Mapping[str, Any]


def offers_of(runs: Sequence[tuple[RunFields, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Group runs.

    Args:
        runs: The summary of each, the newest first, and its settings by dotted path.

    Returns:
        The groups as ``Offer`` has them, the newest first; of several runs with one seed the newest stands for it.
    """
    members: dict[str, list[RunFields]] = {}
    settings: dict[str, Mapping[str, Any]] = {}
    for run, own in runs:
        if run["group"] is not None:
            members.setdefault(run["group"], []).append(run)
            settings.setdefault(run["group"], own)
    grows = [own[0]["method"] == "grown" for own in members.values()]
    names = names_of([settings[key] for key in members], grows) if members else []
    return [_offer(key, name, own) for (key, own), name in zip(members.items(), names, strict=True)]


def _offer(key: str, name: str, members: Sequence[RunFields]) -> dict[str, Any]:
    by_seed: dict[int, RunFields] = {}
    for run in members:
        by_seed.setdefault(run["seed"], run)
    runs = [by_seed[seed] for seed in sorted(by_seed)]
    first = runs[0]
    return {
        "key": key,
        "name": name,
        "grows": first["method"] == "grown",
        "data": first["data"],
        "hidden": first["hidden"],
        "net": first["net"],
        "drawn": first["drawn"],
        "batch": first["batch"],
        "runs": [run["id"] for run in runs],
        "names": [run["name"] for run in runs],
        "seeds": [run["seed"] for run in runs],
        "states": dict(Counter(run["state"] for run in runs)),
        "tags": sorted({tag for run in runs for tag in run["tags"]}),
        "created": max(run["created"] or 0 for run in runs),
    }
