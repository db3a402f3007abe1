"""When a net grows by itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from foldscape.model import Model, held_together


class ByHand(Model):
    """The net grows when somebody presses the button."""

    kind: Literal["by_hand"] = "by_hand"


class Periodic(Model):
    """The net grows every so many epochs."""

    kind: Literal["periodic"] = "periodic"
    start: int = Field(5, ge=0)
    """Epochs until the first birth."""
    every: int = Field(10, ge=1)
    """Epochs between births."""
    births: int = Field(3, ge=1, le=4096)
    """Number of births."""


class AtEpochs(Model):
    """The net grows at given epochs, once or several times over."""

    kind: Literal["at_epochs"] = "at_epochs"
    epochs: tuple[Annotated[int, Field(ge=0)], ...] = Field((5,), min_length=1, max_length=4096)
    """Epochs of the births, ascending, counted from when the schedule was set."""
    counts: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = ()
    """How many units at each: a rule that adds several at once (``count``) adds so many, another is carried out so
    often; empty is once each, as the rule says."""

    @held_together
    def _fits_together(self) -> Self:
        if list(self.epochs) != sorted(set(self.epochs)):
            raise ValueError(f"epochs {list(self.epochs)} must ascend, each once; sort them")
        if self.counts and len(self.counts) != len(self.epochs):
            raise ValueError(f"{len(self.counts)} counts do not fit {len(self.epochs)} epochs; give one each or none")
        return self

    @property
    def births(self) -> int:
        """Number of moments at which it grows."""
        return len(self.epochs)


class OnPlateau(Model):
    """The net grows whenever its training loss has stopped falling."""

    kind: Literal["on_plateau"] = "on_plateau"
    patience: int = Field(40, ge=2, le=100_000)
    """Epochs to look back."""
    min_delta: float = Field(0.01, ge=0, le=1)
    """Share by which the loss has to fall within the patience."""
    births: int = Field(8, ge=1, le=4096)
    """Number of births."""


class UntilAccuracy(Model):
    """The net grows on every plateau until so many of its training points are right."""

    kind: Literal["until_accuracy"] = "until_accuracy"
    accuracy: float = Field(0.99, gt=0, le=1)
    """Share of the training points that has to be right."""
    patience: int = Field(40, ge=2, le=100_000)
    """Epochs to look back."""
    min_delta: float = Field(0.01, ge=0, le=1)
    """Share by which the loss has to fall within the patience."""
    births: int = Field(64, ge=1, le=4096)
    """Births at the most."""
    then: Literal["go_on", "pause", "stop"] = "go_on"
    """What to do once the accuracy is reached."""


GrowthScheduleSpec = Annotated[ByHand | Periodic | AtEpochs | OnPlateau | UntilAccuracy, Field(discriminator="kind")]
