"""How many threads torch takes within one operation.

Its threads meet after every operation. Where others use the machine too, each of those meetings waits until all of them
had their turn on a processor: on two busy cores a net was seen to run thirty times slower than on one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Keep torch to one thread within an operation, for the thread that is in here: on few samples, or beside another.

    Torch has such a number for every thread, and another that it hands to threads that are new to it.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
