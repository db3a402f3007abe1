"""The spectrum around one net: from one random vector to all of them, stopped and gone on with batch by batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from foldscape.curvature import Objective, SpectralDensity, trace
from foldscape.errors import NotPossible
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.rows import GROUND, SPECTRUM, LandscapeProgress, LandscapeRow, arrays_of, row
from foldscape.landscape.recorded.spec import MORE_PAIRS, MOST_PAIRS, SpectrumOf
from foldscape.landscape.recorded.stoppable import meanwhile
from foldscape.landscape.spectrum import (
    Sharpest,
    density_of,
    doubling_batches,
    joined_densities,
    outliers,
    rest_share,
    sharpest,
    standard_error,
)
from foldscape.progress import ALMOST, Progress
from foldscape.wire import finite

SECONDS = 900.0
"""Longest time that a spectrum may be estimated to take."""


class OnPoints:
    """The spectrum on one part of the data, as far as it is known.

    Args:
        name: The part, ``train`` or ``test``.
        objective: The loss on it.
        spec: Which landscape.
        classes: Classes of the data.
        kept: The row that an earlier attempt has said, or ``None``.
    """

    def __init__(
        self, name: str, objective: Objective, spec: SpectrumOf, classes: int, kept: Mapping[str, Any] | None
    ) -> None:
        self.name, self.objective, self._spec, self._classes = name, objective, spec, classes
        self._pairs: Sharpest | None = None
        self._density: SpectralDensity | None = None
        self._about: dict[str, Any] = {}
        if kept is not None:
            self._take(kept)

    def _take(self, kept: Mapping[str, Any]) -> None:
        known = arrays_of(kept)
        self._density = SpectralDensity(known["nodes"], known["weights"], self.objective.size, kept["products"], 0.0)
        if "values" in known:
            parts = (known[name] for name in ("values", "residuals", "believed", "gauss_newton"))
            values, residuals, believed, share = parts
            self._pairs = Sharpest(values, residuals, believed.astype(bool), share, kept["pairs_products"])
            self._about = {name: kept[name] for name in ("trace", "rest_share")}

    @property
    def runs(self) -> int:
        """Lanczos runs that are known."""
        return 0 if self._density is None else len(self._density.nodes)

    @property
    def has_pairs(self) -> bool:
        """Whether the largest eigenvalues are known."""
        return self._pairs is not None

    @property
    def seconds_left(self) -> float:
        """Estimate of what the runs that are left take, from the quicker of two products."""
        vector, spent = np.ones((1, self.objective.size)), []
        for _ in range(2):
            started = time.perf_counter()
            self.objective.at().products(vector)
            spent.append(time.perf_counter() - started)
        return min(spent) * (self._spec.runs - self.runs) * min(self._spec.steps, self.objective.size)

    def widen(self, batch: range) -> None:
        """Add a batch of runs to what is known."""
        found = density_of(self.objective, batch, self._spec.steps, self._spec.seed)
        self._density = found if self._density is None else joined_densities([self._density, found])

    def sharpen(self) -> None:
        """Find the largest eigenvalues, and the sums that need no random vector."""
        assert self._density is not None
        k = self._spec.pairs or self._classes + MORE_PAIRS
        self._pairs = self._searched(k)
        while not self._spec.pairs and k < MOST_PAIRS and self._pairs.believed.all():
            if outliers(self._density, self._pairs)[1]:
                break
            k = min(MOST_PAIRS, 2 * k)
            self._pairs = self._searched(k)
        self._about = {"trace": finite(trace(self.objective).value), "rest_share": finite(rest_share(self.objective))}

    def _searched(self, k: int) -> Sharpest:
        return sharpest(self.objective, k, self._spec.effort * (300 + 20 * k))

    def row(self) -> LandscapeRow:
        """Say all that is known."""
        density = self._density
        assert density is not None
        at = density.grid()
        about = {
            "parameters": density.size,
            "classes": self._classes,
            "runs": self.runs,
            "steps": density.nodes.shape[1],
            "products": density.products,
            "width": density.width,
            "lowest": density.lowest,
            "largest": density.largest,
            "bulk_edge": density.bulk_edge,
            "negative_mass": density.negative_mass,
            "effective_rank": density.effective_rank,
        } | self._about
        arrays = {"nodes": density.nodes, "weights": density.weights, "at": at, "density": density.density(at)}
        arrays |= {"error": standard_error(density, at)}
        if (pairs := self._pairs) is not None:
            above, is_all = outliers(density, pairs)
            about |= {"outliers": above, "all_outliers": is_all, "pairs_products": pairs.products}
            arrays |= {"values": pairs.values, "residuals": pairs.residuals, "gauss_newton": pairs.gauss_newton}
            arrays |= {"believed": pairs.believed.astype(np.uint8)}
        return row(f"{SPECTRUM}.{self.name}", about, arrays)


def spectra(centre: Centre, spec: SpectrumOf, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Progress]:
    """Measure the spectrum on each part of the data that is asked for.

    Args:
        centre: The net and the data.
        spec: Which landscape.
        rows: What earlier attempts have said, by key.

    Yields:
        Words with the rows that are new.

    Raises:
        NotPossible: If it would take too long.
    """
    parts = [
        OnPoints(name, objective, spec, centre.classes, rows.get(f"{SPECTRUM}.{name}"))
        for name, objective in centre.objectives()
    ]
    whole = len(parts) * (spec.runs + 1)
    seconds = sum(part.seconds_left for part in parts)
    if seconds > SECONDS:
        raise NotPossible(
            f"The spectrum of this net would take about {seconds:,.0f} s; allowed are {SECONDS:,.0f} s.",
            hint="Take fewer points of the data, or measure on the training or the test points alone.",
        )

    def said(*more: LandscapeRow, over: bool = False) -> LandscapeProgress:
        done = sum(part.runs + part.has_pairs for part in parts)
        runs = sum(part.runs for part in parts)
        doing = f"{runs} of {len(parts) * spec.runs} random vectors"
        share = 1 if over else min(done / whole, ALMOST)
        return LandscapeProgress(share=share, doing=doing, rows=more, estimate_s=seconds)

    yield said(*([] if GROUND in rows else [row(GROUND, centre.about(), {})]))
    for batch in doubling_batches(spec.runs):
        for part in parts:
            if part.runs < batch.stop:
                yield from meanwhile(part.objective, partial(part.widen, batch), said)
                yield said(part.row())
            if not part.has_pairs:
                yield from meanwhile(part.objective, part.sharpen, said)
                yield said(part.row())
    yield said(over=True)
