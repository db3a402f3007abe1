"""One BLAS thread where more harm: products of a tall, narrow array with a vector, of which Lanczos makes many.

Such a product takes microseconds; to wake a second thread takes longer, and on a busy machine to wait for it far more.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from foldscape.curvature.operator import HessianOperator

ONE_THREAD_UP_TO = 20_000
"""Parameters up to which Lanczos gains nothing from a second thread in BLAS."""

_lock = threading.Lock()
_inside = 0
_before: list[int] = []


@lru_cache
def _libraries() -> list[Any]:
    """Find the BLAS that numpy has loaded; the looking takes some milliseconds."""
    from threadpoolctl import ThreadpoolController

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


@contextmanager
def lanczos_threads(operator: HessianOperator) -> Iterator[None]:
    """Keep BLAS to one thread while a small operator's products are taken, unless those run in BLAS themselves.

    The number of threads belongs to the process: of several users at once the first sets it, and the last puts it back.
    """
    if operator.in_blas or operator.size > ONE_THREAD_UP_TO:
        yield
        return
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside
    with _lock:
        if _inside == 0:
            _before[:] = [library.num_threads for library in _libraries()]
            _set(1 for _ in _before)
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _set(_before)


def _set(counts: Iterable[int]) -> None:
    for library, before, count in zip(_libraries(), _before, counts, strict=True):
        if before > 1:  # else there is nothing to limit, and nothing to put back
            library.set_num_threads(count)


def _forget() -> None:
    """No thread that was inside lives on in a forked process."""
    global _inside
    if _inside:
        _inside = 0
        _set(_before)


os.register_at_fork(after_in_child=_forget)
