"""Published statements by what they say of a measure: smaller, ranked by another, equal, of one sign, falling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from foldscape.comparison.align import Clock
from foldscape.measures.declared import MEASURES, MeasureName
from foldscape.model import Model, added, held_together

PublishedSettings = dict[str, str]
Words = Annotated[str, Field(min_length=1, max_length=300)]


class Claim(Model):
    """One published statement: a measure is smaller under some settings than under others."""

    kind: Literal["smaller"] = added("smaller")
    words: Words
    """The statement."""
    measures: tuple[MeasureName, ...] = Field(("lambda_layer",), min_length=1)
    """Columns of which it is asked; each is judged on its own."""
    smaller: PublishedSettings
    """Settings under which the measure is said to be smaller."""
    larger: PublishedSettings
    """Settings under which it is said to be larger; all other axes are held equal."""
    clocks: tuple[Clock, ...] = ("loss", "epochs")
    """At equal what it is judged."""
    factor: float = Field(1, ge=1, le=1e9)
    """How many times smaller it is said to be, at least; of curvature and losses, which are compared as ratios."""
    allowance: float = Field(0, ge=0, le=1)
    """By how much the smaller may still be above the larger; of accuracies, which are compared by their difference."""

    @held_together
    def _sizes_fit(self) -> Self:
        ratios = [name for name in self.measures if MEASURES[name].log]
        if self.factor > 1 and len(ratios) < len(self.measures):
            apart = ", ".join(name for name in self.measures if name not in ratios)
            raise ValueError(f"factor {self.factor:g} says nothing of {apart}; give them a claim of their own")
        if self.allowance > 0 and ratios:
            raise ValueError(f"allowance {self.allowance:g} says nothing of {', '.join(ratios)}; give a factor instead")
        return self


class RankClaim(Model):
    """One published statement: over all settings a measure rises or falls with another."""

    kind: Literal["rank"]
    words: Words
    """The statement."""
    measures: tuple[MeasureName, ...] = Field(("lambda_none",), min_length=1)
    """Columns of which it is asked; each is judged on its own."""
    along: MeasureName = "lr_batch_ratio"
    """The column that they are said to follow."""
    at_most: float | None = Field(None, ge=-1, le=1)
    """What Spearman's rank correlation is said to be at most; 0 or less says that the measure falls."""
    at_least: float | None = Field(None, ge=-1, le=1)
    """What it is said to be at least; 0 or more says that the measure rises."""
    clocks: tuple[Clock, ...] = ("loss",)
    """At equal what it is judged."""

    @property
    def bound(self) -> float:
        """The correlation that is named."""
        return self.at_most if self.at_most is not None else self.at_least or 0.0

    @held_together
    def _has_one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a rank claim names at_most or at_least, one of the two; give 0 for no more than a sign")
        return self


class EqualClaim(Model):
    """One published statement: settings in which one column agrees agree in a measure."""

    kind: Literal["equal"]
    words: Words
    """The statement."""
    measures: tuple[MeasureName, ...] = Field(("epoch",), min_length=1)
    """Columns of which it is asked; each is judged on its own."""
    within: MeasureName = "lr_batch_ratio"
    """The column that agrees, to a hundredth, in the settings that are held against each other."""
    factor: float = Field(1, ge=1, le=1e9)
    """How many times the smallest the largest of them may be; of measures that are positive."""
    allowance: float = Field(0, ge=0, le=1)
    """Or by how much the largest may be above the smallest; of accuracies."""
    clocks: tuple[Clock, ...] = ("loss",)
    """At equal what it is judged."""
    whole: bool = False
    """Whether it is judged at every moment that was measured, as far as all that agree come; the worst counts."""

    @held_together
    def _has_one_size(self) -> Self:
        if (self.factor > 1) == (self.allowance > 0):
            raise ValueError("an equal claim names factor above 1 or allowance above 0, one of the two")
        return self


class SignClaim(Model):
    """One published statement: in every setting, or in some, a measure lies on one side of a number."""

    kind: Literal["sign"]
    words: Words
    """The statement."""
    measures: tuple[MeasureName, ...] = Field(("gap_growth",), min_length=1)
    """Columns of which it is asked; each is judged on its own, in each setting."""
    settings: PublishedSettings = added({})
    """Settings of which it is said; all other axes are judged apart."""
    above: float | None = Field(None, ge=-1e9, le=1e9)
    """What the measure is said to be above."""
    below: float | None = Field(None, ge=-1e9, le=1e9)
    """What it is said to be below."""
    error: MeasureName | None = None
    """Column that is its standard error over test points, for what has no chance between seeds: the interval stands on
    the points of one run. Where it is left out, it stands on the seeds."""
    clocks: tuple[Clock, ...] = ("epochs",)
    """At equal what it is judged."""

    @property
    def bound(self) -> float:
        """The number that is named."""
        return self.above if self.above is not None else self.below or 0.0

    @held_together
    def _has_one_bound(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("a sign claim names above or below, one of the two; give 0 for no more than a sign")
        if self.error is not None and len(self.measures) > 1:
            raise ValueError(f"error {self.error} is that of one measure; give the others claims of their own")
        return self


class DropClaim(Model):
    """One published statement: under some settings a measure ends below the peak that it came to on the way."""

    kind: Literal["drop"]
    words: Words
    """The statement."""
    measures: tuple[MeasureName, ...] = Field(("test_accuracy",), min_length=1)
    """Columns of which it is asked, such as accuracies; each is judged on its own."""
    settings: PublishedSettings
    """Settings under which it is said to fall; all other axes are judged apart."""
    at_least: float = Field(gt=0, le=1)
    """By how much the end is below the peak, at least. The peak of a noisy curve is above its end by chance too."""
    clocks: tuple[Clock, ...] = ("epochs",)
    """At equal what the end is read; the peak is the highest measured value up to there."""

    @held_together
    def _falls_by_a_difference(self) -> Self:
        if ratios := [name for name in self.measures if MEASURES[name].log]:
            raise ValueError(f"a drop says nothing of {', '.join(ratios)}, compared as ratios; name accuracies")
        return self


def _told_apart(given: Any) -> Any:
    """Give a claim without a kind that of the first there was."""
    return {"kind": "smaller", **given} if isinstance(given, Mapping) else given


AnyClaim = Annotated[
    Annotated[Claim | RankClaim | EqualClaim | SignClaim | DropClaim, Field(discriminator="kind")],
    BeforeValidator(_told_apart),
]
"""A published statement of any kind."""
