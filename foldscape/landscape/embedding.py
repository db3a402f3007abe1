"""A run's parameters of all moments in one space, although the net grew.

The space is that of the last moment. A parameter that was not born yet stands, before its birth, at the value it had
when it was first seen: growth that keeps the function gives it exactly the value that it was born with.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.vectors import dense_blocks, flattened


@dataclass(frozen=True)
class MomentNet:
    """A dense net of one moment of a run.

    Attributes:
        step: Updates done.
        weights: One (out, in) array a layer, the output layer last.
        biases: One (out,) array a layer.
        units: One (width,) array a hidden layer: the lasting id of each unit.
    """

    step: int
    weights: tuple[NDArray[np.floating], ...]
    biases: tuple[NDArray[np.floating], ...]
    units: tuple[NDArray[np.integer], ...]


@dataclass(frozen=True)
class Embedded:
    """A path in one parameter space.

    Attributes:
        thetas: (T, P) float64, the last one the final net.
        steps: (T,) updates done.
        born: (T,) parameters that came to life at each moment; 0 where the net did not grow.
        blocks: The block table of the final net.
    """

    thetas: Vector
    steps: NDArray[np.int64]
    born: NDArray[np.int64]
    blocks: tuple[Block, ...]

    @property
    def births(self) -> NDArray[np.int64]:
        """Moments at which the net had grown, as indices into the path."""
        return np.flatnonzero(self.born[1:]) + 1


def embed(moments: Sequence[MomentNet], copies: Collection[int] = ()) -> Embedded:
    """Lay a run's moments into the parameter space of the last.

    Units are recognised by their lasting ids, wherever they stand in their layer. A layer that was put in between is
    passed over only if it began as a copy of the layer before it.

    Args:
        moments: In the order of their steps.
        copies: Lasting ids of the first units of layers that were put in as a copy (growth rule ``identity_layer``).

    Returns:
        (moments, P) parameters, and how many were born with each moment.

    Raises:
        InvalidInput: If there is no moment.
        NotPossible: If a parameter of an earlier moment is not there in the end, as after a growth that was taken
            back or that built other layers.
    """
    if not moments:
        raise InvalidInput("A path without moments cannot be drawn.", hint="Give at least one net.")
    final = moments[-1]
    blocks = dense_blocks(final.weights)
    size = blocks[-1].offset + blocks[-1].numel
    thetas, is_known = np.zeros((len(moments), size)), np.zeros((len(moments), size), bool)
    for row, known, moment in zip(thetas, is_known, moments, strict=True):
        places = _places(moment, final, blocks, copies)
        row[places] = flattened(moment.weights, moment.biases)
        known[places] = True
    return lived(thetas, is_known, [moment.step for moment in moments], blocks)


def lived(
    thetas: Vector, is_known: NDArray[np.bool_], steps: Sequence[int], blocks: tuple[Block, ...]
) -> Embedded:  # fmt: skip
    """Let each parameter stand, before its birth, at the value that it was born with.

    Args:
        thetas: (T, P) parameters where they are known; filled in place.
        is_known: (T, P) whether they are; all of the last are.
        steps: (T,) updates done.
        blocks: The block table of the last.

    Returns:
        (moments, P) parameters, and how many were born with each moment.
    """
    first = is_known.argmax(axis=0)
    for t in range(len(thetas)):
        unborn = np.flatnonzero(first > t)
        thetas[t, unborn] = thetas[first[unborn], unborn]
    return Embedded(thetas, np.array(steps, np.int64), np.bincount(first, minlength=len(thetas)), blocks)


def beginning(moments: Sequence[MomentNet], copies: Collection[int] = ()) -> int:
    """Give the first moment from which on all can be embedded in the last: layers that were replaced end a path.

    Args:
        moments: In the order of their steps, at least one.
        copies: As for ``embed``.

    Returns:
        Its number; 0 when the whole path can be embedded.
    """
    final = moments[-1]
    blocks = dense_blocks(final.weights)
    for index in range(len(moments) - 2, -1, -1):
        try:
            _places(moments[index], final, blocks, copies)
        except NotPossible:
            return index + 1
    return 0


def _places(
    moment: MomentNet, final: MomentNet, blocks: Sequence[Block], copies: Collection[int]
) -> NDArray[np.int64]:  # fmt: skip
    """Give for each parameter of a moment its index in the final vector."""
    lost = NotPossible(
        f"At step {moment.step} the net had a connection that it does not have at step {final.step}.",
        hint="Start the path after the layers were changed, or end it before the growth was taken back.",
    )
    places: list[NDArray[np.int64]] = []
    for layer, weight in enumerate(moment.weights):
        into = _layer_of(moment, final, layer)
        if into is None:
            raise lost
        matrix, bias = blocks[2 * into : 2 * into + 2]
        ends = _ids(final, into)
        rows = _found(_ids(moment, layer), ends) if layer < len(moment.units) else np.arange(len(weight))
        columns = np.arange(weight.shape[1])
        if layer > 0:
            before = _ids(final, into - 1) if into else np.zeros(0, np.int64)
            is_copy = into > 0 and int(before[0]) in copies and not np.isin(before, _ids(moment, layer - 1)).any()
            columns = columns if is_copy else _found(_ids(moment, layer - 1), before)
        elif into > 0:
            raise lost
        if (rows < 0).any() or (columns < 0).any() or columns.max() >= matrix.shape[1]:
            raise lost
        places += [(matrix.offset + rows[:, None] * matrix.shape[1] + columns).ravel(), bias.offset + rows]
    return np.concatenate(places)


def _layer_of(moment: MomentNet, final: MomentNet, layer: int) -> int | None:
    """Give the final layer that a layer goes on in: the one that shares its units, or the output layer."""
    if layer == len(moment.units):
        return len(final.units)
    own = moment.units[layer]
    return next((at for at, ids in enumerate(final.units) if np.isin(own, ids).any()), None)


def _ids(moment: MomentNet, layer: int) -> NDArray[np.int64]:
    return np.asarray(moment.units[layer], np.int64) if layer < len(moment.units) else np.zeros(0, np.int64)


def _found(ids: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the place of each id, -1 where it is not there."""
    places = {int(unit): place for place, unit in enumerate(among)}
    return np.array([places.get(int(unit), -1) for unit in ids], np.int64)
