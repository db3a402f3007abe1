"""The rows as they stand, and the share of the work that is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foldscape.progress import ALMOST
from foldscape.studies.base import StudyProgress
from foldscape.studies.utilisation.methods import METHODS, POINTS, Method, MethodName, SetName
from foldscape.studies.utilisation.spec import MethodRow, Utilisation
from foldscape.studies.utilisation.tally import Counts, sum_of_draws, tally

UPDATE_COST = {2: 0.85, 3: 1.0}
"""Time of one update of one net, by its hidden units, in units of a 2-3-2 net's."""


class Ledger:
    """Keeps the rows and the work of one study.

    Args:
        spec: The study.
        places: Which nets learn each draw.
    """

    def __init__(self, spec: Utilisation, places: Sequence[slice]) -> None:
        self._nets = spec.nets
        self._places = places
        self._rows: dict[str, MethodRow] = {row.key: row for row in spec.rows_at_first()}
        self._right: dict[str, Counts] = {}
        self._told: dict[str, MethodRow] = {}
        self._done = 0.0
        self._all = _work(spec)

    @property
    def rows(self) -> tuple[MethodRow, ...]:
        """Every row as it stands."""
        return tuple(self._rows.values())

    def row(self, data: SetName, method: MethodName) -> MethodRow:
        """Give one row."""
        return self._rows[f"{data}.{method}"]

    def trained(self, width: int, updates: int) -> None:
        """Take note of so many updates of every net of a width."""
        self._done += UPDATE_COST[width] * updates * self._nets

    def grown(self, method: Method, nets: int) -> None:
        """Take note of so many growths."""
        self._done += method.cost * nets

    def note(self, data: SetName, method: MethodName, right: Counts | None = None, **changes: Any) -> None:
        """Change a row, and the count of every row of its data set when a new best is among what its nets have right.

        Args:
            data: Data set of the row.
            method: Its method.
            right: (nets,) points that each of its nets has right.
            changes: Fields of the row.
        """
        key = f"{data}.{method}"
        self._rows[key] = self._rows[key].model_copy(update=changes)
        if right is None:
            return
        self._right[key] = right
        same = [row.key for row in self._rows.values() if row.data == data and row.key in self._right]
        best = [max(int(self._right[each][place].max()) for each in same) for place in self._places]
        for each in same:
            self._rows[each] = self._counted(self._rows[each], best)

    def tell(self, doing: str) -> StudyProgress:
        """Give the rows that changed since the last time."""
        fresh = tuple(row for row in self._rows.values() if row != self._told.get(row.key))
        self._told = dict(self._rows)
        return StudyProgress(share=min(ALMOST, self._done / self._all), doing=doing, rows=fresh)

    def _counted(self, row: MethodRow, best: Sequence[int]) -> MethodRow:
        right = self._right[row.key]
        pairs = zip(self._places, best, strict=True)
        draws = tuple(tally(right[place], most, POINTS) for place, most in pairs)
        return row.model_copy(update={"draws": draws, "tally": sum_of_draws(draws), "best": int(right.max()) / POINTS})


def _work(spec: Utilisation) -> float:
    """Give the work of a study, in updates of one 2-3-2 net."""
    methods = [METHODS[name] for name in spec.rows]
    work = 0.0
    if any(method.width == 2 for method in methods):
        work += UPDATE_COST[2] * spec.steps / 2
    for method in methods:
        share = 1 if method.width == 3 else 0.5
        work += UPDATE_COST[3 if method.grows else method.width] * spec.steps * share
        work += method.cost if method.grows else 0
    return len(spec.sets) * spec.nets * work
