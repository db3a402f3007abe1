"""``SweepSpec``: a question, what varies, which seeds, and what is measured. Importing it loads no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator

from foldscape.comparison.align import Clock
from foldscape.comparison.published import Published
from foldscape.measures.declared import MEASURES, PROBE_OF, MeasureName
from foldscape.measures.pooled import POOLED
from foldscape.model import Model, added, held_together
from foldscape.probes import ProbeSpec
from foldscape.probes.curvature import Granularity
from foldscape.spec import RunSpec
from foldscape.sweep.pooling import Pooling

Overrides = dict[str, Any]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]

SHORT = {"lr": "optimizer.lr", "size": "net.hidden", "rule": "growth.rule", "epochs": "stop.epochs"}
"""Axes that may be given as a list of values under a short name, and the field that they set."""
MOST_SEEDS = 10_000


class Primary(Model):
    """What the question is decided by; fixed when the sweep is launched."""

    measure: MeasureName = "lambda_layer"
    """The measure that decides."""
    align: Clock = "loss"
    """At equal what the runs are compared."""
    test: Literal["sign_flip"] = "sign_flip"
    """The test over the pairs: flips of sign, exact up to 12 pairs."""
    compare: str = ""
    """The factor compared: the axis whose first two settings are held against each other; the first axis when empty."""


class Measure(Model):
    """What is measured besides loss, accuracy and gradient, and when. The start and the end are always measured."""

    flatness: tuple[Granularity, ...] = ("none", "tensor", "layer", "block", "element")
    """Largest curvature, plain (``none``) and in units of the parameters' sizes."""
    trace: bool = False
    """Trace of the Hessian."""
    probes: tuple[ProbeSpec, ...] = Field((), max_length=32)
    """Probes whose numbers become columns too, one of a kind; they look when the sweep does, whatever their every."""
    every: int = Field(10, ge=1, le=100_000)
    """Epochs between two measurements."""
    births: bool = True
    """Also just before and just after each birth."""
    at_losses: tuple[Annotated[float, Field(gt=0)], ...] = Field((), max_length=16)
    """Also in the first epoch whose training loss is at or below each of these."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what is measured, as in a curve."""
        return (*self._plain, *(column.name for probe in self.probes for column in probe.measured_columns))

    @property
    def _plain(self) -> tuple[str, ...]:
        return (*(f"lambda_{name}" for name in self.flatness), *(("trace",) if self.trace else ()))

    @held_together
    def _measures_each_once(self) -> Self:
        seen = {name: "flatness" if name != "trace" else "trace" for name in self._plain}
        for number, probe in enumerate(self.probes):
            if not probe.measured_columns:
                telling = ", ".join(dict.fromkeys(filter(None, PROBE_OF.values())))
                raise ValueError(f"probes.{number} {probe.kind} tells no column of a curve; choose one of {telling}")
            for column in probe.measured_columns:
                if column.name in seen:
                    raise ValueError(
                        f"probes.{number} {probe.kind} measures {column.name}, and so does {seen[column.name]}; "
                        f"take it out of one of them"
                    )
                seen[column.name] = f"probes.{number}"
        return self


class Limits(Model):
    """How large a sweep may be."""

    runs: int = Field(1000, ge=1, le=100_000)
    """Runs at the most."""
    hours: float = Field(24, gt=0, le=10_000)
    """Hours that it may be estimated to take."""


class SweepSpec(Model):
    """Many runs that answer one question: every combination of settings with every seed."""

    question: str = Field("", max_length=500)
    """What is asked, in a sentence."""
    primary: Primary = Primary()
    """By what it is decided."""
    base: RunSpec = Field(default_factory=RunSpec)
    """What all runs have in common."""
    vary: dict[str, dict[str, Overrides]] = Field(default_factory=dict, max_length=8)
    """Axes by name; each holds its settings by name, a setting the fields it changes by dotted path. An axis that
    changes one field may be written as a list of its values: ``batch: [10, 100]``."""
    seeds: tuple[Seed, ...] = Field(tuple(range(10)), min_length=1, max_length=MOST_SEEDS)
    """Seeds, as a list or as ``0-9``. Runs of one seed are a pair: same data, same order, same first weights as far
    as the shapes allow."""
    measure: Measure = Measure()
    """What is measured, and when."""
    ensemble: Pooling | None = added(None)
    """Make every line one ensemble, of several runs or of the cycles of one; empty (``null``) for plain runs."""
    limits: Limits = Limits()
    """How large it may be."""
    published: Published | None = None
    """What others published of it: set beside its numbers, and judged by them."""

    @field_validator("base", mode="before")
    @classmethod
    def _queued(cls, given: Any) -> Any:
        """Put runs on a card into their queue where none is named: a sweep goes there as a whole."""
        on_card = isinstance(given, Mapping) and given.get("device") == "cuda"
        return {"queue": "gpu", **given} if on_card else given

    @field_validator("seeds", mode="before")
    @classmethod
    def _range(cls, given: Any) -> Any:
        """Read ``0-9`` and ``0-9, 20``."""
        if not isinstance(given, str):
            return given
        seeds: list[int] = []
        for part in given.replace("–", "-").split(","):
            first, dash, last = part.strip().partition("-")
            if not all(map(_is_seed, (first, last.strip()) if dash else (first,))):
                raise ValueError(f"seeds {given[:80]!r} cannot be read; write a list, or a range such as 0-9")
            end = int(last) if dash else int(first)
            if not 0 <= end - int(first) < MOST_SEEDS:
                raise ValueError(f"seeds {part.strip()} are no range of 1 to {MOST_SEEDS:,}; write it as 0-9")
            seeds += range(int(first), end + 1)
            if len(seeds) > MOST_SEEDS:
                raise ValueError(f"seeds {given[:80]!r} are more than {MOST_SEEDS:,}; name fewer")
        return seeds

    @field_validator("vary", mode="before")
    @classmethod
    def _lists(cls, given: Any) -> Any:
        """Turn an axis that is a list of values into settings that are named by their values."""
        if not isinstance(given, Mapping):
            return given
        return {
            axis: {name: {SHORT.get(axis, axis): value} for name, value in named_apart(settings)}
            if isinstance(settings, list | tuple)
            else settings
            for axis, settings in given.items()
        }

    @held_together
    def _fits_together(self) -> Self:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds holds {len(self.seeds) - len(set(self.seeds))} seed twice; name each once")
        for axis, settings in self.vary.items():
            if not settings:
                raise ValueError(f"vary.{axis} has no settings; give at least one, or remove the axis")
        measure = self.primary.measure
        measured = (*self.measure.columns, *(term.column.name for term in self.base.terms))
        if PROBE_OF[measure] and measure not in measured:
            raise ValueError(
                f"primary.measure {measure} is not measured; choose one of "
                f"{', '.join((*measured, 'train_loss', 'test_accuracy'))}, or measure it"
            )
        if MEASURES[measure].event == "validation" and not self._validates:
            raise ValueError(
                f"primary.measure {measure} needs a validation part, and no run has one; set base.validation_share to "
                f"0.2, or choose test_{measure.partition('_')[2]}"
            )
        if self.ensemble is None and measure in {column.name for column in POOLED}:
            raise ValueError(f"primary.measure {measure} is one of ensembles; set ensemble, or choose test_accuracy")
        if self.ensemble is not None and (trouble := self.ensemble.trouble(self.pooled_axis, self.vary)):
            raise ValueError(trouble)
        if self.primary.compare and self.primary.compare not in self.vary:
            raise ValueError(
                f"primary.compare {self.primary.compare} is no axis; "
                f"{'choose one of ' + ', '.join(self.vary) if self.vary else 'vary something first'}"
            )
        return self

    @property
    def _validates(self) -> bool:
        """Whether any run holds training points out for validation."""
        varied = any("validation_share" in each for settings in self.vary.values() for each in settings.values())
        return bool(self.base.validation_share) or varied

    @property
    def combinations(self) -> int:
        """Number of combinations of settings."""
        return math.prod(len(settings) for settings in self.vary.values())

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.combinations * len(self.seeds)

    @property
    def compared(self) -> str:
        """The axis whose settings are held against each other; empty when nothing varies."""
        return self.primary.compare or next(iter(self.vary), "")

    @property
    def pooled_axis(self) -> str:
        """The axis whose settings say how many runs an ensemble has."""
        return (self.ensemble.axis if self.ensemble else "") or self.compared


def _is_seed(word: str) -> bool:
    """Whether a word is a number that a seed can be, as far as its digits go."""
    return word.isascii() and word.isdigit() and len(word) <= 10


def named_apart(values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Name the values of an axis; those of one kind by what is given of them besides.

    Returns:
        Pairs of name and value.

    Example:
        >>> [name for name, _ in named_apart([{"kind": "cosine"}, {"kind": "sgdr"}, {"kind": "sgdr", "cycle": 5}])]
        ['cosine', 'sgdr', 'sgdr cycle 5']
    """
    names = [setting_name(value) for value in values]
    return [
        (" ".join([name, *_settings(value)]) if names.count(name) > 1 else name, value)
        for name, value in zip(names, values, strict=True)
    ]


def _settings(value: Any) -> list[str]:
    given = value.items() if isinstance(value, Mapping) else ()
    return [f"{name} {setting_name(each)}" for name, each in given if name != "kind"]


def setting_name(value: Any) -> str:
    """Name a setting by its value: ``10``, ``0.05``, ``64-32`` for widths, the kind of a rule."""
    if isinstance(value, Mapping):
        return str(value.get("kind", value))
    if isinstance(value, list | tuple):
        return "-".join(map(str, value)) or "none"
    return str(value)
