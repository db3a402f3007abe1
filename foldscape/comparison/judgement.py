"""What became of a published claim: an effect with its interval, held against what was said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from foldscape.comparison.align import Point, words_of
from foldscape.comparison.claim import PublishedSettings
from foldscape.comparison.statistics import Interval, effect_words, floor_of_p
from foldscape.comparison.verdict import LEVEL
from foldscape.measures.declared import MEASURES
from foldscape.wire import finite

Holds = Literal["yes", "no", "open"]
EffectScale = Literal["ratio", "difference", "rank"]


@dataclass(frozen=True)
class JudgedClaim:
    """A claim about one measure at one point, for one choice of the other axes.

    Attributes:
        claim: Number of the claim among those of its source, from 0.
        measure: The column.
        point: Where the runs are compared.
        settings: The settings of the other axes.
        pairs: Pairs by seed.
        effect: The one said to be smaller over the other; of accuracies the one minus the other.
        p: Exact two-sided sign-flip p, of the effect against the bound.
        bound: What the effect has to be below: 1 or 0, or the size that the claim speaks of.
        refused: Why the runs may not be compared; empty where they may.
    """

    claim: int
    measure: str
    point: Point
    settings: PublishedSettings
    pairs: int
    effect: Interval
    p: float
    bound: float
    refused: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether the effect is a ratio; else it is a difference."""
        return MEASURES[self.measure].log

    @property
    def holds(self) -> Holds:
        """``yes``, ``no`` where the opposite holds, or ``open``; an answer needs p of at most 0.05."""
        if not self.p <= LEVEL:
            return "open"
        return "yes" if self.effect.value < self.bound else "no"

    @property
    def said(self) -> str:
        """Say in two words what became of it."""
        if self.refused:
            return "not comparable"
        if not self.pairs:
            return self._said_of_none
        return {"yes": "holds", "no": self._said_against, "open": "undecided"}[self.holds]

    @property
    def _said_of_none(self) -> str:
        """What is said where there is nothing to judge by."""
        return "no pair comes there"

    @property
    def _said_against(self) -> str:
        """What is said where it does not hold."""
        return "falls short" if self.bound != (1 if self.is_ratio else 0) else "the opposite holds"

    @property
    def words(self) -> str:
        """Say it with its numbers."""
        label = MEASURES[self.measure].label
        where = ", ".join(f"{axis} {name}" for axis, name in self.settings.items())
        p = f", p {self.p:.2g}" if math.isfinite(self.p) else ""
        numbers = f"{self._effect_words()}{p}" if self.pairs else self.refused or "none"
        return f"{self.said}: {label}, {words_of(self.point)}{', ' + where if where else ''}: {numbers}, {self.counted}"

    @property
    def scale(self) -> EffectScale:
        """What the effect is."""
        return "ratio" if self.is_ratio else "difference"

    @property
    def floor(self) -> float:
        """The smallest p that so many can give; 1 where there are none."""
        return floor_of_p(self.pairs)

    @property
    def counted(self) -> str:
        """What it stands on."""
        return _counted(self.pairs, "pair")

    def _effect_words(self) -> str:
        return effect_words(self.effect, self.is_ratio)

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        interval = {name: finite(getattr(self.effect, name)) for name in ("value", "low", "high")}
        return {
            "claim": self.claim, "measure": self.measure, "by": self.point.by, "target": finite(self.point.target),
            "unit": self.point.unit,
            "settings": self.settings, "pairs": self.pairs, "ratio": interval, "is_ratio": self.is_ratio,
            "scale": self.scale, "counted": self.counted, "bound": self.bound, "p": finite(self.p),
            "holds": self.holds, "said": self.said, "words": self.words,
        }  # fmt: skip


@dataclass(frozen=True)
class JudgedDrop(JudgedClaim):
    """A claim that a measure falls after its peak; the effect is its end less the peak, one pair of them a run."""

    @property
    def counted(self) -> str:
        """What it stands on."""
        return _counted(self.pairs, "run")


@dataclass(frozen=True)
class JudgedOverSettings(JudgedClaim):
    """A claim about several settings at once, judged by the interval of its effect over seeds.

    ``pairs`` counts the seeds that all settings share.

    Attributes:
        over: Number of settings.
        effect_scale: What the effect is: a rank correlation, or the largest setting by or less the smallest.
        above: Whether it is said to be at least the bound; else at most.
    """

    over: int = 0
    effect_scale: EffectScale = "rank"
    above: bool = False

    @property
    def is_ratio(self) -> bool:
        """Whether the effect is a ratio."""
        return self.effect_scale == "ratio"

    @property
    def scale(self) -> EffectScale:
        """What the effect is."""
        return self.effect_scale

    @property
    def floor(self) -> float:
        """The smallest p that so many settings can give; 0 where none is asked for."""
        return min(1.0, 2 / math.factorial(self.over)) if self.scale == "rank" else 0.0

    @property
    def holds(self) -> Holds:
        """``yes`` where the whole interval lies where it is said to, ``no`` where none of it does, else ``open``.

        An order, or its opposite, has to be told from chance over the settings besides: the interval is that of seeds.
        """
        if not self.effect.is_finite:
            return "open"
        low, high = self.effect.low, self.effect.high
        by_chance = self.scale == "rank" and not self.p <= LEVEL
        if low >= self.bound if self.above else high <= self.bound:
            return "open" if by_chance else "yes"
        fails = high < self.bound if self.above else low > self.bound
        return "no" if fails and not (by_chance and self.bound == 0) else "open"

    @property
    def _said_of_none(self) -> str:
        return "not enough settings come there"

    @property
    def _said_against(self) -> str:
        return "differs" if self.scale != "rank" else "falls short" if self.bound else "the opposite holds"

    @property
    def counted(self) -> str:
        """What it stands on."""
        return f"{_counted(self.over, 'setting')}, {_counted(self.pairs, 'seed')}"

    def _effect_words(self) -> str:
        if self.scale != "rank":
            return effect_words(self.effect, self.is_ratio)
        return f"ρ {self.effect.value:+.2f} [{self.effect.low:+.2f}, {self.effect.high:+.2f}]"


@dataclass(frozen=True)
class JudgedSign(JudgedClaim):
    """A claim that a measure lies on one side of a number in a setting, judged by its interval.

    ``pairs`` counts the seeds.

    Attributes:
        above: Whether it is said to be above the bound; else below.
        by_points: Whether the interval is that of other test points; else of other seeds.
    """

    above: bool = True
    by_points: bool = False

    @property
    def is_ratio(self) -> bool:
        """Never: the measure itself is the effect."""
        return False

    @property
    def holds(self) -> Holds:
        """``yes`` where the whole interval lies where it is said to, ``no`` where none of it does, else ``open``."""
        if not self.effect.is_finite:
            return "open"
        low, high = self.effect.low, self.effect.high
        if low > self.bound if self.above else high < self.bound:
            return "yes"
        return "no" if (high <= self.bound if self.above else low >= self.bound) else "open"

    @property
    def _said_of_none(self) -> str:
        return "no run comes there"

    @property
    def _said_against(self) -> str:
        return "the opposite holds"

    @property
    def floor(self) -> float:
        """0: an interval answers, no p is asked for."""
        return 0.0

    @property
    def counted(self) -> str:
        """What it stands on."""
        return f"{_counted(self.pairs, 'seed')}, interval over {'test points' if self.by_points else 'seeds'}"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
