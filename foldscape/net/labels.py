"""Labels as class numbers, in one place for every net and loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.errors import InvalidInput


def class_numbers(y: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Take labels as class numbers, of any shape and type.

    Args:
        y: Whole numbers from 0 to ``classes`` - 1, also as floats or truth values.
        classes: Number of classes; the labels of a single output are 0 and 1.

    Returns:
        The same as int64.

    Raises:
        InvalidInput: If one is a fraction or beyond the classes.

    Example:
        >>> class_numbers([0.0, 2.0], 3)
        array([0, 2])
    """
    given: NDArray[Any] = np.asarray(y)
    hint = f"This net tells {classes} classes apart: use whole numbers from 0 to {classes - 1}."
    with np.errstate(invalid="ignore"):
        whole = given.astype(np.int64)
    if (whole != given).any():
        raise InvalidInput(f"The labels hold {given[whole != given][0]:g}, which is no class.", hint=hint)
    if whole.size and not (whole.min() >= 0 and whole.max() < classes):
        raise InvalidInput(f"The labels run from {whole.min()} to {whole.max()}.", hint=hint)
    return whole
