"""Which groups are held against which, and the pairs of runs behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foldscape.comparison.curve import Curve
from foldscape.comparison.group import SHAPE, Group, differing
from foldscape.errors import InvalidInput


@dataclass(frozen=True)
class Contrast:
    """One group held against another; ratios are the first over the second.

    Attributes:
        first: The group in question.
        second: What it is held against.
    """

    first: Group
    second: Group

    @property
    def key(self) -> str:
        """Names it within a comparison."""
        return f"{self.first.key}-{self.second.key}"

    @property
    def name(self) -> str:
        """Name for people: the ratio it speaks of."""
        return f"{self.first.name} / {self.second.name}"

    @property
    def pairs(self) -> list[tuple[Curve, Curve]]:
        """The runs of each seed that both groups have."""
        partners = self.second.by_seed
        return [(curve, partners[curve.seed]) for curve in self.first.curves if curve.seed in partners]

    @property
    def paired(self) -> bool:
        """Whether it is judged in pairs: at least half of the smaller group has its partner."""
        smaller = min(len(self.first.curves), len(self.second.curves))
        return smaller > 0 and 2 * len(self.pairs) >= smaller

    @property
    def without_partner(self) -> int:
        """Runs left out because the other group has none with their seed; 0 where it is judged unpaired."""
        both = len(self.first.curves) + len(self.second.curves)
        return both - 2 * len(self.pairs) if self.paired else 0

    @property
    def words(self) -> str:
        """Say how it is judged."""
        if not self.paired:
            shared = len(self.pairs)
            few = "no seed is shared" if not shared else f"only {shared} seed{'s are' if shared > 1 else ' is'} shared"
            return f"Not paired, because {few}: the runs are shared out anew."
        dropped = self.without_partner
        missing = f"; {dropped} run{'s' if dropped > 1 else ''} without a partner left out" if dropped else ""
        return f"{len(self.pairs)} pair{'' if len(self.pairs) == 1 else 's'} by seed{missing}."


def contrasts(groups: Sequence[Group], *, by: str = "", against: str = "") -> list[Contrast]:
    """Choose which groups are held against which.

    Args:
        groups: The groups.
        by: A setting: groups that agree in all others are held against the first of them. When empty, every group of
            growing nets is held against the groups of fixed nets that agree with it in all but shape and length.
        against: Key or name of the group that all others are held against, instead.

    Returns:
        The contrasts; when neither rule finds one, every group against the first.

    Raises:
        InvalidInput: When ``against`` names no group.
    """
    if against:
        return _against(groups, against)
    found = _by_setting(groups, by) if by else _by_method(groups)
    return found or [Contrast(other, groups[0]) for other in groups[1:]]


def _against(groups: Sequence[Group], name: str) -> list[Contrast]:
    base = next((group for group in groups if name in (group.key, group.name)), None)
    if base is None:
        known = ", ".join(group.name for group in groups)
        raise InvalidInput(f"No group is called {name}.", hint=f"The groups are {known}.")
    return [Contrast(group, base) for group in groups if group is not base]


def _by_setting(groups: Sequence[Group], setting: str) -> list[Contrast]:
    found = []
    for at, group in enumerate(groups):
        base = next((each for each in groups[:at] if differing([each.settings, group.settings]) == [setting]), None)
        found += [Contrast(group, base)] if base else []
    return found


def _by_method(groups: Sequence[Group]) -> list[Contrast]:
    fixed = [group for group in groups if not group.grows]
    return [Contrast(grown, other) for grown in groups if grown.grows for other in fixed if _alike(grown, other)]


def _alike(first: Group, second: Group) -> bool:
    free = {"method", *SHAPE}
    return all(path.split(".")[0] in free for path in differing([first.settings, second.settings]))
