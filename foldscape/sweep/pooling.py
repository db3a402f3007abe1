"""Which runs of a sweep make one ensemble, at equal total epochs. Importing it loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from foldscape.model import Model


class Pooling(Model):
    """Every line of a sweep is one ensemble: nets of several runs, or of the cycles of one.

    Runs of one ensemble differ in their field ``member`` alone, and share ``epochs`` among them: those of a setting
    with 5 members train ``epochs / 5`` each. A setting that names no members is one run of all the epochs, whose nets
    at the ends of its schedule's cycles are the members.
    """

    axis: str = ""
    """The axis whose settings say how many runs an ensemble has; empty is the axis that is compared."""
    epochs: int = Field(60, ge=1, le=1_000_000)
    """Epochs that all runs of an ensemble take together."""
    members: dict[str, int] = Field(default_factory=dict)
    """Number of runs by the setting of the axis; one run, with cycles, where it is not named. Named with 1, a run
    without cycles is an ensemble of one net, to hold the others against."""
    full: tuple[str, ...] = ()
    """Settings whose runs take all the epochs each: references of another price."""
    weights: Literal["equal", "validation_accuracy"] = "equal"
    """Weight of each member's prediction: all alike, or in proportion to its accuracy on the validation part."""

    def runs(self, settings: Mapping[str, str], axis: str) -> int:
        """Give the number of runs of one ensemble with these settings."""
        return self.members.get(settings.get(axis, ""), 1)

    def share(self, plain: dict[str, Any], settings: Mapping[str, str], axis: str) -> None:
        """Give the plain spec of a run its share of the epochs, in place."""
        whole = settings.get(axis, "") in self.full
        plain["stop"]["epochs"] = self.epochs if whole else max(1, self.epochs // self.runs(settings, axis))

    def trouble(self, axis: str, vary: Mapping[str, Mapping[str, Any]]) -> str:
        """Say what of it does not fit the axes of a sweep, beginning with the field; empty when it fits."""
        known = vary.get(axis, {})
        if self.axis and self.axis not in vary:
            return f"ensemble.axis {self.axis} is no axis; choose one of {', '.join(vary) or 'none: vary something'}"
        for field, names in (("members", tuple(self.members)), ("full", self.full)):
            if missing := [name for name in names if name not in known]:
                return f"ensemble.{field} {missing[0]} is no setting of {axis}; choose one of {', '.join(known)}"
        for name, count in self.members.items():
            if not 1 <= count <= 64:
                return f"ensemble.members.{name} {count} is no number of members; use 1 to 64"
            if name not in self.full and self.epochs % count:
                fits = self.epochs - self.epochs % count
                return (
                    f"ensemble.epochs {self.epochs} cannot be shared equally by the {count} members of {name}; "
                    f"use {fits or count}"
                )
        return ""
