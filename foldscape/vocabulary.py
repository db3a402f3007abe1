"""The words that pages, command line, exports and documentation share: each has its one home here.

What a measure is called stands with its column (``foldscape.measures``), what a growth rule is called with the rule.
The pages read ``frontend/assets/vocabulary.mjs``, which ``python -m frontend.vocabulary`` writes from all of these.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class ClockWords(NamedTuple):
    """What is said of a clock by which runs are compared.

    Attributes:
        equal: What is equal at a reading of it.
        name: What it counts, as the title of an axis.
        short: The same in one word.
        unit: Its unit.
    """

    equal: str
    name: str
    short: str
    unit: str

    def axis(self, unit: str = "") -> str:
        """Give the title of its axis.

        Args:
            unit: Another unit, where the runs have one of their own.

        Returns:
            What is counted, with its unit where that is another word.

        Example:
            >>> CLOCKS["flops"].axis(), CLOCKS["epochs"].axis()
            ('compute (FLOPs)', 'epochs')
        """
        said = unit or self.unit
        return self.name if said == self.name else f"{self.name} ({said})"


CLOCKS = {
    "loss": ClockWords("equal training loss", "training loss", "loss", "nats"),
    "updates": ClockWords("equal updates", "updates", "updates", "updates"),
    "epochs": ClockWords("equal epochs", "epochs", "epochs", "epochs"),
    "flops": ClockWords("equal compute", "compute", "compute", "FLOPs"),
    "seconds": ClockWords("equal wall time", "wall time", "time", "s"),
    "neurons": ClockWords("equal neurons", "neurons", "neurons", "neurons"),
}
"""Clocks of a comparison, by the name that specs and addresses have."""

GROWTH_TIMES = {
    "by_hand": "by hand",
    "periodic": "every n epochs",
    "on_plateau": "on every plateau",
    "until_accuracy": "until an accuracy",
}
"""When a net grows by itself, by the kind of ``growth.schedule``: what Play offers."""

PARTS = {"train": "training", "validation": "validation", "test": "test"}
"""Parts of the data: what a loss or an accuracy is measured on."""

STATES = {
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "done": "done",
    "stopped": "stopped",
    "failed": "failed",
    "lost": "lost",
}
"""What a run or a job is doing, by the name that the log has."""

METHODS = {"grown": "grown", "fixed": "fixed"}
"""How a net comes to its size; groups of runs are named by it."""

ACTIONS = {
    "add": "add this neuron",
    "own_fold": "my fold",
    "undo": "undo",
    "fork": "fork from this moment",
    "reproduce": "Reproduce this run",
    "grow": "grow",
    "maximum_speed": "maximum speed",
    "preview": "best fold: preview, then place",
    "step_back": "one step back",
    "step_forward": "one step forward",
    "previous_birth": "previous birth",
    "next_birth": "next birth",
}
"""What buttons, menus and keys are called."""

KEPT_LIMIT = 1e-6
"""Up to here a change of the function is rounding."""


def function_change(value: float) -> str:
    """Say what a birth did to the net's function.

    Args:
        value: The largest change of an output.

    Returns:
        Whether it is unchanged to rounding, with the number.

    Example:
        >>> function_change(0), function_change(5.2e-15), function_change(0.4423)
        ('function unchanged (0)', 'function unchanged (5e-15)', 'function changed by 0.44')
    """
    if value == 0:
        return "function unchanged (0)"
    said = f"{float(f'{value:.2g}'):g}" if value >= 0.01 else re.sub(r"e([+-])0*", r"e\1", f"{value:.0e}")
    return f"function unchanged ({said})" if value <= KEPT_LIMIT else f"function changed by {said}"
