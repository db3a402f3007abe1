"""Mirror a picture, left to right (He et al. 2016, arXiv 1512.03385, section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.augmentation.base import Augmentation

if TYPE_CHECKING:
    from torch import Tensor


class Flip(Augmentation):
    """Swap left and right of a share of the pictures; of digits and letters that makes others."""

    draws: ClassVar[int] = 1

    kind: Literal["flip"] = "flip"
    share: float = Field(0.5, gt=0, le=1)
    """Probability that a picture is mirrored."""

    def changed(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """Mirror; see ``Augmentation.changed``.

        Returns:
            The pictures, some of them mirrored.
        """
        import torch

        return torch.where((drawn[:, 0] < self.share)[:, None, None, None], pictures.flip(3), pictures)
