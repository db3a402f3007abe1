"""Whether groups may be compared at all: only what was measured on the same data, split and loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foldscape.comparison.curve import Curve
from foldscape.comparison.group import Group

SAME = {
    "data": "data",
    "split": "split into training, validation and test points",
    "loss": "loss",
    "points": "points that curvature was measured on",
}
"""What runs of one seed must share, and its name for people."""


@dataclass(frozen=True)
class Comparability:
    """Whether groups may be compared.

    Attributes:
        differs: Keys of ``SAME`` in which runs differ that should not; empty when all is well.
        words: What differs, in a sentence; empty when all is well.
        common: Ids of the runs of the largest part that may be compared; empty when there is none.
    """

    differs: tuple[str, ...] = ()
    words: str = ""
    common: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether a verdict may be given."""
        return not self.differs

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        return {"ok": self.ok, "differs": list(self.differs), "words": self.words, "common": list(self.common)}


def unlike(pairs: Sequence[tuple[Curve, Curve]]) -> tuple[str, ...]:
    """Give the keys of ``SAME`` in which the two runs of any pair differ; what is not known of a run is passed over."""
    return tuple(field for field in SAME if any(_several(pair, field) for pair in pairs))


def why_not_comparable(differs: Sequence[str]) -> str:
    """Say why there is no verdict; empty where nothing differs."""
    if not differs:
        return ""
    names = " and ".join(filter(None, [", ".join(SAME[one] for one in differs[:-1]), SAME[differs[-1]]]))
    return f"These runs differ in their {names}, so there is no verdict."


def comparability(groups: Sequence[Group]) -> Comparability:
    """Compare what every run of a seed was measured on; where no two groups share a seed, all runs are compared.

    Args:
        groups: The groups; the runs of one group may be told apart too.

    Returns:
        Whether they agree, what differs and the part that agrees.
    """
    worlds = _by_seed(groups)
    differs = tuple(field for field in SAME if any(_several(curves, field) for curves in worlds.values()))
    if not differs:
        return Comparability()
    common = _common(groups, worlds)
    offer = f"{len(common)} of the runs agree and can be compared." if common else "No two groups agree."
    return Comparability(differs, f"{why_not_comparable(differs)} {offer}", common)


def _by_seed(groups: Sequence[Group]) -> dict[int | None, list[Curve]]:
    seeds = Counter(curve.seed for group in groups for curve in group.curves)
    shared = any(count > 1 for count in seeds.values())
    worlds: dict[int | None, list[Curve]] = {}
    for group in groups:
        for curve in group.curves:
            worlds.setdefault(curve.seed if shared else None, []).append(curve)
    return worlds


def _several(curves: Sequence[Curve], field: str) -> bool:
    return len({value for curve in curves if (value := getattr(curve, field))}) > 1


def _common(groups: Sequence[Group], worlds: dict[int | None, list[Curve]]) -> tuple[str, ...]:
    """Keep of every seed the runs that most agree with, and of the groups those with any run left."""
    kept = set()
    for curves in worlds.values():
        counts = Counter(_world(curve) for curve in curves)
        most = max(counts, key=lambda world: counts[world])
        kept |= {curve.run for curve in curves if _world(curve) == most}
    left = [[curve.run for curve in group.curves if curve.run in kept] for group in groups]
    return tuple(run for runs in left for run in runs) if sum(1 for runs in left if runs) > 1 else ()


def _world(curve: Curve) -> tuple[str, ...]:
    return tuple(getattr(curve, field) for field in SAME)
