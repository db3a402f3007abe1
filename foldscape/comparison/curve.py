"""What was measured along one run: equally long columns, one entry a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from foldscape.errors import InvalidInput

Floats = npt.NDArray[np.float64]

FLOPS_PER_PARAMETER = 6
"""Operations a parameter and point: two forward, four back (Kaplan et al. 2020, arXiv 2001.08361)."""
SCALARS = (
    "epoch", "updates", "flops", "seconds", "neurons", "parameters",
    "train_loss", "train_accuracy", "test_loss", "test_accuracy", "test_matthews", "gradient_norm",
)  # fmt: skip
"""The columns besides those of curvature."""
COLUMNS = (
    *SCALARS,
    "lambda_none", "lambda_tensor", "lambda_layer", "lambda_block", "lambda_element", "trace",
)  # fmt: skip
"""The columns that every curve has; NaN where there was nothing to measure."""


@dataclass(frozen=True)
class Curve:
    """One run, as a comparison sees it.

    Attributes:
        run: Id of the run.
        name: Name for people.
        settings: Everything that decides the run but its seed; plain JSON.
        seed: Seed of the run.
        columns: (n,) float64 by name of ``COLUMNS``, in the order of the updates; what is left out is NaN throughout.
        births: Updates done at each birth, in order.
        data: Hash of the data.
        split: How they were split into training and test points.
        loss: Name of the loss.
        points: Hash of the training points that curvature was measured on.

    Raises:
        InvalidInput: When columns differ in length, have unknown names, or updates fall.
    """

    run: str
    name: str
    settings: Mapping[str, Any]
    seed: int
    columns: Mapping[str, Floats]
    births: tuple[int, ...] = ()
    data: str = ""
    split: str = ""
    loss: str = "cross_entropy"
    points: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns) - set(COLUMNS))
        if unknown or "updates" not in self.columns:
            problem = f"the columns {unknown} are unknown" if unknown else "the column updates is missing"
            raise InvalidInput(f"In the curve of run {self.run} {problem}.", hint=f"Known are {', '.join(COLUMNS)}.")
        given = {name: np.asarray(values, np.float64) for name, values in self.columns.items()}
        lengths = {name: len(values) for name, values in given.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidInput(f"The columns of run {self.run} differ in length: {lengths}.", hint="Fill with NaN.")
        if np.any(np.diff(given["updates"]) < 0):
            raise InvalidInput(f"The updates of run {self.run} fall.", hint="Sort the checkpoints by their updates.")
        nothing = np.full(len(given["updates"]), np.nan)
        object.__setattr__(self, "columns", {name: given.get(name, nothing) for name in COLUMNS})
        object.__setattr__(self, "births", tuple(int(update) for update in self.births))

    def __len__(self) -> int:
        return len(self.columns["updates"])

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @property
    def grows(self) -> bool:
        """Whether the net of this run grows."""
        method = self.settings.get("method")
        return bool(self.births) if method is None else method == "grown"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON; what is not finite becomes ``None``."""
        columns = {name: plain(values) for name, values in self.columns.items() if np.isfinite(values).any()}
        return {
            "run": self.run, "name": self.name, "settings": dict(self.settings), "seed": self.seed,
            "columns": columns | {"updates": plain(self["updates"])}, "births": list(self.births),
            "data": self.data, "split": self.split, "loss": self.loss, "points": self.points,
        }  # fmt: skip

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` gave.

        Args:
            given: Plain JSON; columns with other names are left out, and a birth may be an object with ``updates``.

        Returns:
            The curve.
        """
        columns = {name: numbers(values) for name, values in given["columns"].items() if name in COLUMNS}
        births = tuple(birth["updates"] if isinstance(birth, Mapping) else birth for birth in given.get("births", ()))
        words = {name: given[name] for name in ("data", "split", "loss", "points") if name in given}
        seed, settings = int(given["seed"]), dict(given["settings"])
        return cls(given["run"], given.get("name", ""), settings, seed, columns, births, **words)


def finite(value: float) -> float | None:
    """Give a number as JSON holds it; ``None`` when it is none."""
    return float(value) if math.isfinite(value) else None


def plain(values: Floats) -> list[float | None]:
    """Give numbers as JSON holds them."""
    return [finite(value) for value in values.tolist()]


def numbers(values: list[float | None]) -> Floats:
    """Read numbers from JSON; ``None`` becomes NaN."""
    return np.array([math.nan if value is None else value for value in values], np.float64)
