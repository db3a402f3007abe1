"""When a net grows by itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from foldscape.model import Model


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


Schedule = Annotated[ByHand | Periodic | OnPlateau | UntilAccuracy, Field(discriminator="kind")]
