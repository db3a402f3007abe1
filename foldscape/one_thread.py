"""One BLAS thread for a while: where more would wait for each other, or make the last bits depend on their number."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

_lock = threading.Lock()
_inside = 0
_limited: list[tuple[Any, int]] = []
"""The libraries that were set to one thread, each with the threads that it had."""


@lru_cache
def _libraries(with_scipy: bool) -> list[Any]:
    """Find the BLAS that is loaded, of which numpy and scipy have one each; the looking takes some milliseconds."""
    from threadpoolctl import ThreadpoolController

    del with_scipy
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread for a while.

    The number of threads belongs to the process: of several users at once the first sets it, and the last puts it back.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside
    with _lock:
        if _inside == 0:
            found = _libraries("scipy.linalg" in sys.modules)
            threads = [(library, library.num_threads) for library in found]
            _limited[:] = [(library, count) for library, count in threads if count > 1]
            for library, _ in _limited:
                library.set_num_threads(1)
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _put_back()


def _put_back() -> None:
    for library, before in _limited:
        library.set_num_threads(before)


def _forget() -> None:
    """No thread that was inside lives on in a forked process."""
    global _inside
    if _inside:
        _inside = 0
        _put_back()


os.register_at_fork(after_in_child=_forget)
