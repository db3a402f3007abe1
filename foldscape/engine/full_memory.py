"""What is said when a batch does not fit into the memory of the device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from foldscape.device import memory_is_full
from foldscape.errors import OutOfMemory

if TYPE_CHECKING:
    import torch

MB = 1e6


@contextmanager
def telling_of_full_memory(batch: int, device: torch.device) -> Iterator[None]:
    """Say what would fit where an update does not.

    Args:
        batch: Points of its batch.
        device: Where it is computed.

    Raises:
        OutOfMemory: If the memory does not hold it, with half of the batch as the way out.
    """
    try:
        yield
    except Exception as error:
        if not memory_is_full(error):
            raise
        half = max(1, batch // 2)
        way = f"Fork it with batch {half}" if batch > 1 else "Take a smaller net"
        raise OutOfMemory(
            f"A batch of {batch} does not fit into the memory of the {_called(device)}{_room(device)}.",
            hint=f"{way}, or free memory there and resume it: it goes on from its last checkpoint.",
        ) from error


def _called(device: torch.device) -> str:
    return "card" if device.type == "cuda" else "machine"


def _room(device: torch.device) -> str:
    """Say how much of a card is free, now that the batch has been given up."""
    if device.type != "cuda":
        return ""
    import torch

    torch.cuda.empty_cache()
    free, whole = torch.cuda.mem_get_info(device)
    return f", {free / MB:,.0f} of whose {whole / MB:,.0f} MB are free without it"
