"""The base of all events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


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
