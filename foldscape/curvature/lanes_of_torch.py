"""A sum over parts of the data on two threads, each with one thread of torch's.

Parts that are worked on apart meet once, torch's own threads after every operation (``modules.torch_threads``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from foldscape.curvature.halves import run_halves
from foldscape.modules.torch_threads import one_torch_thread

TorchWork = Callable[[], torch.Tensor]


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
        with one_torch_thread():
            for work in works[lane::2]:
                found, before = work(), sums[lane]
                sums[lane] = found if before is None else before + found

    run_halves([lambda lane=lane: run(lane) for lane in range(min(2, len(works)))])  # type: ignore[misc]
    first, second = sums
    assert first is not None
    return first if second is None else first + second
