"""Batch normalisation of rows or pictures, which keeps no count of its batches."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class BatchNormModule(nn.BatchNorm2d):
    """As torch has it, on (N, C) or (N, C, rows, columns); a batch of one sample takes the running statistics.

    ``momentum`` is the share by which running statistics move towards the batch's; 0 leaves them as they are.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        """Take rows as well as pictures."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise a batch."""
        by_batch = self.training and len(input) > 1
        return functional.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, by_batch, self.momentum or 0.0, self.eps
        )


def batch_norm(channels: int) -> nn.Module:
    """Make one of so many channels."""
    norm = BatchNormModule(channels)
    norm.num_batches_tracked = None
    return norm
