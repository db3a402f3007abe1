"""The spec of the study and what its table says; light to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field

from foldscape.model import Model, held_together
from foldscape.studies.base import Study, StudyProgress, StudyRow
from foldscape.studies.utilisation.methods import METHODS, QUICK, SETS, TAUS, MethodName, SetName

CHUNK = 25
"""Updates that all nets of a row do in one go; half of ``steps`` is a multiple of it."""


class Tally(Model):
    """What some nets have reached."""

    nets: int
    """Nets in all."""
    perfect: int
    """Nets that have every point right."""
    near: int
    """Nets that have at least 99 % right."""
    within: tuple[int, ...]
    """Nets at most 0, 0.005, 0.01 and 0.02 below the best accuracy that any net of any row has on the same points."""


class MethodRow(StudyRow):
    """How far the nets of one method are on one data set."""

    data: SetName
    """The data set."""
    method: MethodName
    """How the nets come to be."""
    label: str
    """What tables call the method."""
    nets: int
    """Nets of the row."""
    phase: Literal["waiting", "training", "growing", "done"] = "waiting"
    """What is done with the nets now."""
    done: float = Field(0, ge=0, le=1)
    """Share of the updates that each of its nets has had."""
    best: float | None = None
    """Best accuracy of its nets."""
    tally: Tally | None = None
    """What its nets have reached."""
    draws: tuple[Tally, ...] = ()
    """The same for each draw of the points."""
    kept: float | None = None
    """Largest change of any output of any net on any point at growth; exactly 0 where the rule keeps the function."""
    without_fold: int = 0
    """Nets for which the rule found no fold; they got a random one."""


class Utilisation(Study):
    """Utilisation of approximability: how often do random nets, and grown ones, reach the best their shape can do?"""

    kind: Literal["utilisation"] = "utilisation"
    nets: int = Field(1000, ge=10, le=10_000)
    """Nets of each row."""
    draws: int = Field(10, ge=1, le=100)
    """How often the points are drawn; the nets are spread evenly over the draws, for the count depends on them."""
    sets: tuple[SetName, ...] = Field(SETS, min_length=1, max_length=len(SETS))
    """Data sets."""
    rows: tuple[MethodName, ...] = Field(QUICK, min_length=1, max_length=len(METHODS))
    """Ways to come to a trained net; the shipped ones answer the question quickest."""
    steps: int = Field(2000, ge=2 * CHUNK, le=100_000, multiple_of=2 * CHUNK)
    """Updates of each net; those that grow do so half way."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Seed of data, first weights and growth."""

    @held_together
    def _named_once(self) -> Self:
        for name, given in (("sets", self.sets), ("rows", self.rows)):
            if len(set(given)) < len(given):
                raise ValueError(f"{name} {list(given)} names one of them twice; name each once")
        if self.draws > self.nets:
            raise ValueError(f"draws {self.draws} is more than the {self.nets} nets; use {self.nets} or less")
        return self

    def run(self, threads: int | None = None) -> Iterator[StudyProgress]:
        """Train and grow all nets of each row together, as one batched program."""
        from foldscape.studies.utilisation.run import run

        return run(self, threads)

    def rows_at_first(self) -> tuple[MethodRow, ...]:
        """Give every row, before anything is computed: data set by data set."""
        return tuple(
            MethodRow(key=f"{data}.{method}", data=data, method=method, label=METHODS[method].label, nets=self.nets)
            for data in self.sets
            for method in self.rows
        )

    def about(self) -> dict[str, Any]:
        """Tell the question, the published and earlier counts, and what differs."""
        from foldscape.studies.utilisation.about import about

        return about(self)

    def table(self, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Give the counts with the published and earlier ones beside them."""
        within = tuple(f"within_{tau:g}" for tau in TAUS)
        columns = ("data", "method", "nets", "best", "perfect", "at_least_99", *within, "kept", "without_fold")
        given = ("published", "published_of", "earlier_perfect", "earlier_at_least_99", "earlier_of")
        return columns + given, [_line(row) for row in rows]


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    method, data = METHODS[row["method"]], row["data"]
    tally = row["tally"] or {"perfect": None, "near": None, "within": [None] * len(TAUS)}
    told = (data, row["method"], row["nets"], row["best"], tally["perfect"], tally["near"], *tally["within"])
    published = (method.published.reached, method.published.of) if method.published else (None, None)
    perfect, near = (method.perfect or {}).get(data), (method.near or {}).get(data)
    earlier = (perfect.reached, near.reached, perfect.of) if perfect and near else (None, None, None)
    return (*told, row["kept"], row["without_fold"], *published, *earlier)
