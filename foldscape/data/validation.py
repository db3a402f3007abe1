"""A validation part of the training points: seeded, class by class, and the same for every kind of data set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Indices, Labels
from foldscape.chance import generator
from foldscape.data.base import Split
from foldscape.errors import FieldRefused


def held_out(share: float, points: int) -> int:
    """Say how many of some training points a share of them is."""
    return round(share * points)


def with_validation(split: Split, share: float, seed: int) -> Split:
    """Hold a share of the training points out for validation.

    Args:
        split: Training and test points.
        share: Share of the training points; 0 gives the split as it is.
        seed: Seed of the draw.

    Returns:
        The split with both parts; the same bits for the same seed.

    Raises:
        FieldRefused: If a class would have no training or no validation point.
    """
    if not share:
        return split
    kept, held = parted(split.train_y, share, seed)
    return replace(
        split,
        train_x=split.train_x[kept],
        train_y=split.train_y[kept],
        train_texts=tuple(split.train_texts[index] for index in kept) if split.train_texts else (),
        validation_x=split.train_x[held],
        validation_y=split.train_y[held],
    )


def parted(y: Labels, share: float, seed: int) -> tuple[Indices, Indices]:
    """Choose which training points are kept and which held out, each class by its share to within one point.

    Args:
        y: (N,) class of each training point.
        share: Share held out.
        seed: Seed of the draw.

    Returns:
        Indices of the kept points and of those held out, each in the order of the training points.

    Raises:
        FieldRefused: If a class would have no point in one of the parts.

    Example:
        >>> kept, held = parted(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.25, seed=0)
        >>> len(kept), sorted(np.array([0, 0, 0, 0, 1, 1, 1, 1])[held].tolist())
        (6, [0, 1])
    """
    mask = spread(y, held_out(share, len(y)), generator(seed, "validation", 0))
    _leaves_none_empty(y, mask, share)
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def spread(y: Labels, size: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Choose some points of every class.

    Shuffled points are laid out class by class and taken at even distances, so that a class of n points gives n times
    the share of all, rounded up or down.

    Args:
        y: (N,) class of each point.
        size: How many are chosen.
        rng: Shuffles them.

    Returns:
        (N,) which are chosen.
    """
    points = len(y)
    shuffled = rng.permutation(points)
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    chosen = ((np.arange(size) + 0.5) * points / size).astype(np.int64) if size else np.zeros(0, np.int64)
    mask = np.zeros(points, bool)
    mask[by_class[chosen]] = True
    return mask


def _leaves_none_empty(y: Labels, held: npt.NDArray[np.bool_], share: float) -> None:
    total, taken = np.bincount(y), np.bincount(y[held], minlength=int(y.max()) + 1)
    for number, (all_of_it, out) in enumerate(zip(total, taken, strict=True)):
        if all_of_it and out in (0, all_of_it):
            part = "validation" if out == 0 else "training"
            raise FieldRefused(
                f"a validation_share of {share:g} leaves class {number}, which has {all_of_it} of the training points, "
                f"without a {part} point",
                path="validation_share",
                given=share,
                allowed="a share that leaves each class a point in both parts, or 0",
                hint="Take a share nearer to 0.5, a set with more points, or 0 for no validation part.",
            )
