"""Cut a square out of a picture (DeVries and Taylor 2017, arXiv 1708.04552, section 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.augmentation.base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class Cutout(Augmentation):
    """Set a square to 0, its middle anywhere in the picture, so that it may lie partly outside."""

    draws: ClassVar[int] = 2

    kind: Literal["cutout"] = "cutout"
    side: int = Field(16, ge=1, le=256)
    """Side of the square, pixels."""

    def changed(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """Cut out; see ``Augmentation.changed``.

        Returns:
            The pictures with holes.
        """
        rows, columns = (self._within(drawn[:, axis], pictures.shape[2 + axis]) for axis in (0, 1))
        return pictures.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)

    def _within(self, drawn: Tensor, length: int) -> Tensor:
        """Say (n, length) which places along one axis lie within the square."""
        import torch

        first = (drawn * length).long() - self.side // 2
        from_first = torch.arange(length, device=drawn.device) - first[:, None]
        return (from_first >= 0) & (from_first < self.side)

    def problem(self, rows: int, columns: int) -> str:
        """Refuse a square that covers every picture, wherever its middle lies."""
        side = min(rows, columns)
        if self.side < 2 * max(rows, columns) - 1:
            return ""
        return f"side {self.side} leaves nothing of pictures of {rows}×{columns} pixels; use {side} or less"
