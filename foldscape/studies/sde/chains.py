"""Blocks of chains side by side, each with its own generator, so that threads change no bit."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.studies.sde.formulas import noise_covariance
from foldscape.studies.sde.spec import ROWS, RowName, Sde
from foldscape.studies.sde.wells import LEFT, RIGHT, Wells

BLOCK = 1250
_NOISE = 0x5DE

Advance = Callable[[Any, FloatArray, FloatArray, int, FloatArray], None]
"""Does so many updates of (chains, d) places and velocities, and adds to (chains,) totals."""


class Chains:
    """All chains of one row.

    Args:
        spec: The study.
        name: The row.
        threads: Threads to compute on; ``None`` is one a processor.

    Attributes:
        places: (chains, d) where they are; they begin at the minimum, or half of them at each.
    """

    def __init__(self, spec: Sde, name: RowName, threads: int | None) -> None:
        self.places = _start(spec, name)
        self._velocities = np.zeros_like(self.places)
        self._advance = _advance_of(spec, name)
        self._threads = threads or len(os.sched_getaffinity(0))
        row = ROWS.index(name)
        self._blocks = [
            (slice(start, start + BLOCK), np.random.default_rng([spec.seed, _NOISE, row, start // BLOCK]))
            for start in range(0, spec.chains, BLOCK)
        ]

    def advance(self, updates: int) -> FloatArray:
        """Do so many updates.

        Args:
            updates: How many.

        Returns:
            (chains,) sums over them of what is measured: excess loss, or being in basin A.
        """
        totals = np.zeros(len(self.places))

        def advance(block: tuple[slice, np.random.Generator]) -> None:
            own, noise = block
            self._advance(noise, self.places[own], self._velocities[own], updates, totals[own])

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(advance, self._blocks))
        return totals


def _start(spec: Sde, name: RowName) -> FloatArray:
    places = np.zeros((spec.chains, spec.dimension(name)))
    if name == "wells":
        places[:, 0] = np.where(np.arange(spec.chains) % 2, LEFT, RIGHT)
    return places


def _advance_of(spec: Sde, name: RowName) -> Advance:
    from foldscape.studies.sde.kernels import descend_quadratic, descend_wells

    setting, momentum = spec.setting(name), spec.momentum
    if name == "wells":
        wells = Wells.of(spec)
        pieces = tuple(float(part) for part in (*wells.curvatures, wells.top, wells.barrier, *wells.joints))

        def in_wells(noise: Any, x: FloatArray, v: FloatArray, updates: int, totals: FloatArray) -> None:
            descend_wells(noise, x, v, pieces, wells.noise, setting.lr, momentum, updates, totals)

        return in_wells
    eigenvalues = np.array(spec.eigenvalues)
    root = np.linalg.cholesky(noise_covariance(setting.noise, spec.eigenvalues) / setting.batch)

    def on_quadratic(noise: Any, x: FloatArray, v: FloatArray, updates: int, totals: FloatArray) -> None:
        descend_quadratic(noise, x, v, eigenvalues, root, setting.lr, momentum, updates, totals)

    return on_quadratic
