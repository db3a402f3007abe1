"""Shift a picture: a random part of the picture with a margin (He et al. 2016, arXiv 1512.03385, section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.augmentation.base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class Crop(Augmentation):
    """Put a margin of zeros around a picture and cut a part of its size out, each place as likely."""

    draws: ClassVar[int] = 2

    kind: Literal["crop"] = "crop"
    padding: int = Field(4, ge=1, le=64)
    """Width of the margin, pixels: the picture moves by as many at most, up or down and left or right."""

    def changed(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """Cut; see ``Augmentation.changed``.

        Returns:
            The parts.
        """
        import torch
        from torch.nn.functional import pad

        _, _, rows, columns = pictures.shape
        at = (drawn * (2 * self.padding + 1)).long()
        windows = pad(pictures, (self.padding,) * 4).unfold(2, rows, 1).unfold(3, columns, 1)
        return windows[torch.arange(len(at), device=at.device), :, at[:, 0], at[:, 1]]

    def problem(self, rows: int, columns: int) -> str:
        """Refuse to move a picture wholly out of itself."""
        side = min(rows, columns)
        if self.padding < side:
            return ""
        return f"padding {self.padding} moves pictures of {rows}×{columns} pixels out of sight; use {side - 1} or less"
