"""Everything at once: groups, contrasts and verdicts of a set of curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foldscape.comparison.align import CLOCKS, Clock, Point, common_target, must_be_clock, point_of, words_of
from foldscape.comparison.comparable import Comparability, comparability
from foldscape.comparison.contrast import Contrast, contrasts
from foldscape.comparison.curve import Curve
from foldscape.comparison.group import Group, groups_of
from foldscape.comparison.measures import made_apart, measured
from foldscape.comparison.verdict import Verdict, verdicts
from foldscape.measures.declared import FLATNESS, measure_of


@dataclass(frozen=True)
class Comparison:
    """What a set of curves says.

    Attributes:
        groups: Runs by everything but their seed.
        points: Where they are compared on each clock that has a common reading.
        by: The clock of the verdicts.
        comparable: Whether they may be compared at all.
        contrasts: Which group is held against which.
        verdicts: A row a contrast and measure of flatness, and of the measure that was fixed beforehand; none where
            they may not be compared.
        made_apart: Why measures are left out that were made with different settings of their probe, a sentence each.
    """

    groups: tuple[Group, ...]
    points: dict[Clock, Point]
    by: Clock
    comparable: Comparability
    contrasts: list[Contrast]
    verdicts: list[Verdict]
    made_apart: tuple[str, ...] = ()

    @property
    def point(self) -> Point | None:
        """Where the verdicts were reached; ``None`` while no curve has a reading of the clock."""
        return self.points.get(self.by)

    @property
    def words(self) -> str:
        """Say where they were reached, as every export does."""
        return words_of(self.point) if self.point else "not aligned: the clock has no reading"

    @property
    def answer(self) -> str:
        """What the measure that was fixed beforehand says, or why nothing is said, of it or of another; else empty."""
        if not self.comparable.ok:
            return self.comparable.words
        return " ".join([*(verdict.answer for verdict in self.verdicts if verdict.decides), *self.made_apart])


def compare(
    curves: Sequence[Curve],
    *,
    by: Clock = "loss",
    target: float | None = None,
    contrast: str = "",
    against: str = "",
    primary: str = "",
    also: Sequence[str] = (),
    seed: int = 0,
) -> Comparison:
    """Compare curves.

    Args:
        curves: Two or more groups of them.
        by: The clock by which they are aligned.
        target: Its reading; when missing the last one that all curves reach with their flatness measured.
        contrast: The setting that is held against, as in ``contrasts``.
        against: The group that all others are held against, as in ``contrasts``.
        primary: Name of the measure that was fixed beforehand; it decides alone, whatever else was measured.
        also: Names of measures that are judged besides those of flatness.
        seed: Seed of draws and resamples.

    Returns:
        Groups, contrasts and verdicts, with every other reading.

    Raises:
        InvalidInput: When ``against`` names no group, ``by`` no clock, ``primary`` or ``also`` no measure.
    """
    must_be_clock(by)
    wanted = [*([measure_of(primary)] if primary else []), *FLATNESS, *map(measure_of, also)]
    groups = groups_of(curves)
    chosen = [curve for group in groups for curve in group.curves]
    measures = measured(chosen, dict.fromkeys(wanted))
    targets = {clock: common_target(chosen, clock, [each.name for each in measures]) for clock in CLOCKS}
    if target is not None:
        targets[by] = target
    points = {clock: point_of(clock, at, chosen) for clock, at in targets.items() if at is not None}
    found = contrasts(groups, by=contrast, against=against) if len(groups) > 1 else []
    comparable = _comparability(groups, found)
    rows = verdicts(found, measures, points, by, primary=primary, seed=seed) if comparable.ok else []
    apart = tuple(filter(None, (made_apart(each, chosen) for each in dict.fromkeys(wanted))))
    return Comparison(groups, points, by, comparable, found, rows, apart)


def _comparability(groups: Sequence[Group], found: Sequence[Contrast]) -> Comparability:
    """Groups on different data may stand in one comparison, as long as each is held against its matching group only."""
    held = {group.key for contrast in found for group in (contrast.first, contrast.second)}
    alike = all(comparability([contrast.first, contrast.second]).ok for contrast in found)
    return Comparability() if alike and len(held) == len(groups) else comparability(groups)
