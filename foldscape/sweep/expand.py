"""From a sweep to its runs: every combination of settings with every seed, each under a key of its own."""

from __future__ import annotations

import copy
import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foldscape.device import Device
from foldscape.model import Model
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.stored import read_stored
from foldscape.sweep.spec import Overrides, SweepSpec


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep.

    Attributes:
        key: Digest of its spec: the same run has the same key in every sweep.
        settings: The setting of each axis, by name.
        spec: What decides the run.
        members: Runs that make one ensemble, which differ in ``member`` alone; 0 where it is no ensemble.
        weights: How the predictions of the members are weighed.
        first: The weights of another run that it begins with, see ``starting``.
    """

    key: str
    settings: dict[str, str]
    spec: RunSpec
    first: Weights | None = None
    members: int = 0
    weights: str = "equal"

    @property
    def epochs(self) -> int:
        """Epochs of all its runs."""
        return self.spec.stop.epochs * max(1, self.members)

    @property
    def name(self) -> str:
        """Name for people, as ``grown · batch 10 · seed 3``."""
        return named_so(self.settings, self.spec.seed)


def expand(spec: SweepSpec) -> Iterator[PlannedRun]:
    """Give the runs of a sweep, seed by seed for each combination.

    Yields:
        One run after the other.

    Raises:
        Unreadable: If a combination is no run; ``check.problems`` says so field by field, of new ones.
    """
    for settings, plain in combinations(spec):
        run = read_stored(RunSpec, plain)
        for seed in spec.seeds:
            yield planned(spec, settings, run.model_copy(update={"seed": seed}))


def one_pair(spec: SweepSpec) -> SweepSpec:
    """Give the sweep with its first seed only and the first setting of every axis but the one that is compared."""
    compared = spec.compared
    vary = {axis: dict(list(settings.items())[: 2 if axis == compared else 1]) for axis, settings in spec.vary.items()}
    return spec.model_copy(update={"vary": vary, "seeds": spec.seeds[:1]})


def combinations(spec: SweepSpec) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Give every combination of settings, with the plain spec of its runs, which may not be valid."""
    base = _whole(spec.base) | {"probes": [], "speed": None}
    for chosen in itertools.product(*(settings.items() for settings in spec.vary.values())):
        plain = copy.deepcopy(base)
        for _, overrides in chosen:
            override(plain, overrides)
        if plain["device"] == "cuda":
            plain["queue"] = "gpu"  # where the sweep as a whole goes too
        settings = dict(zip(spec.vary, (name for name, _ in chosen), strict=True))
        if spec.ensemble is not None:
            spec.ensemble.share(plain, settings, spec.pooled_axis)
        yield settings, plain


def _whole(run: RunSpec) -> dict[str, Any]:
    """Give a run as plain values with all its parts, those too that are not written at their defaults."""
    parts = {name: getattr(run, name) for name in RunSpec.model_fields}
    unwritten = {name: part.model_dump(mode="json") for name, part in parts.items() if isinstance(part, Model)}
    return unwritten | run.model_dump(mode="json")


def device_of(spec: SweepSpec) -> Device:
    """Give where a sweep computes: on a card as soon as one of its runs does."""
    return "cuda" if any(plain["device"] == "cuda" for _, plain in combinations(spec)) else "cpu"


def planned(spec: SweepSpec, settings: dict[str, str], run: RunSpec) -> PlannedRun:
    """Give a run of a sweep its key, and the number of its members where it is an ensemble."""
    pool, text = spec.ensemble, run.model_dump_json()
    if pool is None:
        return PlannedRun(_digest(text), settings, run)
    members = pool.runs(settings, spec.pooled_axis)
    key = _digest(f"{text}|{members} members|{pool.weights}")
    return PlannedRun(key, settings, run, members=members, weights=pool.weights)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def override(plain: dict[str, Any], overrides: Overrides) -> None:
    """Change fields in place, each named by a dotted path.

    A mapping changes the fields that it names; one of another kind than what stands there replaces it. A text where
    fields are changed is a kind without settings.
    """
    for path, value in overrides.items():
        *parents, last = path.split(".")
        place = plain
        for part in parents:
            place[part] = _spelt_out(place.get(part)) or {}
            place = place[part]
        there = _spelt_out(place.get(last))
        if isinstance(value, Mapping) and there is not None and not _is_another_kind(value, there):
            place[last] = there
            override(there, dict(value))
        else:
            place[last] = copy.deepcopy(value)


def _is_another_kind(value: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether what is given names a kind that what stands there is not; nets are told apart by their wiring."""
    return any(value.get(tag, there.get(tag)) != there.get(tag) for tag in ("kind", "wiring"))


def _spelt_out(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        return {"kind": value}
    return value if isinstance(value, dict) else None


def named_so(settings: Mapping[str, str], seed: int) -> str:
    """Name a run by its settings; a setting that is a number is named with its axis."""
    words = [name if name[:1].isalpha() else f"{axis} {name}" for axis, name in settings.items()]
    return " · ".join([*words, f"seed {seed}"])
