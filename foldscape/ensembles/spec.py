"""Which nets make an ensemble, and how it weighs them. Importing it loads no torch."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator

from foldscape.model import Model, held_together
from foldscape.words import RunName

MOST_MEMBERS = 64
CYCLES = "cycles"
"""Stands for the moments at which the cycles of a run's schedule end."""


class Member(Model):
    """One net of an ensemble: a moment of a run."""

    run: RunName
    """The run."""
    step: int | Literal["cycles"] | None = None
    """Updates done at the moment; ``null`` is the newest, ``cycles`` each end of a cycle of the run's schedule."""

    @field_validator("step")
    @classmethod
    def _counts(cls, step: Any) -> Any:
        if isinstance(step, int) and not 0 <= step <= 2**53:
            raise ValueError(f"step {step} counts updates; give 0 or more, cycles, or null for the newest")
        return step

    @property
    def name(self) -> str:
        """Name for people, as ``quiet-heron@800``."""
        return self.run if self.step is None else f"{self.run}@{self.step}"


class EnsembleSpec(Model):
    """An ensemble of recorded nets, measured on the test points that they share."""

    members: tuple[Member, ...] = Field(max_length=MOST_MEMBERS)
    """Its members, in the order in which they are added."""
    weights: Literal["equal", "validation_accuracy"] = "equal"
    """Weight of each member's prediction: all alike, or in proportion to its accuracy on the validation part."""
    points: int = Field(25, ge=3, le=401)
    """Points of the straight line between two members, both included."""

    @field_validator("members", mode="before")
    @classmethod
    def _spelt(cls, given: Any) -> Any:
        """Read ``RUN`` and ``RUN@STEP``."""
        return [member_of(one) if isinstance(one, str) else one for one in given] if _is_list(given) else given

    @held_together
    def _has_members(self) -> Self:
        if not self.members:
            raise ValueError("members name 0 nets; give at least 1, as RUN, RUN@STEP or RUN@cycles")
        return self


def member_of(text: str) -> dict[str, Any]:
    """Read a member as people write it.

    Args:
        text: ``RUN``, ``RUN@STEP`` or ``RUN@cycles``.

    Returns:
        The fields of a ``Member``.

    Example:
        >>> member_of("quiet-heron@800"), member_of("quiet-heron")
        ({'run': 'quiet-heron', 'step': 800}, {'run': 'quiet-heron', 'step': None})
    """
    run, at, step = text.rpartition("@")
    if not at:
        return {"run": step, "step": None}
    return {"run": run, "step": int(step) if step.isascii() and step.isdigit() else step}


def _is_list(given: Any) -> bool:
    return isinstance(given, list | tuple)
