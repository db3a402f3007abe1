"""Means over all places, and the shortcut that leaves pixels out."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class GlobalMeanModule(nn.Module):
    """The mean of each channel over all places."""

    def forward(self, x: Tensor) -> Tensor:
        """Give the means (N, C)."""
        return x.mean(dim=(2, 3))


class SubsampleModule(nn.Module):
    """Every second pixel, and channels of zeros on both sides.

    Args:
        outputs: Channels that leave.
        stride: Pixels from one that stays to the next.
    """

    def __init__(self, outputs: int, stride: int) -> None:
        super().__init__()
        self.outputs, self.stride = outputs, stride

    def forward(self, x: Tensor) -> Tensor:
        """Give the smaller picture."""
        more = self.outputs - x.shape[1]
        kept = x[:, :, :: self.stride, :: self.stride]
        return functional.pad(kept, (0, 0, 0, 0, more // 2, more - more // 2))
