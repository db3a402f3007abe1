"""What every data set offers: a seeded split into training and test points, and room for a validation part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from foldscape.arrays import Float32Array, Indices, Labels
from foldscape.data.store import Remote
from foldscape.errors import InvalidInput
from foldscape.model import Model, in_forms


@dataclass(frozen=True)
class Examples:
    """Some points of a data set, to be looked at.

    Attributes:
        labels: (m,) their classes.
        inputs: (m, d) their inputs, or ``None`` where these mean nothing to the eye.
        sentences: m sentences, or none.
        true_labels: (m,) the classes that they had before they were corrupted; ``None`` where nothing was.
        noise: (m,) whether their inputs are noise; ``None`` where nothing was corrupted.
    """

    labels: Labels
    inputs: Float32Array | None = None
    sentences: tuple[str, ...] = ()
    true_labels: Labels | None = None
    noise: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Corrupted:
    """What is known of training points that were corrupted.

    Attributes:
        true_y: (N,) the class that each point had.
        noise: (N,) whether its input was replaced by noise.
    """

    true_y: Labels
    noise: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scaling:
    """How a net reads inputs that are x in data units: (x - mean) / deviation.

    Attributes:
        mean: (d,) what is taken off each number, data units.
        deviation: (d,) what it is then divided by.
    """

    mean: Float32Array
    deviation: Float32Array

    @property
    def unit(self) -> Float32Array:
        """(d,) how far 1 in data units is for the net."""
        return np.float32(1) / self.deviation

    def read(self, x: Float32Array) -> Float32Array:
        """Give points in data units (N, d) as the net reads them."""
        read = x - self.mean
        read /= self.deviation
        return read

    def given(self, x: Float32Array) -> Float32Array:
        """Give what the net reads (N, d) in data units, up to rounding."""
        given = x * self.deviation
        given += self.mean
        return given


@dataclass(frozen=True)
class Split:
    """Training, test and validation points of one data set.

    Attributes:
        train_x: (N, d) inputs, data units.
        train_y: (N,) class that the net is given of each input, from 0.
        test_x: (M, d) inputs; M may be 0.
        test_y: (M,) classes.
        classes: Number of classes K.
        image_shape: (rows, columns) when an input is a grey picture, (3, rows, columns) when it is a colour picture,
            else ``None``.
        validation_x: (V, d) inputs that are neither learned nor tested on; V is 0 unless a run asks for them.
        validation_y: (V,) classes.
        train_texts: The N sentences behind the training points; empty where these are no sentences.
        test_texts: The M sentences behind the test points.
        corruption: What is known of corrupted training points; ``None`` where none are.
        scaling: How the inputs, which are as the net reads them, follow from those in data units; ``None`` where they
            are the same.
    """

    train_x: Float32Array
    train_y: Labels
    test_x: Float32Array
    test_y: Labels
    classes: int
    image_shape: tuple[int, ...] | None = None
    validation_x: Float32Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    validation_y: Labels = field(default_factory=lambda: np.zeros(0, np.int64))
    train_texts: tuple[str, ...] = ()
    test_texts: tuple[str, ...] = ()
    corruption: Corrupted | None = None
    scaling: Scaling | None = None

    @property
    def unit(self) -> Float32Array | None:
        """(d,) how far 1 in data units is in each input; ``None`` where these are in data units."""
        return None if self.scaling is None else self.scaling.unit

    def in_data_units(self, x: Float32Array) -> Float32Array:
        """Give inputs of this split (N, d) in data units: distances and pictures are told in these."""
        return x if self.scaling is None else self.scaling.given(x)

    @property
    def features(self) -> int:
        """Number of inputs d."""
        return int(self.train_x.shape[1])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (channels, rows, columns) of a picture, else (numbers,)."""
        return sample_shape(self.features, self.image_shape)

    @property
    def true_y(self) -> Labels:
        """(N,) true class of each training point."""
        return self.train_y if self.corruption is None else self.corruption.true_y

    @property
    def mislabelled(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a training point is given a class that is not its own; a random label that hits it is not."""
        return np.asarray(self.train_y != self.true_y)

    @property
    def noise(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a training point's input was replaced by noise."""
        return np.zeros(len(self.train_y), bool) if self.corruption is None else self.corruption.noise

    @property
    def corrupted(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a training point has a wrong label or an input of noise."""
        return self.mislabelled | self.noise

    def with_training(self, chosen: Indices) -> Split:
        """Give the split that learns from some of its training points.

        Args:
            chosen: (n,) indices of them; one that stands twice is learnt from twice.

        Returns:
            The split.
        """
        known = self.corruption
        kept = None if known is None else Corrupted(known.true_y[chosen], known.noise[chosen])
        texts = tuple(self.train_texts[one] for one in chosen) if self.train_texts else ()
        x, y = self.train_x[chosen], self.train_y[chosen]
        return replace(self, train_x=x, train_y=y, corruption=kept, train_texts=texts)

    @cached_property
    def digest(self) -> str:
        """The first 16 hex digits of the SHA-256 of points and classes, and of what else there is of them."""
        digest = hashlib.sha256()
        validation = (self.validation_x, self.validation_y) if len(self.validation_y) else ()
        truth = (self.true_y, self.noise) if self.corruption is not None else ()
        for array in (self.train_x, self.train_y, self.test_x, self.test_y, *validation, *truth):
            digest.update(str((array.shape, array.dtype.str)).encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The square of the plane that is shown: the data and a tenth more around them, (xmin, xmax, ymin, ymax)."""
        held = [self.validation_x] if len(self.validation_x) else []
        points = np.concatenate([self.train_x, self.test_x, *held]).astype(np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        half = 0.6 * max(float((high - low).max()), 1e-6)
        x, y = (low + high) / 2
        return float(x - half), float(x + half), float(y - half), float(y + half)

    @property
    def is_plane(self) -> bool:
        """Whether the inputs are points of the plane."""
        return self.features == 2


def sample_shape(features: int, image_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """Give the shape of a sample.

    Args:
        features: Numbers of it.
        image_shape: (rows, columns) or (channels, rows, columns) of a picture.

    Returns:
        (channels, rows, columns), or (features,) of what is no picture.
    """
    if image_shape is None:
        return (features,)
    return (1, *image_shape) if len(image_shape) == 2 else image_shape


def identity_of(settings: Mapping[str, Any]) -> str:
    """Give the identity of the data set that has these settings, as plain values."""
    # an encoder is how sentences are read, not which they are: nets that read the same ones in other ways are compared
    points = {name: value for name, value in settings.items() if name != "encoder"}
    return hashlib.sha256(json.dumps(points, sort_keys=True).encode()).hexdigest()[:12]


class DataSet(Model):
    """Base of all data sets."""

    kind: str

    def load(self, seed: int) -> Split:
        """Make or read the points.

        Args:
            seed: Seed of the sample and of the split.

        Returns:
            The split; the same bits for the same seed.
        """
        raise NotImplementedError

    def examples(self, seed: int, part: Literal["train", "test"], chosen: Sequence[int]) -> Examples:
        """Give some points to look at.

        Args:
            seed: Seed of the sample and of the split.
            part: Which of the two parts.
            chosen: m indices within that part.

        Returns:
            Their labels, with inputs or sentences where these can be looked at.

        Raises:
            InvalidInput: If there is no point of an index.
        """
        split = self.load(seed)
        x, y = (split.train_x, split.train_y) if part == "train" else (split.test_x, split.test_y)
        at = index_array(chosen, len(y))
        return Examples(y[at], x[at])

    def problem(self) -> str:
        """Say which of its fields names what cannot be read, beginning with the field; empty where all can."""
        return ""

    @property
    def identity(self) -> str:
        """Hash of the settings: with one seed, equal ones mean equal training and test points."""
        return identity_of(self.model_dump(mode="json"))

    @property
    def size(self) -> int:
        """Number of points in all, training and test."""
        raise NotImplementedError

    @property
    def train_size(self) -> int:
        """Number of training points."""
        raise NotImplementedError

    @property
    def features(self) -> int:
        """Number of inputs of one point."""
        raise NotImplementedError

    @property
    def classes(self) -> int:
        """Number of classes K."""
        raise NotImplementedError

    @property
    def gives(self) -> Literal["numbers", "characters", "tokens"]:
        """What a net reads of a point: numbers, or the numbers of characters or words."""
        return "numbers"

    @property
    def symbols(self) -> int:
        """How many numbers stand for characters or words; 0 where a point is numbers."""
        return 0

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        """(rows, columns) when an input is a grey picture, (3, rows, columns) of a colour picture, plane by plane."""
        return None

    @property
    def ink(self) -> bool:
        """Whether a grey picture is ink on paper, so that 0 is drawn white, and no photograph."""
        return True

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (channels, rows, columns) of a picture, else (numbers,)."""
        return sample_shape(self.features, self.image_shape)

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called; empty when they are called by their numbers."""
        return ()

    @property
    def files(self) -> tuple[Remote, ...]:
        """Published files that it is read from; none where it is made, or comes with a library."""
        return ()

    @property
    def folder(self) -> str:
        """Folder that its files lie in, below that of all sets."""
        return self.kind

    @property
    def parted(self) -> str:
        """How training and test points were told apart, in words."""
        return "as published"

    @property
    def uneven(self) -> bool:
        """Whether one of two classes is so common that accuracy says little: look at the Matthews correlation."""
        return False


class SharedOut(DataSet):
    """Base of the sets that are not split by those who published them."""

    test_share: float = Field(0.25, ge=0, le=0.9, json_schema_extra=in_forms(advanced=True))
    """Share of the points held out for testing."""

    @property
    def parted(self) -> str:
        """How many points were held out, in words."""
        return f"{self.test_share:g} held out"

    @property
    def train_size(self) -> int:
        """Number of points that are not held out."""
        return self.size - round(self.test_share * self.size)


def split_points(x: Float32Array, y: Labels, test_share: float, rng: np.random.Generator, classes: int) -> Split:
    """Shuffle points and hold a share of them out."""
    order = rng.permutation(len(x))
    held = round(test_share * len(x))
    test, train = order[:held], order[held:]
    return Split(x[train], y[train], x[test], y[test], classes)


def index_array(chosen: Sequence[int], available: int) -> npt.NDArray[np.int64]:
    """Give indices as an array.

    Returns:
        (m,) int64.

    Raises:
        InvalidInput: If one of them is not below ``available``.
    """
    at = np.asarray(chosen, np.int64)
    if len(at) and not 0 <= at.min() <= at.max() < available:
        raise InvalidInput(f"There is no point {at.max()} among {available}.", hint=f"Choose 0 to {available - 1}.")
    return at


def fixed_part(available: int, wanted: int) -> npt.NDArray[np.int64]:
    """Choose which of the published training points are used, the same for every run.

    Args:
        available: Published training points.
        wanted: How many of them are used.

    Returns:
        (wanted,) indices in their published order.
    """
    if wanted >= available:
        return np.arange(available)
    return np.sort(np.random.default_rng(0x5E7).permutation(available)[:wanted])
