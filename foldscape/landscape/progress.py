"""How far a long measurement is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

ProgressCallback = Callable[[int, int], None]
"""A function of the points done and the points in all."""


@contextmanager
def progress_callback(progress: bool | ProgressCallback, total: int) -> Iterator[ProgressCallback]:
    """Give the function to tell progress to.

    Args:
        progress: That function; ``True`` for a bar, if tqdm is installed; ``False`` for nothing.
        total: Points in all.

    Yields:
        A function of the points done and the points in all.
    """
    if callable(progress):
        yield progress
    elif progress and find_spec("tqdm"):
        with import_module("tqdm.auto").tqdm(total=total, unit="point") as bar:
            yield lambda done, _: _advance(bar, done)
    else:
        yield lambda done, total: None


def _advance(bar: Any, done: int) -> None:
    bar.update(done - bar.n)
