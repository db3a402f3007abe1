"""When a run ends or pauses by itself. Importing it does not import torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from foldscape.measures.scalars import SCALARS
from foldscape.model import Model, added, in_forms

WATCHED = tuple(
    column.name
    for column in SCALARS
    if column.better != "neither" and column.name.partition("_")[0] in ("train", "validation")
)
"""The measures that early stopping may watch: of the training and the validation points, never of the test points."""

if TYPE_CHECKING:
    WatchedName = str
else:
    WatchedName = Literal[WATCHED]


class Plateau(Model):
    """The training loss has stopped falling."""

    patience: int = Field(60, ge=1, le=100_000)
    """Epochs to look back."""
    min_delta: float = Field(0.01, ge=0, le=1)
    """Share by which the loss has to fall within the patience."""
    then: Literal["pause", "stop"] = "pause"
    """Whether the run then waits for a hand, or ends."""


class EarlyStop(Model):
    """A measure has not become better for a while (Prechelt 1998, Early Stopping - But When?)."""

    on: WatchedName = "validation_loss"
    """What is watched, of the validation or the training points."""
    patience: int = Field(20, ge=1, le=100_000)
    """Epochs without a better value; a growth and a new learning rate begin them anew."""
    min_delta: float = Field(0.0, ge=0, le=1e6)
    """By how much a value has to be better than the best one."""
    restore: Literal["best", "none"] = "best"
    """Whether the run ends with the net and the optimiser's memory of the best moment, or as it then is."""

    @field_validator("on", mode="before")
    @classmethod
    def _is_no_test(cls, given: Any) -> Any:
        if isinstance(given, str) and given.startswith("test_"):
            raise ValueError(
                f"{given[:40]} would choose the moment by the test points, which then no longer tell how the net does "
                f"on points that had no say; use validation_{given[5:45]}"
            )
        return given


class StopRule(Model):
    """When a run ends or pauses by itself."""

    epochs: int = Field(2000, ge=1, le=1_000_000)
    """The run is done after so many epochs."""
    plateau: Plateau | None = None
    """Also when the loss no longer falls."""
    train_loss: float | None = added(None, gt=0, le=1e6, json_schema_extra=in_forms(advanced=True))
    """Also at the end of the first epoch whose training loss is at or below this."""
    train_accuracy: float | None = added(None, gt=0, le=1, json_schema_extra=in_forms(advanced=True))
    """Also at the end of the first epoch whose training accuracy is at or above this."""
    early_stop: EarlyStop | None = added(None)
    """Also when a measure has not become better for a while."""

    @property
    def watches(self) -> bool:
        """Whether anything but the number of epochs can end or pause the run."""
        others = (self.plateau, self.train_loss, self.train_accuracy, self.early_stop)
        return any(other is not None for other in others)
