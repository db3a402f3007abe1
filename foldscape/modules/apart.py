"""Whether a loss is the mean of the losses of single samples: tried out, not believed."""

from __future__ import annotations

from collections.abc import Callable

from foldscape.errors import InvalidInput
from foldscape.modules.samples import Batch

LossOfParts = Callable[[Batch], tuple[float, float]]
"""Gives the mean loss of some samples and what they count."""


def is_apart(value: LossOfParts, some: Batch, rounding: float, *, is_known: bool) -> bool:
    """Hold the loss of a few samples against that of their parts.

    Args:
        value: The loss.
        some: The samples.
        rounding: Relative difference of two losses that rounding explains.
        is_known: Whether what the loss divides by is known, so that only the net can let samples see each other.

    Returns:
        True if the loss is the mean of its parts' losses; also where that cannot be told: one sample, or no cut.

    Raises:
        InvalidInput: If the loss is a sum.
    """

    def same(one: float, other: float) -> bool:
        return not abs(one - other) > rounding * max(abs(one), abs(other))  # What is not finite says nothing.

    whole = value(some)[0]
    if some.size < 2 or not some.divisible:
        return True
    cut = max(1, some.size // 3)
    parts = [value(some.rows(part)) for part in (slice(0, cut), slice(cut, some.size))]
    total = sum(mass for _, mass in parts)
    if not total > 0 or same(whole, sum(loss * mass for loss, mass in parts if mass > 0) / total):
        return True
    if not is_known and same(whole, sum(loss for loss, _ in parts)):
        raise InvalidInput(
            f"The loss is a sum: on {some.size} samples it is {whole:.6g}, as on their two parts together.",
            hint="A mean over the samples is wanted.",
        )
    return False
