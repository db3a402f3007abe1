"""Groups: runs that differ in nothing but their seed, named by what tells them apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foldscape.comparison.curve import Curve
from foldscape.comparison.defaults import dotted_settings, filled, usual
from foldscape.net.spec import kinds_of_net

SHAPE = ("growth", "net", "commands", "stop")
"""Settings of how a net comes to its size and how long it trains; they name a group only where its method does not."""
QUIET = ("kind", "hidden", "data", "net", "optimizer", "stop")
"""Parts of a setting's path that its value speaks for."""


@dataclass(frozen=True)
class Group:
    """Runs with the same settings.

    Attributes:
        key: Digest of the settings.
        name: What tells it from the other groups.
        settings: Its settings by dotted path.
        curves: One a seed, in the order of the seeds.
        repeated: Runs left out because another one has the same seed.
    """

    key: str
    name: str
    settings: Mapping[str, Any]
    curves: tuple[Curve, ...]
    repeated: int = 0

    @property
    def grows(self) -> bool:
        """Whether its nets grow."""
        return any(curve.grows for curve in self.curves)

    @property
    def by_seed(self) -> dict[int, Curve]:
        """Its curves by their seeds."""
        return {curve.seed: curve for curve in self.curves}


def groups_of(curves: Iterable[Curve]) -> tuple[Group, ...]:
    """Group curves by everything but the seed.

    Args:
        curves: Any curves; of several with one seed the longest is taken.

    Returns:
        The groups in the order of their first curves.
    """
    members: dict[str, list[Curve]] = {}
    for curve in curves:
        members.setdefault(key_of(curve.settings), []).append(curve)
    flat = {key: dotted_settings(own[0].settings) for key, own in members.items()}
    names = names_of(list(flat.values()), [any(curve.grows for curve in own) for own in members.values()])
    return tuple(_group(key, name, flat[key], members[key]) for key, name in zip(flat, names, strict=True))


def _group(key: str, name: str, settings: Mapping[str, Any], members: Sequence[Curve]) -> Group:
    by_seed: dict[int, Curve] = {}
    for curve in members:
        known = by_seed.get(curve.seed)
        if known is None or len(curve) > len(known):
            by_seed[curve.seed] = curve
    chosen = tuple(by_seed[seed] for seed in sorted(by_seed))
    return Group(key, name, settings, chosen, len(members) - len(chosen))


def differing(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give the settings in which groups differ, by dotted path."""
    paths = dict.fromkeys(path for settings in groups for path in settings)
    known = filled(groups)
    return [path for path in paths if _differ(path, known)]


def names_of(groups: Sequence[Mapping[str, Any]], grows: Sequence[bool]) -> list[str]:
    """Name groups by what differs between them and is not at its default, and by no more than that.

    Args:
        groups: Flat settings of each group.
        grows: Whether the nets of each grow.

    Returns:
        One name a group; all differ.
    """
    paths = [path for path in differing(groups) if path != "method"]
    plain = [path for path in paths if path.split(".")[0] not in SHAPE]
    shape = [path for path in paths if path.split(".")[0] in SHAPE]
    both = len(set(grows)) > 1 or not paths
    parts: list[tuple[str, ...]] = [("grown" if grow else "fixed",) if both else () for grow in grows]
    silent, whole = usual(groups), filled(groups)
    groups = [{path: own[path] for path in own if path not in hush} for own, hush in zip(groups, silent, strict=True)]
    for path in plain:
        parts = [_longer(part, path, settings) for part, settings in zip(parts, groups, strict=True)]
    for path in shape:
        alike: dict[tuple[str, ...], list[int]] = {}
        for at, part in enumerate(parts):
            alike.setdefault(part, []).append(at)
        for members in alike.values():
            if _differ(path, [groups[at] for at in members]):
                for at in members:
                    parts[at] = _longer(parts[at], path, groups[at])
    return _distinct(
        [" · ".join(part) or _left_out(paths, settings) for part, settings in zip(parts, whole, strict=True)]
    )


def _left_out(paths: Sequence[str], settings: Mapping[str, Any]) -> str:
    """Name a group that sets nothing of what others do: by the default it has instead, or by what it goes without."""
    said = [_said(path, settings[path]) for path in paths if path in settings]
    return said[0] if said else f"without {paths[0].split('.')[0].replace('_', ' ')}"


def _longer(part: tuple[str, ...], path: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    said = _said(path, settings[path]) if path in settings else ""
    return (*part, said) if said else part


def _differ(path: str, groups: Sequence[Mapping[str, Any]]) -> bool:
    first = _mark(groups[0].get(path))
    return any(_mark(settings.get(path)) != first for settings in groups)


def _mark(value: Any) -> Any:
    """Give what is equal exactly where the JSON is, at less cost."""
    return _write(value) if isinstance(value, list | Mapping) else (type(value), value)


def _said(path: str, value: Any) -> str:
    if path == "net.wiring" and (kind := kinds_of_net().get(value)):
        return kind.can.title
    words = [part for part in path.split(".") if part not in QUIET]
    return " ".join([*(word.replace("_", " ") for word in words[-1:]), _shown(value)[:60]]).strip()


def _shown(value: Any) -> str:
    """Give a setting in words: a record by its kind and what it sets, a list by its members."""
    if isinstance(value, list):
        parts = [_shown(each) for each in value]
        return (" and " if any(isinstance(each, Mapping) for each in value) else "-").join(parts)
    if isinstance(value, Mapping):
        rest = [f"{name.replace('_', ' ')} {_shown(each)}" for name, each in value.items() if name != "kind"]
        return " ".join([*([_shown(value["kind"])] if "kind" in value else []), *rest])
    return value.replace("_", " ") if isinstance(value, str) else _write(value)


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _write(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def key_of(settings: Mapping[str, Any]) -> str:
    """Give the digest of settings by which runs are grouped."""
    return hashlib.sha256(_write(settings).encode()).hexdigest()[:12]
