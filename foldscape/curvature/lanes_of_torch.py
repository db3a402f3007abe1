"""A sum over parts of the data on two threads, each with one thread of torch's.

Parts that are worked on apart meet once, torch's own threads after every operation (``modules.torch_threads``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

from foldscape.curvature.halves import threads
from foldscape.modules.torch_threads import one_torch_thread

TorchWork = Callable[[], torch.Tensor]

_pool: ThreadPoolExecutor | None = None


def added_up(works: Sequence[TorchWork]) -> torch.Tensor:
    """Add what pieces of work give that change nothing they share.

    Every second piece belongs to one lane. The lanes and the order within them are the same whatever the number of
    threads, and no bit depends on it.

    Args:
        works: At least one piece; all give tensors of one shape.

    Returns:
        The sum.
    """
    sums: list[torch.Tensor | None] = [None, None]

    def run(lane: int) -> None:
        for work in works[lane::2]:
            found, before = work(), sums[lane]
            sums[lane] = found if before is None else before + found

    lanes = range(min(2, len(works)))
    if threads() == 1 or len(works) == 1:
        with one_torch_thread():
            for lane in lanes:
                run(lane)
    else:
        list(_lanes().map(run, lanes))
    first, second = sums
    assert first is not None
    return first if second is None else first + second


def _lanes() -> ThreadPoolExecutor:
    """Give two threads that keep torch to one thread each: telling it so anew each time takes a third of a pass."""
    global _pool
    if _pool is None:
        before = torch.get_num_threads()
        both_are_there = threading.Barrier(2)
        _pool = ThreadPoolExecutor(2, thread_name_prefix="torch-lane")

        def begin(_: int) -> None:
            torch.set_num_threads(1)
            both_are_there.wait()

        list(_pool.map(begin, range(2)))
        torch.set_num_threads(before)  # of the process; the two keep theirs
    return _pool


def _forget() -> None:
    """Threads do not live on in a forked process."""
    global _pool
    _pool = None


os.register_at_fork(after_in_child=_forget)
