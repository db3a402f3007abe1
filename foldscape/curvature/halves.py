"""Two halves of a sum over samples, on two threads where the process may have two.

The halves are the same whatever the number of threads, and are added in the same order: no bit depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Half = Callable[[], None]

_threads: int | None = None
_helper: ThreadPoolExecutor | None = None


def threads() -> int:
    """Give the number of threads, 1 or 2: what was set, else what ``OMP_NUM_THREADS`` and the processors allow."""
    global _threads
    if _threads is None:
        asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
        _threads = min(2, len(os.sched_getaffinity(0)), int(asked) if asked.isdigit() and int(asked) else 2)
    return _threads


def set_threads(count: int | None) -> None:
    """Set the number of threads; more than 2 are taken for 2, and ``None`` is as many as the environment allows."""
    global _threads
    _threads = None if count is None else max(1, min(2, count))


def run_halves(halves: list[Half]) -> None:
    """Run one or two pieces of work that release the GIL, at the same time if there are threads for it."""
    global _helper
    if len(halves) == 1 or threads() == 1:
        for half in halves:
            half()
        return
    if _helper is None:
        _helper = ThreadPoolExecutor(1, thread_name_prefix="curvature")
    other = _helper.submit(halves[1])
    try:
        halves[0]()
    finally:
        other.result()


def _forget() -> None:
    """Threads do not live on in a forked process."""
    global _helper
    _helper = None


os.register_at_fork(after_in_child=_forget)
