"""The nearest training points of a data set, worked out once and kept on disk."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from foldscape.data import store
from foldscape.data.base import Split, index_array
from foldscape.errors import NotPossible
from foldscape.neighbours.distances import Neighbours, nearest
from foldscape.neighbours.representation import Representation, distance_of, representation_for, represented

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights

EDITION = 1
"""Counts up when what is found for the same points changes."""
QUICK = 2_000_000
"""Pairs of points up to which finding is quicker than reading."""


def neighbours_of(split: Split, representation: Representation = "auto", net: Weights | None = None) -> Neighbours:
    """Give the nearest training point of each test point of some data.

    Those of large sets are kept on disk under the digest of the points, so that runs on the same data share them;
    features are the net's own and are found anew.

    Args:
        split: The data.
        representation: What is held against each other; see ``represented``.
        net: The net; for ``features`` only.

    Returns:
        Index and distance of the nearest, (M,) each.

    Raises:
        NotPossible: If there is no such representation of these data, or there are no test points.
    """
    kind = representation_for(representation, split)
    if not len(split.test_y):
        raise NotPossible("There are no test points to be new.", hint="Hold some out with data.test_share.")
    if kind == "features" or _is_quick(split):
        return _found(split, kind, net)
    path = _path(split, kind)
    if (kept := _read(path)) is not None:
        return kept
    found = _found(split, kind, net)
    into = io.BytesIO()
    np.savez(into, index=found.index, distance=found.distance)
    store.keep(path, into.getvalue())
    return found


def neighbours_among(split: Split, chosen: Sequence[int], representation: Representation = "auto") -> Neighbours:
    """Give the nearest training point of some test points, which is quick where those of all are not known yet.

    Args:
        split: The data.
        chosen: m indices of test points.
        representation: What is held against each other, ``features`` excepted; see ``represented``.

    Returns:
        Index and distance of the nearest, (m,) each.

    Raises:
        NotPossible: If there is no such representation of these data.
        InvalidInput: If there is no test point of an index.
    """
    kind = representation_for(representation, split)
    at = index_array(chosen, len(split.test_y))
    kept = None if _is_quick(split) else _read(_path(split, kind))
    if kept is not None:
        return Neighbours(kept.index[at], kept.distance[at])
    texts = tuple(split.test_texts[index] for index in at) if split.test_texts else ()
    some = replace(split, test_x=split.test_x[at], test_y=split.test_y[at], test_texts=texts)
    return _found(some, kind, None)


def _is_quick(split: Split) -> bool:
    return len(split.train_y) * len(split.test_y) <= QUICK


def _path(split: Split, kind: Representation) -> Path:
    return store.folders("neighbours")[-1] / f"{kind}-{_digest(split, kind)}.npz"


def _read(path: Path) -> Neighbours | None:
    if not path.is_file():
        return None
    with np.load(path) as kept:
        return Neighbours(kept["index"], kept["distance"])


def _found(split: Split, kind: Representation, net: Weights | None) -> Neighbours:
    return nearest(*represented(kind, split, net), distance_of(kind))


def _digest(split: Split, kind: Representation) -> str:
    """Name the points by all that their neighbours follow from."""
    said = hashlib.blake2b(f"{EDITION}{kind}".encode(), digest_size=12)
    if kind in ("words", "hashed"):
        for part in (split.train_texts, split.test_texts):
            for sentence in part:
                said.update(sentence.encode() + b"\0")
            said.update(b"\1")
    else:
        for points in (split.train_x, split.test_x):
            said.update(f"{points.shape}{points.dtype}".encode())
            said.update(np.ascontiguousarray(points).data)
    return said.hexdigest()
