"""When and how a net grows by itself: the growth settings at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foldscape.growth.base import GrowthRule
from foldscape.growth.schedule import AtEpochs, ByHand, OnPlateau, Periodic, UntilAccuracy
from foldscape.growth_spec import Growth
from foldscape.training.plateau import PlateauWatch

REST = 10
"""Epochs between two repairs, so that the first can show what it does."""


class GrowthPlan:
    """Watches a run's epochs and says which rule is due.

    Args:
        settings: How the net grows.
        since: Epoch from which a schedule counts.
    """

    def __init__(self, settings: Growth, since: int = 0) -> None:
        self.settings = settings
        self.since = since
        self.births = 0
        self.reached = False
        self._looked_at = -1
        self._repaired_at = -REST
        self._flat = False
        self._losses_at_births: list[float] = []
        schedule = settings.schedule
        watches = isinstance(schedule, OnPlateau | UntilAccuracy)
        self._watch = PlateauWatch(schedule.patience, schedule.min_delta) if watches else None  # type: ignore[union-attr]

    @property
    def watches(self) -> bool:
        """Whether the training loss and accuracy of every epoch are to be shown to ``saw``."""
        return self._watch is not None and not self.over

    @property
    def over(self) -> bool:
        """Whether the schedule has nothing more to do."""
        schedule = self.settings.schedule
        return isinstance(schedule, ByHand) or self.reached or self.births >= schedule.births

    def saw(self, loss: float, accuracy: float) -> bool:
        """Take in an epoch's training loss and accuracy; true at the moment when the accuracy asked for is reached."""
        if self._watch is None or self.over:
            return False
        schedule = self.settings.schedule
        if isinstance(schedule, UntilAccuracy) and accuracy >= schedule.accuracy:
            self.reached = True
            return True
        self._flat = self._watch.is_flat(loss)
        return False

    def due(self, epoch: int) -> bool:
        """Say, at the start of an epoch and once only, whether the schedule asks for a growth."""
        if epoch == self._looked_at or self.over:
            return False
        self._looked_at = epoch
        schedule = self.settings.schedule
        if isinstance(schedule, Periodic):
            number, rest = divmod(epoch - self.since - schedule.start, schedule.every)
            return rest == 0 and 0 <= number < schedule.births
        if isinstance(schedule, AtEpochs):
            return epoch - self.since in schedule.epochs
        due, self._flat = self._flat, False
        return due

    def times(self, rule: GrowthRule, epoch: int) -> list[GrowthRule]:
        """Give the rules by which a growth that is due is carried out, one after another.

        Args:
            rule: What ``rule`` chose.
            epoch: Epochs done.

        Returns:
            The rules, in turn.
        """
        schedule = self.settings.schedule
        if not isinstance(schedule, AtEpochs) or not schedule.counts:
            return [rule]
        count = schedule.counts[schedule.epochs.index(epoch - self.since)]
        at_once = "count" in type(rule).model_fields
        return [rule.model_copy(update={"count": count})] if at_once else [rule] * count

    def rule(self, loss: float) -> GrowthRule:
        """Choose the rule of a growth that is due: deepen where the last two births hardly lowered the loss.

        Args:
            loss: Training loss now.

        Returns:
            The rule.
        """
        deepen = self.settings.deepen
        if deepen is None or len(self._losses_at_births) < 2:
            return self.settings.rule
        first, second = self._losses_at_births[-2:]
        stuck = first - second < deepen.below * first and second - loss < deepen.below * second
        return deepen.rule if stuck else self.settings.rule

    def grew(self, rule: GrowthRule, loss: float) -> None:
        """Take note of a scheduled growth, with the training loss just before it."""
        self.births += 1
        deepen = self.settings.deepen
        if deepen is not None and rule == deepen.rule:
            self._losses_at_births.clear()
        else:
            self._losses_at_births = [*self._losses_at_births[-1:], loss]

    def begin(self) -> None:
        """Watch for a plateau from here on; something has changed."""
        self._flat = False
        if self._watch is not None:
            self._watch.begin()

    def repair(self, epoch: int, dead: Sequence[float]) -> tuple[GrowthRule, ...]:
        """Say at the end of an epoch whether a layer has died, and by which rules, in turn, it is to be woken.

        Args:
            epoch: Epochs done.
            dead: Share of dead units of each hidden layer.

        Returns:
            The rules; none when nothing is to be woken.
        """
        repair = self.settings.repair
        if repair is None or epoch - self._repaired_at < REST:
            return ()
        worst = max(range(len(dead)), key=lambda layer: dead[layer], default=-1)
        if worst < 0 or dead[worst] <= repair.above:
            return ()
        self._repaired_at = epoch
        return repair.rules(worst)

    def state(self) -> dict[str, Any]:
        """Give what a snapshot has to hold."""
        return {
            "settings": self.settings.model_dump(mode="json"),
            "since": self.since,
            "births": self.births,
            "reached": self.reached,
            "looked_at": self._looked_at,
            "repaired_at": self._repaired_at,
            "flat": self._flat,
            "losses_at_births": list(self._losses_at_births),
            "losses": list(self._watch.losses) if self._watch else [],
        }

    @classmethod
    def restored(cls, state: dict[str, Any]) -> GrowthPlan:
        """Give the plan whose ``state`` this was."""
        plan = cls(Growth.model_validate(state["settings"]), state["since"])
        plan.births, plan.reached = state["births"], state["reached"]
        plan._looked_at, plan._repaired_at = state["looked_at"], state["repaired_at"]
        plan._flat, plan._losses_at_births = state["flat"], list(state["losses_at_births"])
        if plan._watch is not None:
            plan._watch.losses = list(state["losses"])
        return plan
