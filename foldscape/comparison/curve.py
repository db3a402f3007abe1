"""What was measured along one run: equally long columns, one entry a checkpoint."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.data.base import identity_of
from foldscape.errors import InvalidInput
from foldscape.measures.declared import MEASURES
from foldscape.wire import finite

_ONCE_WRITTEN = "cross-entropy"
"""What earlier versions wrote as the loss of every run, whatever it was; its settings know."""
_HASH = re.compile("[0-9a-f]{12}|[0-9a-f]{16}")
"""What earlier versions wrote as the data: runs and sweeps hashed them in ways of their own; the settings know."""
COLUMNS = tuple(MEASURES)
"""The columns that every curve has: all that are declared; NaN where there was nothing to measure."""


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
        restarts: Updates at which the learning rate jumps up again.
        data: The data set's ``identity``. This and what follows is empty where it is not known, and then not held
            against others.
        split: How they were split into training, validation and test points.
        loss: The loss with its settings (``Loss.label``): values of another are not held against its own.
        points: Hash of the training points that curvature was measured on.
        made_with: By column, with which settings of its probe it was made, where it depends on any.
        restored: Updates done at the moment whose net early stopping brought back at the end; ``None`` where none was.

    Raises:
        InvalidInput: When columns differ in length, have unknown names, or updates fall.
    """

    run: str
    name: str
    settings: Mapping[str, Any]
    seed: int
    columns: Mapping[str, Float64Array]
    births: tuple[int, ...] = ()
    data: str = ""
    split: str = ""
    loss: str = ""
    points: str = ""
    made_with: Mapping[str, str] = field(default_factory=dict)
    restarts: tuple[int, ...] = ()
    restored: int | None = None

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

    def __getitem__(self, name: str) -> Float64Array:
        return self.columns[name]

    @property
    def grows(self) -> bool:
        """Whether the net of this run grows."""
        method = self.settings.get("method")
        return bool(self.births) if method is None else method == "grown"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON; what is not finite becomes ``None``."""
        columns = {name: json_numbers(values) for name, values in self.columns.items() if np.isfinite(values).any()}
        return {
            "run": self.run, "name": self.name, "settings": dict(self.settings), "seed": self.seed,
            "columns": columns | {"updates": json_numbers(self["updates"])}, "births": list(self.births),
            "data": self.data, "split": self.split, "loss": self.loss, "points": self.points,
            "made_with": dict(self.made_with), **({"restarts": list(self.restarts)} if self.restarts else {}),
            **({} if self.restored is None else {"restored": self.restored}),
        }  # fmt: skip

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` gave.

        Args:
            given: Plain JSON; columns with other names are left out, and a birth may be an object with ``updates``.

        Returns:
            The curve; a list that holds null has NaN there.

        Raises:
            InvalidInput: When it is no object, lacks something, or holds something that is no number where one belongs.
        """
        _must_hold(given)
        run, settings = str(given["run"]), dict(given["settings"])
        try:
            columns = {name: numbers(values) for name, values in given["columns"].items() if name in COLUMNS}
            seed, births = int(given["seed"]), tuple(map(_update_of, given.get("births", ())))
            restarts = tuple(map(int, given.get("restarts", ())))
            restored = None if given.get("restored") is None else int(given["restored"])
        except (TypeError, ValueError, KeyError) as error:
            raise InvalidInput(
                f"The curve of run {run} cannot be read: {error}.",
                hint="Seed, births and restarts are whole numbers, columns lists of numbers with null for none.",
            ) from None
        made = {str(name): str(words) for name, words in dict(given.get("made_with") or {}).items()}
        words = {name: str(given[name]) for name in ("data", "split", "loss", "points") if name in given}
        if _HASH.fullmatch(words.get("data", "")) and isinstance(settings.get("data"), Mapping):
            words["data"] = identity_of(settings["data"])
        if words.get("loss") == _ONCE_WRITTEN:
            words["loss"] = str(settings.get("loss", "cross_entropy"))
        return cls(
            run, str(given.get("name", "")), settings, seed, columns, births, **words, made_with=made,
            restarts=restarts, restored=restored,
        )  # fmt: skip


def _must_hold(given: Any) -> None:
    """Refuse what is no curve as plain JSON."""
    if not isinstance(given, Mapping):
        raise InvalidInput(
            f"A curve was given as a {type(given).__name__}, not as an object.",
            hint="Give what to_json returned; JSON text is read by json.loads.",
        )
    if missing := [name for name in ("run", "settings", "seed", "columns") if name not in given]:
        raise InvalidInput(
            f"The curve lacks {', '.join(missing)}.",
            hint="It holds run, settings, seed and columns, as to_json writes.",
        )
    for name in ("settings", "columns"):
        if not isinstance(given[name], Mapping):
            raise InvalidInput(
                f"The {name} of a curve are a {type(given[name]).__name__}, not an object.", hint="Name each of them."
            )


def _update_of(birth: Any) -> int:
    return int(birth["updates"] if isinstance(birth, Mapping) else birth)


def json_numbers(values: Float64Array) -> list[float | None]:
    """Give numbers as JSON holds them."""
    return [finite(value) for value in values.tolist()]


def numbers(values: list[float | None]) -> Float64Array:
    """Read numbers from JSON; ``None`` becomes NaN."""
    return np.array([math.nan if value is None else value for value in values], np.float64)
