"""The record of commands, said again at exactly the steps where they took effect."""

from __future__ import annotations

from collections import deque
from itertools import groupby

from foldscape.commands import Command
from workers.keys import id_pair
from workers.run_log.lease import AppliedCommand


class Replay:
    """Commands that took effect after the checkpoint, in the groups in which they were taken.

    Args:
        record: All commands of the record.
        after: Id of the last command whose effect the checkpoint holds.
    """

    def __init__(self, record: list[AppliedCommand], after: str) -> None:
        later = [item for item in record if id_pair(item.id) > id_pair(after)]
        self._groups = deque(list(group) for _, group in groupby(later, key=lambda item: (item.step, item.group)))
        self.effective = after

    @property
    def is_over(self) -> bool:
        """Whether everything in the record has been said."""
        return not self._groups

    def at(self, step: int) -> list[Command]:
        """Give the next group if it belongs to this step, else nothing.

        Returns:
            Commands that were taken together.

        Raises:
            RuntimeError: When a group's step has passed: the record does not fit the checkpoint.
        """
        if not self._groups or self._groups[0][0].step > step:
            return []
        group = self._groups.popleft()
        if group[0].step < step:
            raise RuntimeError(f"the record has a command at step {group[0].step}, but the run is at step {step}")
        self.effective = group[-1].id
        return [item.command for item in group]

    def allowance(self, step: int, most: int) -> int:
        """Bound a number of updates so that the run stops exactly where the next command takes effect."""
        return max(1, min(most, self._groups[0][0].step - step)) if self._groups else most
