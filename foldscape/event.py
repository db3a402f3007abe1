"""The base of all events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


def of_some(*, compare: bool = True) -> Any:
    """Declare a field that older events lack, or that says something of some only: not written where it is ``None``.

    Args:
        compare: Whether events that differ in it are different ones.

    Returns:
        The field.
    """
    return field(default=None, compare=compare, metadata={"added": True})


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events.

    Attributes:
        step: Updates done when this was measured.
        seq: Place among the events of this step.
    """

    kind: ClassVar[str]
    step: int
    seq: int
