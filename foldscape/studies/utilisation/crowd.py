"""Many nets of one shape, spread over several draws of a data set: train them, and count what each has right."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.data.base import Split
from foldscape.engine.base import Memory
from foldscape.engine.compiled_many import ManyNets
from foldscape.net.mlp import Weights
from foldscape.optimizer import Adam
from foldscape.studies.utilisation.methods import LEARNING_RATE
from foldscape.studies.utilisation.spec import CHUNK

Slots = Sequence[slice]
"""Which of the nets learn each draw of the data set."""


class Crowd:
    """Full-batch training of nets with one hidden layer of ReLU units.

    Args:
        nets: The nets to start from.
        memories: What each one's optimiser remembers; ``None`` starts afresh.
        draws: The points of each draw.
        places: Which nets learn each draw.
        threads: Threads to train on; ``None`` is one a processor. They change no bit.

    Attributes:
        width: Hidden units of each net.
    """

    def __init__(
        self, nets: Sequence[Weights], memories: Sequence[Memory] | None, draws: Sequence[Split], places: Slots,
        threads: int | None,
    ) -> None:  # fmt: skip
        self.width = nets[0].hidden[0]
        self._draws = draws
        self._threads = threads or len(os.sched_getaffinity(0))
        self._parts: list[tuple[int, ManyNets]] = []
        for draw, place in enumerate(places):
            for piece in _pieces(place, -(-self._threads // len(draws))):
                self._parts.append((draw, _many(nets[piece], memories[piece] if memories else None, draws[draw])))
        self._order = np.arange(len(draws[0].train_x) * CHUNK)

    @property
    def nets(self) -> list[Weights]:
        """The nets as they are."""
        return [net for _, many in self._parts for net in many.weights]

    @property
    def memories(self) -> list[Memory]:
        """What each net's optimiser remembers."""
        return [memory for _, many in self._parts for memory in many.memories]

    def train(self, updates: int) -> None:
        """Do so many updates, a multiple of ``CHUNK``, of every net."""

        def train(part: tuple[int, ManyNets]) -> None:
            for _ in range(updates // CHUNK):
                part[1].train_epoch(self._order)

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(train, self._parts))

    def right(self) -> npt.NDArray[np.int64]:
        """Count the points that each net has right: (nets,)."""
        return np.concatenate([right(many.stacked, self._draws[draw]) for draw, many in self._parts])


def right(parts: Sequence[FloatArray], data: Split) -> npt.NDArray[np.int64]:
    """Count the right answers of each net.

    Args:
        parts: The nets, as ``outputs`` takes them.
        data: The points.

    Returns:
        (nets,) counts.
    """
    said = outputs(parts, data.train_x)
    counts: npt.NDArray[np.int64] = ((said[1] > said[0]) == (data.train_y == 1)).sum(axis=1)
    return counts


def outputs(parts: Sequence[FloatArray], x: FloatArray) -> FloatArray:
    """Give the outputs of nets with one hidden layer of ReLU units and two classes.

    The units are summed one after another, so a last unit with outgoing weights of zero changes no bit.

    Args:
        parts: The arrays of ``Weights.flat``, each with the nets in front: (nets, m, d), (nets, m), (nets, 2, m),
            (nets, 2).
        x: (N, d) points.

    Returns:
        (2, nets, N) outputs.
    """
    incoming, biases, outgoing, out_biases = parts
    said = np.repeat(out_biases.T[:, :, None], len(x), axis=2)
    for unit in range(biases.shape[1]):
        z = np.repeat(biases[:, unit, None], len(x), axis=1)
        for feature in range(x.shape[1]):
            z += incoming[:, unit, feature, None] * x[:, feature]
        np.maximum(z, 0, out=z)
        for k in range(2):
            said[k] += outgoing[:, k, unit, None] * z
    return said


def stack(nets: Sequence[Weights]) -> list[FloatArray]:
    """Put nets of one shape side by side, as ``outputs`` takes them."""
    return [np.stack(parts) for parts in zip(*(net.flat() for net in nets), strict=True)]


def _many(nets: Sequence[Weights], memories: Sequence[Memory] | None, data: Split) -> ManyNets:
    # An epoch of repeated points, each batch the whole set, is so many full-batch updates in one call.
    x, y = np.tile(data.train_x, (CHUNK, 1)), np.tile(data.train_y, CHUNK)
    many = ManyNets(nets, Adam(lr=LEARNING_RATE), x, y, len(data.train_x), threads=1)
    if memories is not None:
        many.load(nets, memories)
    return many


def _pieces(place: slice, pieces: int) -> list[slice]:
    ends = np.linspace(place.start, place.stop, pieces + 1).astype(int).tolist()
    return [slice(start, end) for start, end in itertools.pairwise(ends) if end > start]
