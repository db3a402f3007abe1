"""Matthews correlation: how far answers and truth go together, whatever the sizes of the classes (Gorodkin 2004)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def matthews(truth: npt.NDArray[np.integer], answer: npt.NDArray[np.integer], classes: int) -> float:
    """Give the Matthews correlation, of two classes or more.

    Args:
        truth: (N,) classes.
        answer: (N,) what a net answers.
        classes: Number of classes K.

    Returns:
        1 when all are right, 0 for chance or one answer throughout, at least -1.
    """
    truly, said = (np.bincount(each, minlength=classes).astype(np.float64) for each in (truth, answer))
    n, right = len(truth), float((truth == answer).sum())
    spread = (n * n - said @ said) * (n * n - truly @ truly)
    return float((right * n - truly @ said) / np.sqrt(spread)) if spread > 0 else 0.0
