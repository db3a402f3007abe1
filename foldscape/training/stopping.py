"""What ends a run, or lets it rest, at the end of an epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from foldscape.measures.scalars import SCALARS
from foldscape.net.passes import Scores
from foldscape.schedules import Calendar
from foldscape.stop_spec import EarlyStop, StopRule
from foldscape.subject import Subject
from foldscape.training.kept import Kept
from foldscape.training.plateau import PlateauWatch
from foldscape.training.scores import train_scores, validation
from foldscape.training.watch import Best, StoppingMemory

LABELS = {column.name: column.label for column in SCALARS}
HIGHER_IS_BETTER = frozenset(column.name for column in SCALARS if column.better == "higher")


@dataclass(frozen=True)
class Ending:
    """Why a run is over, or pauses.

    Attributes:
        reason: As one word.
        message: In a sentence.
        state: ``done`` or ``paused``.
        data: What else there is to know.
    """

    reason: str
    message: str
    state: str = "done"
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether the run is over."""
        return self.state == "done"


class StoppingJudge:
    """Judges a run at the end of each epoch.

    Args:
        rule: When it ends.
        calendar: Which update falls into which epoch.
        uneven: Whether its data ask for the Matthews correlation.
    """

    def __init__(self, rule: StopRule, calendar: Calendar, *, uneven: bool) -> None:
        self._rule, self._calendar, self._uneven = rule, calendar, uneven
        self._watches = rule.watches

    def saw_epoch(
        self, watch: StoppingMemory, subject: Subject, births: int, keep: Callable[[], Kept]
    ) -> tuple[StoppingMemory, Ending | None]:
        """Take in the end of an epoch.

        Args:
            watch: What is remembered of those before.
            subject: The run at rest.
            births: Growths that stand.
            keep: Gives the net as it is, to come back to.

        Returns:
            What to remember from here on, and whether the run is over or pauses.
        """
        epoch, _ = self._calendar.place(subject.step)
        done = epoch >= self._rule.epochs
        ending = Ending("epochs", f"{self._rule.epochs} epochs are done.") if done else None
        if not self._watches:
            return watch, ending
        ending = ending or self._reached(subject, epoch)
        if self._rule.early_stop is not None:
            watch, early = self._early(self._rule.early_stop, watch, subject, births, keep)
            ending = ending or early
        if ending is None and self._rule.plateau is not None:
            watch, ending = self._plateau(watch, subject)
        return watch, ending

    def to_restore(self, watch: StoppingMemory, step: int) -> Best | None:
        """Give the moment that is to come back at the end of a run; ``None`` where it ends as it is."""
        best = watch.best
        return best if best is not None and best.kept is not None and best.step != step else None

    def _reached(self, subject: Subject, epoch: int) -> Ending | None:
        loss, accuracy = self._rule.train_loss, self._rule.train_accuracy
        if loss is None and accuracy is None:
            return None
        now = train_scores(subject)
        if loss is not None and now.loss <= loss:
            words = f"The training loss is {now.loss:.4g} after {epoch} epochs, at most {loss:g} as asked."
            return Ending("train_loss", words)
        if accuracy is not None and now.accuracy >= accuracy:
            words = (
                f"{now.accuracy:.1%} of the training points are right after {epoch} epochs, {accuracy:.1%} as asked."
            )
            return Ending("train_accuracy", words)
        return None

    def _early(
        self, rule: EarlyStop, watch: StoppingMemory, subject: Subject, births: int, keep: Callable[[], Kept]
    ) -> tuple[StoppingMemory, Ending | None]:
        value = watched(subject, rule.on, uneven=self._uneven)
        if _is_better(value, watch.best, rule):
            kept = keep() if rule.restore == "best" else None
            return replace(watch, best=Best(value, subject.step, births, kept), waited=0), None
        watch = replace(watch, waited=watch.waited + 1)
        if watch.waited < rule.patience:
            return watch, None
        return watch, Ending("early_stop", self._said(rule, watch))

    def _said(self, rule: EarlyStop, watch: StoppingMemory) -> str:
        since = f"The {LABELS[rule.on]} has not become better for {watch.waited} epochs"
        if watch.best is None:
            return f"{since}."
        epoch, _ = self._calendar.place(watch.best.step)
        return f"{since}; its best was {watch.best.value:.4g}, at epoch {epoch}."

    def _plateau(self, watch: StoppingMemory, subject: Subject) -> tuple[StoppingMemory, Ending | None]:
        rule = self._rule.plateau
        assert rule is not None
        seen, now = PlateauWatch(rule.patience, rule.min_delta, list(watch.losses)), train_scores(subject)
        flat = seen.is_flat(now.loss)
        watch = replace(watch, losses=tuple(seen.losses))
        return watch, _stuck(now, pauses=rule.then == "pause") if flat else None


def watched(subject: Subject, name: str, *, uneven: bool) -> float:
    """Give the value of a measure that early stopping watches; NaN where there is none."""
    part, _, what = name.partition("_")
    if part == "train":
        now = train_scores(subject)
        return now.loss if what == "loss" else now.accuracy
    found = getattr(validation(subject, uneven=uneven), what)
    return math.nan if found is None else float(found)


def _is_better(value: float, best: Best | None, rule: EarlyStop) -> bool:
    if best is None or not math.isfinite(value):
        return math.isfinite(value)
    gain = value - best.value if rule.on in HIGHER_IS_BETTER else best.value - value
    return gain > rule.min_delta


def _stuck(now: Scores, *, pauses: bool) -> Ending:
    message = f"Stuck at {now.accuracy:.0%}: the loss has stopped falling."
    if not pauses:
        return Ending("plateau", message)
    return Ending("plateau", message, "paused", {"accuracy": now.accuracy})
