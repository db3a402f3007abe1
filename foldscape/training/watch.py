"""What the rules of stopping remember of the epochs gone by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from foldscape.net.mlp import Weights
from foldscape.training.kept import Kept

_PREFIX = "best_"


@dataclass(frozen=True)
class Best:
    """The moment at which a watched measure was best.

    Attributes:
        value: What it was.
        step: Updates done then.
        births: Growths that stood then.
        kept: The net of that moment; ``None`` where it is not to come back.
    """

    value: float
    step: int
    births: int
    kept: Kept | None = None


@dataclass(frozen=True)
class StoppingMemory:
    """What is watched for the end of a run.

    Attributes:
        losses: Training loss of the last epochs, in which a plateau is looked for.
        best: The best moment so far, if early stopping looks for one.
        waited: Epochs since then, or since something has changed.
    """

    losses: tuple[float, ...] = ()
    best: Best | None = None
    waited: int = 0

    def anew(self, births: int) -> StoppingMemory:
        """Wait anew, for something has changed; forget a best moment whose net has a growth that was taken back.

        Args:
            births: Growths that stand now.

        Returns:
            The watch from here on.
        """
        best = self.best if self.best is None or self.best.births <= births else None
        return replace(self, losses=(), best=best, waited=0)

    def state(self) -> dict[str, Any]:
        """Give the plain values that a snapshot has to hold."""
        plain: dict[str, Any] = {"plateau": list(self.losses)}
        if self.waited or self.best is not None:
            plain["waited"] = self.waited
        if (best := self.best) is not None:
            plain["best"] = [best.value, best.step, best.births]
        return plain

    def arrays(self) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        return self.best.kept.arrays(_PREFIX) if self.best is not None and self.best.kept is not None else {}

    @classmethod
    def restored(cls, state: dict[str, Any], arrays: dict[str, Any], like: Weights) -> StoppingMemory:
        """Read back what a snapshot holds; ``like`` tells the activation."""
        losses, waited = tuple(state["plateau"]), state.get("waited", 0)
        if "best" not in state:
            return cls(losses, waited=waited)
        kept = Kept.read(arrays, like, _PREFIX) if f"{_PREFIX}units" in arrays else None
        value, step, births = state["best"]
        return cls(losses, Best(value, step, births, kept), waited)
