"""The points of a run, from what decides them: data set, seed, validation part, corruption."""

from __future__ import annotations

from functools import lru_cache

from foldscape.data.base import DataSet, Split
from foldscape.data.corruption import Corruption, corrupted
from foldscape.data.scaling import Normalise, as_read
from foldscape.data.validation import with_validation


def load(
    data: DataSet, seed: int, validation_share: float, corruption: Corruption, normalise: Normalise = "none"
) -> Split:
    """Make or read the points of a run: the validation part is drawn first, so that it and the test part stay clean.

    Args:
        data: The data set.
        seed: Seed of sample, split and corruption.
        validation_share: Share of the training points held out.
        corruption: What is done to those that are left.
        normalise: How the net is to read the inputs.

    Returns:
        Training, validation and test points; the same bits for the same arguments.

    Raises:
        FieldRefused: If the validation part would leave a class without points.
    """
    if normalise != "none":
        return _normalised(data, seed, validation_share, corruption, normalise)
    if corruption:
        return _corrupted(data, seed, validation_share, corruption)
    return with_validation(data.load(seed), validation_share, seed)


@lru_cache(maxsize=1)  # all of CIFAR-10 is 737 MB
def _normalised(
    data: DataSet, seed: int, validation_share: float, corruption: Corruption, normalise: Normalise
) -> Split:
    """Normalise once for all runs of a sweep on the same points."""
    return as_read(load(data, seed, validation_share, corruption), normalise)


@lru_cache(maxsize=2)
def _corrupted(data: DataSet, seed: int, validation_share: float, corruption: Corruption) -> Split:
    """Corrupt once for all runs of a sweep on the same points."""
    return corrupted(with_validation(data.load(seed), validation_share, seed), corruption, seed)
