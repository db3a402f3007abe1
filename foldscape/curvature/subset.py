"""Which samples a curvature number is measured on: all of them, or one fixed draw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.errors import InvalidInput

LIMIT = 2000
SEED = 12345


@dataclass(frozen=True)
class ProbeSubset:
    """The samples a curvature number stands on.

    Attributes:
        indices: Sorted sample numbers of shape (samples,), int64.
        hash: First 16 hex digits of the SHA-256 of those numbers; two curvature values may be
            compared only if their hashes (and data sets) agree.
        whole: True if every sample is used.
    """

    indices: NDArray[np.int64]
    hash: str
    whole: bool

    def __len__(self) -> int:
        return len(self.indices)


def probe_subset(n: int, *, limit: int = LIMIT, seed: int = SEED) -> ProbeSubset:
    """Choose the samples for every curvature number of a run.

    Small sets are used whole. A larger one is represented by one draw that depends on nothing but
    its size, so that curves over a whole run, and over several runs on the same data, compare.

    Args:
        n: Samples in the training set, at least 1.
        limit: Largest set that is used whole; also the size of the draw.
        seed: Seed of the draw.

    Returns:
        The chosen sample numbers with their hash.

    Raises:
        InvalidInput: If ``n`` or ``limit`` is below 1.

    Example:
        >>> len(probe_subset(400)), probe_subset(400).whole
        (400, True)
        >>> len(probe_subset(60000)), probe_subset(60000).whole
        (2000, False)
    """
    if n < 1 or limit < 1:
        raise InvalidInput(f"Cannot draw at most {limit} of {n} samples.", hint="Give at least one sample.")
    whole = n <= limit
    drawn = np.arange(n) if whole else np.random.default_rng(seed).choice(n, size=limit, replace=False)
    indices = np.sort(drawn).astype(np.int64)
    digest = hashlib.sha256(indices.astype("<i8").tobytes()).hexdigest()[:16]
    return ProbeSubset(indices, digest, whole)
