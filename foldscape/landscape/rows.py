"""Points of a plane row by row."""

from __future__ import annotations

from collections.abc import Iterator


def rows_of(values: list[float]) -> Iterator[tuple[range, float]]:
    """Cut some numbers into runs of equal neighbours, each with its value."""
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield range(start, at), values[start]
            start = at
