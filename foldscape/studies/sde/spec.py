"""The spec of the study and what its table says; light to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import Field

from foldscape.model import Model, held_together
from foldscape.studies.base import Study, StudyProgress, StudyRow

RowName = Literal["hessian", "isotropic", "tilted", "slow", "twice", "wells"]
NoiseShape = Literal["hessian", "isotropic", "tilted"]
Positive = Annotated[float, Field(gt=0, le=10_000)]
ROWS: tuple[RowName, ...] = get_args(RowName)
MOST_DRAWS = 5e10
"""Normal numbers that a study may draw at most: about four minutes of one processor."""


class Setting(NamedTuple):
    """What the chains of one row are run with."""

    label: str
    """What tables call the row."""
    noise: NoiseShape
    """Which covariance the gradients of single examples have."""
    lr: float
    """Learning rate."""
    batch: int
    """Batch size S."""


class Cloud(Model):
    """Where some of the chains of a quadratic are, in the plane of its first and last direction."""

    points: tuple[tuple[float, float], ...]
    """Places of the first chains."""
    measured: tuple[float, float, float] | None = None
    """Covariance of all chains over the measured updates: first variance, covariance, last variance."""
    naive: tuple[float, float, float]
    """The same by the stochastic differential equation."""
    corrected: tuple[float, float, float]
    """The same with the finite step counted."""


class WellDensity(Model):
    """How the chains are spread over the double well."""

    low: float
    """Left end of the first bin."""
    high: float
    """Right end of the last bin."""
    barrier: float
    """Where the loss is highest between the minima; basin A lies left of it."""
    loss: tuple[float, ...]
    """Loss at the middle of each bin."""
    naive: tuple[float, ...]
    """Density at the middle of each bin by the stochastic differential equation."""
    corrected: tuple[float, ...] | None = None
    """The same of the chain with its finite step; not known with momentum."""
    measured: tuple[float, ...]
    """Density of the chains: as they are now, or over the measured updates once those are done."""


class SdeRow(StudyRow):
    """What the chains of one setting do, beside what the formulas say."""

    name: RowName
    """Which row it is."""
    label: str
    """What tables call it."""
    lr: float
    """Learning rate."""
    batch: int
    """Batch size S."""
    updates: int
    """Updates of each chain: the first half settles, the second half is measured."""
    phase: Literal["waiting", "settling", "measuring", "done"] = "waiting"
    """What is done with the chains now."""
    done: float = Field(0, ge=0, le=1)
    """Share of the updates that each chain has had."""
    measured: float | None = None
    """Mean excess loss of the chains; of the double well the share of basin A."""
    error: float | None = None
    """Standard error of it, from chain to chain."""
    settled: bool | None = None
    """Whether both halves of the measured updates agree."""
    naive: float
    """What the formula of the stochastic differential equation gives for it."""
    corrected: float | None = None
    """What the chain with its finite step has exactly; not known for the double well with momentum."""
    cloud: Cloud | None = None
    """Of a quadratic: where its chains are."""
    density: WellDensity | None = None
    """Of the double well: how the chains are spread."""


class Sde(Study):
    """SGD as a stochastic differential equation: do chains of SGD settle as its formulas say?"""

    kind: Literal["sde"] = "sde"
    eigenvalues: tuple[Positive, ...] = Field((1.0, 5.0, 20.0), min_length=2, max_length=20)
    """Eigenvalues λ of the quadratic's Hessian H."""
    lr: float = Field(0.05, gt=0, le=10)
    """Learning rate η."""
    batch: int = Field(4, ge=1, le=1_000_000)
    """Batch size S; a batch's gradient has the covariance C/S."""
    momentum: float = Field(0.0, ge=0, le=0.99)
    """Momentum μ, as in PyTorch; it makes the ratio η/(S(1 − μ))."""
    well_curvatures: tuple[Positive, Positive] = (1.0, 4.0)
    """Curvatures H_A and H_B of the double well at its minima −1 and 1."""
    well_depth: float = Field(0.0, ge=-1000, le=1000)
    """How much higher basin B lies than basin A: L_B − L_A."""
    temperature: float = Field(0.25, gt=0, le=1000)
    """Temperature n = ηs²/(S(1 − μ)) in the double well, in units of its loss; the noise s² follows from it."""
    chains: int = Field(20_000, ge=100, le=200_000)
    """Chains of each row."""
    rows: tuple[RowName, ...] = Field(ROWS, min_length=1, max_length=len(ROWS))
    """Which settings are run."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Seed of the noise."""

    @held_together
    def _possible(self) -> Self:
        if len(set(self.rows)) < len(self.rows):
            raise ValueError(f"rows {list(self.rows)} names one of them twice; name each once")
        curvatures = (*self.eigenvalues, *self.well_curvatures)
        edge, most = 2 * (1 + self.momentum), max(curvatures)
        if self.lr * most >= edge:
            raise ValueError(
                f"lr {self.lr:g} diverges along the curvature {most:g}: with momentum {self.momentum:g} it has to be "
                f"below {edge / most:g}"
            )
        if "wells" in self.rows:
            self._two_wells()
        draws = sum(self.chains * self.updates(name) * self.dimension(name) for name in self.rows)
        if draws > MOST_DRAWS:
            raise ValueError(
                f"chains {self.chains:,} would draw {draws:.1e} random numbers before they have settled, more than "
                f"{MOST_DRAWS:.0e}; take fewer chains, a higher lr or temperature, or leave rows out"
            )
        return self

    def _two_wells(self) -> None:
        from foldscape.studies.sde.wells import depths

        low, high = depths(*self.well_curvatures)
        if not low < self.well_depth < high:
            raise ValueError(
                f"well_depth {self.well_depth:g} leaves no barrier between these basins; it has to lie between "
                f"{low:.4g} and {high:.4g}"
            )

    def setting(self, name: RowName) -> Setting:
        """Give what the chains of a row are run with."""
        lr, batch = self.lr, self.batch
        return {
            "hessian": Setting("noise like the curvature, C = H", "hessian", lr, batch),
            "isotropic": Setting("the same noise in all directions", "isotropic", lr, batch),
            "tilted": Setting("noise across the directions", "tilted", lr, batch),
            "slow": Setting("C = H, a twenty-fifth of the rate", "hessian", lr / 25, batch),
            "twice": Setting("twice that rate and twice the batch", "hessian", 2 * lr / 25, 2 * batch),
            "wells": Setting("double well, share of basin A", "isotropic", lr, batch),
        }[name]

    def dimension(self, name: RowName) -> int:
        """Give how many numbers a chain of a row is."""
        return 1 if name == "wells" else len(self.eigenvalues)

    def updates(self, name: RowName) -> int:
        """Give how many updates a chain of a row does, so that it settles in the first half."""
        from foldscape.studies.sde.formulas import settling_updates
        from foldscape.studies.sde.wells import Wells

        if name == "wells":
            return Wells.of(self).updates()
        return 2 * settling_updates(self.eigenvalues, self.setting(name).lr, self.momentum)

    def run(self, threads: int | None = None) -> Iterator[StudyProgress]:
        """Run all chains, row after row."""
        from foldscape.studies.sde.run import run

        return run(self, threads)

    def rows_at_first(self) -> tuple[SdeRow, ...]:
        """Give every row with what the formulas say."""
        from foldscape.studies.sde.rows import first_row

        return tuple(first_row(self, name) for name in self.rows)

    def about(self) -> dict[str, Any]:
        """Tell the question, the formulas and what is run."""
        from foldscape.studies.sde.about import about

        return about(self)

    def table(self, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Give what was measured with both formulas beside it."""
        told = ("measured", "error", "naive", "corrected", "settled")
        columns = ("row", "quantity", "lr", "batch", "momentum", "chains", "updates", *told)
        return columns, [self._line(row, told) for row in rows]

    def _line(self, row: dict[str, Any], told: tuple[str, ...]) -> tuple[Any, ...]:
        quantity = "share of basin A" if row["name"] == "wells" else "excess loss"
        given = (row["lr"], row["batch"], self.momentum, self.chains, row["updates"])
        return (row["name"], quantity, *given, *(row[name] for name in told))
