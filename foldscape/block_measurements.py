"""Measurements of the blocks of residual nets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foldscape.measurements import Measurement


@dataclass(frozen=True, kw_only=True)
class IterativeMeasured(Measurement):
    """What each of the n residual blocks does to what passes it, and what more of the last does (arXiv 1710.04773).

    Each array has means over samples in its first row and their standard errors in its second; NaN where there are
    none. ``foldscape.iterative`` says what each is.

    Attributes:
        part: The samples: ``test`` or ``train``.
        names: (n,) names of the blocks.
        stages: (n,) which stage each stands in; features have one shape within a stage.
        cosine: (2, n) float64 of what a block adds and the gradient of a sample's loss by what comes to it.
        ratio: (2, n) float64 norm of what it adds over that of what comes.
        norm: (2, n + 1) float64 norms of what comes to each block, and of what leaves the last.
        accuracy: (2, n + 1) float64 accuracy after the first 0 to n blocks.
        loss: (2, n + 1) float64 loss after these.
        predicted: (2, n) float64 change of the loss by a block, to first order.
        actual: (2, n) float64 change of the loss when what leaves a block comes to it.
        gap: Gap between the two largest probabilities below which a sample is borderline.
        borderline: Borderline samples.
        borderline_right: (2, n + 1) float64 share of these that are right after the first 0 to n blocks.
        corrected: (2, n) float64 share of these that a block corrects.
        spoiled: (2, n) float64 share of these that it spoils.
        extra: Extra times E that the last block is applied, at most.
        unrolled_accuracy: (2, 2, E + 1) float64 accuracy after 0 to E extra times, plain and with its residual shared
            out over all times.
        unrolled_loss: (2, 2, E + 1) float64 loss then.
        unrolled_norm: (2, 2, E + 1) float64 norm of what leaves the block then.
        values: Numbers of all blocks, by the names that columns have; ``None`` where not known.
    """

    kind: ClassVar[str] = "iterative"
    part: str
    names: list[str]
    stages: list[int]
    cosine: np.ndarray
    ratio: np.ndarray
    norm: np.ndarray
    accuracy: np.ndarray
    loss: np.ndarray
    predicted: np.ndarray
    actual: np.ndarray
    gap: float
    borderline: int
    borderline_right: np.ndarray
    corrected: np.ndarray
    spoiled: np.ndarray
    extra: int
    unrolled_accuracy: np.ndarray
    unrolled_loss: np.ndarray
    unrolled_norm: np.ndarray
    values: dict[str, float | None]
