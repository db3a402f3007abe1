"""Data cut so that derivatives of one part at a time fit into memory, and what of them is kept."""

from __future__ import annotations

from typing import NamedTuple

import torch

from foldscape.modules.mean_loss import Chunk, MeanLoss
from foldscape.modules.room import bytes_kept, keep_memory
from foldscape.modules.samples import Batch

FEW = (4, 12)
"""Samples on which memory is measured."""
OF_PART = 2**28
"""Bytes that are kept for second derivatives on one part: small enough for memory to be used again and again."""
OF_ALL = 2**31
"""Bytes that are kept between products."""
WHOLE = 2
"""Parts that are kept where a sample alone takes no memory that could be measured."""


class SampleParts(NamedTuple):
    """The samples in parts.

    Attributes:
        chunks: The parts, an even number of equal ones where there are several.
        kept: How many of them keep what a product needs until the next; the rest are run again for each.
    """

    chunks: tuple[Chunk, ...]
    kept: int


def parts_at_once(mean: MeanLoss, point: torch.Tensor) -> SampleParts:
    """Cut data by the memory that second derivatives of a sample's loss take.

    Args:
        mean: The loss, with its net in place.
        point: The parameters in place, which ask for gradients.

    Returns:
        The parts; of a loss that is no mean over samples those that it has.
    """
    keep_memory()
    each = _bytes_each(mean, point) if mean.is_apart else None
    if each is None:
        return SampleParts(mean.chunks, len(mean.chunks) if len(mean.chunks) <= WHOLE else 0)
    size = max(1, min(mean.chunk, int(OF_PART / each)))
    count = -(-mean.samples // size)
    count += count % 2 if count > 1 else 0
    size = -(-mean.samples // count)
    return SampleParts(mean.cut(size), int(OF_ALL / (each * size)))


def twice_differentiable(mean: MeanLoss, point: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Give the gradient of some samples' mean loss, ready to be differentiated again."""
    return torch.autograd.grad(mean.at(point, batch), point, create_graph=True)[0]


def _bytes_each(mean: MeanLoss, point: torch.Tensor) -> float | None:
    few = [mean.data.some(count) for count in FEW]
    more = few[1].size - few[0].size
    if more <= 0 or not all(batch.divisible for batch in few):
        return None
    kept = [bytes_kept(lambda batch=batch: twice_differentiable(mean, point, batch)) for batch in few]  # type: ignore[misc]
    return max(1.0, (kept[1] - kept[0]) / more)
