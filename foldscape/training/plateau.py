"""Notice that the training loss has stopped falling."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class PlateauWatch:
    """Compares the mean loss of the last half of a window of epochs with that of the half before.

    Attributes:
        patience: Epochs of the window.
        min_delta: Share by which the later half has to be lower.
        losses: Training loss of the epochs since the watch began, at most ``patience`` of them.
    """

    patience: int
    min_delta: float
    losses: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what was seen; something has changed."""
        self.losses.clear()

    def is_flat(self, loss: float) -> bool:
        """Take in the loss of one more epoch and say whether it has stopped falling."""
        self.losses.append(loss)
        del self.losses[: -self.patience]
        half = self.patience // 2
        if len(self.losses) < max(self.patience, 2):
            return False
        earlier = sum(self.losses[-2 * half :][:half])
        later = sum(self.losses[-half:])
        return later > (1 - self.min_delta) * earlier
