"""The spec of the study and what its table says; light to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self, get_args

from pydantic import Field

from foldscape.model import Model, held_together
from foldscape.spec import RunSpec
from foldscape.studies.base import Study, StudyProgress, StudyRow

LearntRowName = Literal["true", "labels", "inputs", "mixed"]
LearntPartName = Literal["all", "clean", "corrupted"]
ROWS: tuple[LearntRowName, ...] = get_args(LearntRowName)
LABELS: dict[LearntRowName, str] = {
    "true": "true labels",
    "labels": "random labels",
    "inputs": "inputs of noise",
    "mixed": "some labels random",
}
"""What tables call the rows."""
MOST_SAMPLES = 200_000_000
"""Training points that all runs of a study may pass at most: some minutes of one processor."""


class LearntPart(Model):
    """In how many runs each of some points was right."""

    name: LearntPartName
    """Which points: all, those with their true label and input, or the others."""
    counts: tuple[int, ...]
    """(R + 1,) points that were right in 0, 1, … R of the R runs so far."""
    binomial: tuple[float, ...]
    """(R + 1,) points of which that is expected where none is easier than another, with the same mean."""
    share: float
    """Mean share of the runs in which a point was right."""
    excess: float | None
    """Variance of the counts by that of the binomial distribution: 1 where none is easier; none where all are alike."""


class LearntRow(StudyRow):
    """The runs of one setting."""

    name: LearntRowName
    """Which row it is."""
    label: str
    """What tables call it."""
    done: int = 0
    """Runs that are over."""
    parts: tuple[LearntPart, ...] = ()
    """What they had right: of all points, or of clean and of corrupted ones apart."""


def _digits() -> RunSpec:
    return RunSpec.model_validate(
        {
            "data": {"kind": "digits"},
            "net": {"hidden": [64, 64]},
            "batch": 8,
            "corrupt": {"labels": 0.5},
            "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9},
            "probes": [],
        }
    )


class LearntFirstStudy(Study):
    """Are some points easier than others: right after a first epoch in every run, and others in none?"""

    kind: Literal["learnt_first"] = "learnt_first"
    base: RunSpec = Field(default_factory=_digits)
    """What is trained; its corruption is that of the row of mixed points, its seed draws the points."""
    runs: int = Field(30, ge=2, le=500)
    """Runs R of each row, which differ in first weights and orders alone."""
    epochs: int = Field(1, ge=1, le=100)
    """Epochs that each of them trains."""
    rows: tuple[LearntRowName, ...] = Field(ROWS, min_length=1, max_length=len(ROWS))
    """Which settings are run."""

    @held_together
    def _possible(self) -> Self:
        if len(set(self.rows)) < len(self.rows):
            raise ValueError(f"rows {list(self.rows)} names one of them twice; name each once")
        if self.base.growth.schedule.kind != "by_hand":
            raise ValueError(f"base.growth.schedule {self.base.growth.schedule.kind} grows the net; take by_hand")
        if "mixed" in self.rows and not self.base.corrupt:
            raise ValueError("rows mixed needs corrupted points; set base.corrupt.labels to 0.5, or leave mixed out")
        for name in self.rows:
            self.setting(name)
        if (passed := len(self.rows) * self.runs * self.epochs * self.base.train_size) > MOST_SAMPLES:
            raise ValueError(
                f"runs {self.runs} would pass {passed:.1e} training points, more than {MOST_SAMPLES:.0e}; take fewer "
                "runs, epochs or rows"
            )
        return self

    def setting(self, name: LearntRowName) -> RunSpec:
        """Give what a row trains."""
        corrupt: dict[str, dict[str, float]] = {
            "true": {},
            "labels": {"labels": 1.0},
            "inputs": {"inputs": 1.0},
        }
        if name not in corrupt:
            return self.base
        return RunSpec.model_validate(self.base.model_dump(mode="json") | {"corrupt": corrupt[name]})

    def run(self, threads: int | None = None) -> Iterator[StudyProgress]:
        """Run row after row."""
        from foldscape.studies.learnt_first.run import run

        return run(self)

    def rows_at_first(self) -> tuple[LearntRow, ...]:
        """Give every row, before any run."""
        return tuple(LearntRow(key=name, name=name, label=LABELS[name]) for name in self.rows)

    def about(self) -> dict[str, Any]:
        """Tell the question, the source and what is run."""
        from foldscape.studies.learnt_first.about import about

        return about(self)

    def table(self, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Give a line a row, part and number of runs: points that were right so often, and how many are expected."""
        columns = ("row", "points", "runs", "epochs", "right_in", "counted", "binomial", "share", "excess")
        return columns, [
            (row["name"], part["name"], row["done"], self.epochs, right, *both, part["share"], part["excess"])
            for row in rows
            for part in row["parts"]
            for right, both in enumerate(zip(part["counts"], part["binomial"], strict=True))
        ]
