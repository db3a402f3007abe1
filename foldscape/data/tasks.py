"""Classes shared out to tasks that are learnt one after another, as CIFAR-100 in 10 or 20 tasks."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import Indices
from foldscape.data.base import Split
from foldscape.errors import InvalidInput


def class_tasks(classes: int, tasks: int, seed: int | None = None) -> tuple[tuple[int, ...], ...]:
    """Share classes out to tasks of equal size, as "Split CIFAR-100" has it (Zenke et al. 2017, arXiv 1703.04200).

    Args:
        classes: Number of classes K.
        tasks: Number of tasks, which divides K.
        seed: Seed of the order in which classes are taken (Rebuffi et al. 2017, arXiv 1611.07725, draw one); ``None``
            takes them by their numbers.

    Returns:
        The classes of each task.

    Raises:
        InvalidInput: If so many tasks cannot have equally many classes.

    Example:
        >>> class_tasks(100, 20)[1]
        (5, 6, 7, 8, 9)
    """
    if not 1 <= tasks <= classes or classes % tasks:
        fits = ", ".join(str(count) for count in range(1, classes + 1) if classes % count == 0)
        raise InvalidInput(
            f"{classes} classes cannot be shared out equally to {tasks} tasks.", hint=f"Choose one of {fits}."
        )
    order = np.arange(classes) if seed is None else np.random.default_rng(seed).permutation(classes)
    return tuple(tuple(each.tolist()) for each in np.split(order, tasks))


def points_of(split: Split, classes: tuple[int, ...]) -> tuple[Indices, Indices]:
    """Give the points of some classes.

    Args:
        split: The data.
        classes: The classes, as those of one task.

    Returns:
        Their places among the training points, and among the test points.
    """
    return np.flatnonzero(np.isin(split.train_y, classes)), np.flatnonzero(np.isin(split.test_y, classes))
