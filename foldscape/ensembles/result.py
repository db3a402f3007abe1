"""Ensembles of runs at hand: no server, the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import orjson

from foldscape.ensembles.measuring import follow
from foldscape.ensembles.prediction import PredictionScore
from foldscape.ensembles.rows import IN_WEIGHTS, MEMBERS, PAIRWISE
from foldscape.ensembles.spec import EnsembleSpec, Member
from foldscape.ensembles.table import SCORES, TableLine, counted, ensemble_lines, matrix_of
from foldscape.errors import InvalidInput, RunNotFound
from foldscape.kept_frames import Keeper

GivenMember = Keeper | tuple[Keeper, int | Literal["cycles"] | None]


@dataclass(frozen=True)
class Ensemble:
    """An ensemble that was measured.

    Attributes:
        spec: Which nets, and how they are weighed.
        rows: All that was found, as plain JSON by key.
    """

    spec: EnsembleSpec
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def members(self) -> list[dict[str, Any]]:
        """Each member by itself: name, run, step, weight, accuracy, nll, ece and validation accuracy."""
        return list(self.rows[MEMBERS]["members"])

    @cached_property
    def added(self) -> list[PredictionScore]:
        """Scores of the first 1, 2, ... M members together, on the test points."""
        return [_score(one) for one in counted(list(self.rows.values()))]

    @property
    def score(self) -> PredictionScore:
        """Score of all members together."""
        return self.added[-1]

    @property
    def gain(self) -> float:
        """Accuracy of all members together less their mean accuracy."""
        return self.score.accuracy - float(np.mean([one["accuracy"] for one in self.members]))

    @property
    def mean_weights(self) -> PredictionScore | None:
        """Score of the net whose weights are the members' mean; ``None`` where they share no parameter space."""
        found = self.rows[IN_WEIGHTS]
        return None if found["why_not"] else _score(found)

    def matrix(self, name: str) -> np.ndarray:
        """Give a pairwise measure.

        Args:
            name: ``distance``, ``disagreement``, ``error_correlation``, ``barrier`` or ``cell_distance``.

        Returns:
            (M, M), symmetric; NaN where the measure means nothing of two members.

        Raises:
            InvalidInput: If there is no such measure.
        """
        if name not in PAIRWISE:
            raise InvalidInput(f"No pairwise measure is called {name!r}.", hint=f"Choose one of {', '.join(PAIRWISE)}.")
        return matrix_of(list(self.rows.values()), name, len(self.members))

    def lines(self) -> Iterator[TableLine]:
        """Give the heading and the lines of a table."""
        return ensemble_lines(list(self.rows.values()))


def ensemble(
    members: Iterable[GivenMember],
    *,
    weights: Literal["equal", "validation_accuracy"] = "equal",
    points: int = 25,
    threads: int | None = None,
) -> Ensemble:
    """Measure what recorded nets predict together.

    Args:
        members: The nets in the order in which they are added: a ``Recording`` for the last net of a run, or
            ``(recording, step)``, or ``(recording, "cycles")`` for the nets at the ends of its schedule's cycles.
        weights: Weight of each prediction: all alike, or in proportion to its accuracy on the validation part.
        points: Points of the straight line between two members.
        threads: Threads to measure with; ``None`` is one a processor.

    Returns:
        Scores of the members and of the ensemble as they are added, and the pairwise matrices.

    Raises:
        InvalidInput: If there is no member, or two have other data or other classes.
        FoldscapeError: If a moment is not kept, or there are no test points.

    Example:
        >>> import foldscape
        >>> from foldscape.landscape.recorded import record
        >>> spec = foldscape.RunSpec(stop={"epochs": 2})
        >>> runs = [record(spec.model_copy(update={"member": each}), name=f"run{each}") for each in range(2)]
        >>> found = foldscape.ensemble(runs)
        >>> len(found.added), found.matrix("distance").shape
        (2, (2, 2))
    """
    given = [one if isinstance(one, tuple) else (one, None) for one in members]
    if not given:
        raise InvalidInput("An ensemble of 0 members predicts nothing.", hint="Give at least 1 run.")
    records = _named_apart([keeper for keeper, _ in given])
    named = tuple(Member(run=name, step=step) for name, (_, step) in zip(records, given, strict=True))
    known = dict(zip(records, (keeper for keeper, _ in given), strict=True))
    spec = EnsembleSpec(members=named, weights=weights, points=points)
    return ensemble_of(spec, known, threads)


def ensemble_of(spec: EnsembleSpec, records: Mapping[str, Keeper], threads: int | None = None) -> Ensemble:
    """Measure an ensemble by its spec.

    Args:
        spec: Which nets, and how they are weighed.
        records: What the runs left behind, by name.
        threads: Threads to measure with; ``None`` is one a processor.

    Returns:
        All that was found.

    Raises:
        RunNotFound: If a run is not among them.
    """

    def open_record(name: str) -> Keeper:
        if name not in records:
            raise RunNotFound(f"There is no run {name}.", hint=f"Name one of {', '.join(records)}.")
        return records[name]

    told = follow(spec, open_record, threads=threads)
    return Ensemble(spec, {one.key: orjson.loads(one.as_json()) for step in told for one in step.rows})


def _named_apart(keepers: list[Keeper]) -> list[str]:
    """Name runs; of several under one name, those behind the first by their place too."""
    names: dict[str, Keeper] = {}
    found = []
    for place, keeper in enumerate(keepers):
        name = keeper.name
        while names.setdefault(name, keeper) is not keeper:
            name += f"-{place}"
        found.append(name)
    return found


def _score(one: Mapping[str, Any]) -> PredictionScore:
    return PredictionScore(*(float("inf") if one[name] is None else float(one[name]) for name in SCORES))
