"""Corrupted training points: labels drawn at random, inputs replaced by noise, pixels out of their places.

The operators of Zhang et al. 2017 (arXiv 1611.03530, section 2.1) and of Arpit et al. 2017 (arXiv 1706.05394, section
3, ``randX`` and ``randY``), each with its share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from foldscape.arrays import Float32Array, Labels
from foldscape.chance import generator
from foldscape.data.base import Corrupted, Examples, Split
from foldscape.errors import FieldRefused
from foldscape.model import Model, in_forms
from foldscape.one_thread import one_thread

InputNoise = Literal["covariance", "diagonal", "pixels", "shuffled"]


class Corruption(Model):
    """Which share of the training points is corrupted, and how; the true labels are kept beside.

    A larger share corrupts the same points as a smaller one, in the same way, and further ones.
    """

    labels: float = Field(0.0, ge=0, le=1)
    """Share of the training labels drawn anew, every class as likely: a draw may hit the true one."""
    inputs: float = Field(0.0, ge=0, le=1)
    """Share of the training inputs replaced by noise; their labels stay."""
    replacement: InputNoise = Field("covariance", json_schema_extra=in_forms(inputs=True))
    """What replaces an input: a Gaussian draw with the inputs' mean and covariance, one with the variance of each
    place alone (diagonal), one with the same mean and variance for all places (pixels), or its own values in an order
    of its own (shuffled)."""
    pixels: float = Field(0.0, ge=0, le=1)
    """Share of the places of an input that change places, by one permutation for the points of every part."""

    def __bool__(self) -> bool:
        """Whether anything is corrupted."""
        return bool(self.labels or self.inputs or self.pixels)


def corrupted(split: Split, corruption: Corruption, seed: int) -> Split:
    """Corrupt the training points of a split; validation and test points only change the places of their pixels.

    Args:
        split: The points as they are.
        corruption: What to do to them.
        seed: Seed of the draws.

    Returns:
        The split with ``train_y`` as the net is to be given them, and the truth beside; the same bits for the same
        seed.

    Raises:
        FieldRefused: When labels are to be corrupted that are no classes.

    Example:
        >>> import foldscape
        >>> split = corrupted(foldscape.RunSpec().load(), Corruption(labels=1.0), seed=0)
        >>> bool(0.4 < (split.train_y != split.true_y).mean() < 0.6)
        True
    """
    if not corruption:
        return split
    if corruption.labels and not np.issubdtype(split.train_y.dtype, np.integer):
        raise FieldRefused(
            f"corrupt.labels {corruption.labels:g} draws classes, and the labels of these data are no classes but "
            f"{split.train_y.dtype} numbers",
            path="corrupt.labels", given=corruption.labels, allowed="0",
            hint="Set it to 0, or corrupt inputs instead.",
        )  # fmt: skip
    if corruption.pixels:
        split = _with_places(split, places(split.features, corruption.pixels, seed))
    y = random_labels(split.train_y, corruption.labels, split.classes, seed)
    x, replaced = random_inputs(split.train_x, corruption.inputs, corruption.replacement, seed)
    return replace(split, train_x=x, train_y=y, corruption=Corrupted(split.train_y, replaced))


def random_labels(y: Labels, share: float, classes: int, seed: int) -> Labels:
    """Replace each label with probability ``share`` by a uniform draw over the classes (``randY``).

    Args:
        y: (N,) true classes.
        share: The probability p.
        classes: Number of classes K.
        seed: Seed of the draws.

    Returns:
        (N,) classes; a share of p (K - 1) / K of them is wrong on average.
    """
    rng = generator(seed, "corruption", 0)
    chance, drawn = rng.random(len(y)), rng.integers(0, classes, len(y))
    return np.where(chance < share, drawn, y).astype(np.int64)


def random_inputs(
    x: Float32Array, share: float, noise: InputNoise, seed: int
) -> tuple[Float32Array, npt.NDArray[np.bool_]]:
    """Replace each input with probability ``share`` by noise (``randX``).

    Args:
        x: (N, d) inputs.
        share: The probability p.
        noise: What replaces them.
        seed: Seed of the draws.

    Returns:
        (N, d) inputs, and (N,) which of them are noise.
    """
    replaced = generator(seed, "corruption", 1).random(len(x)) < share
    if not replaced.any():
        return x, replaced
    rng = generator(seed, "corruption", 2)
    drawn = rng.permuted(x, axis=1) if noise == "shuffled" else _gaussian(x.astype(np.float64), noise, rng)
    spoiled = x.astype(np.float32)
    spoiled[replaced] = drawn[replaced]
    return spoiled, replaced


def places(features: int, share: float, seed: int) -> npt.NDArray[np.int64]:
    """Draw one permutation of a share of an input's places.

    Returns:
        (d,) which value comes to each place.
    """
    rng = generator(seed, "corruption", 3)
    moved = rng.permutation(features)[: round(share * features)]
    order = np.arange(features)
    order[moved] = rng.permutation(moved)
    return order


def _with_places(split: Split, order: npt.NDArray[np.int64]) -> Split:
    def placed(x: Float32Array) -> Float32Array:
        return np.ascontiguousarray(x[:, order]) if len(x) else x

    train, test, held = map(placed, (split.train_x, split.test_x, split.validation_x))
    return replace(split, train_x=train, test_x=test, validation_x=held)


def _gaussian(x: np.ndarray, noise: InputNoise, rng: np.random.Generator) -> np.ndarray:
    """Draw (N, d) inputs from a Gaussian with the moments of those given."""
    normal = rng.normal(size=x.shape)
    if noise == "pixels":
        return np.asarray(x.mean() + x.std() * normal)
    mean = x.mean(axis=0)
    if noise == "diagonal":
        return np.asarray(mean + x.std(axis=0) * normal)
    with one_thread():  # the bits must not depend on how many threads the rest of the process takes
        root = np.linalg.qr((x - mean) / np.sqrt(len(x)), mode="r")  # R^T R is the covariance, singular or not
        return np.asarray(mean + normal[:, : len(root)] @ root)


def spoilt(found: Examples, split: Split, part: str, chosen: Sequence[int]) -> Examples:
    """Show points as a corrupted split has them, with the truth of training points beside.

    Args:
        found: The points as they are; sentences stay, since it is what a net reads of them that is replaced.
        split: The corrupted split.
        part: Which of its parts: train, validation or test.
        chosen: m indices within that part.

    Returns:
        The points as the net is given them.
    """
    at = np.asarray(chosen, np.int64)
    inputs = None if found.inputs is None else getattr(split, f"{part}_x")[at]
    if part != "train":
        return replace(found, inputs=inputs)
    return replace(found, inputs=inputs, labels=split.train_y[at], true_labels=split.true_y[at], noise=split.noise[at])
