"""Batch normalisation of a hidden layer's pre-activations, as plain arrays (Ioffe & Szegedy 2015, arXiv 1502.03167)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray

EPSILON = 1e-5
"""Added to every variance, as PyTorch does."""
MOMENTUM = 0.1
"""Share of a batch in the running mean and variance."""


@dataclass(frozen=True)
class BatchNorm:
    """Scale and shift of a layer's pre-activations; each array is (width,).

    Training uses mean and variance of the batch, and keeps running ones. Here, outside of training, the running ones
    stand: ``gamma * (z - mean) / sqrt(var + EPSILON) + beta`` is one affine map.

    Attributes:
        gamma: Learnt scale.
        beta: Learnt shift.
        mean: Running mean of z.
        var: Running variance of z.
    """

    gamma: FloatArray
    beta: FloatArray
    mean: FloatArray
    var: FloatArray

    @classmethod
    def keeping(cls, z: FloatArray) -> BatchNorm:
        """Give the one that changes nothing, with the statistics of pre-activations z (N, width)."""
        mean, var = z.mean(axis=0), z.var(axis=0)
        return cls(np.sqrt(var + EPSILON), mean.copy(), mean, var)

    @property
    def factor(self) -> FloatArray:
        """Slope of the affine map, (width,)."""
        factor: FloatArray = self.gamma / np.sqrt(self.var + self.var.dtype.type(EPSILON))
        return factor

    def astype(self, dtype: npt.DTypeLike) -> BatchNorm:
        """Give a copy in another precision."""
        return BatchNorm(*(part.astype(dtype) for part in self.arrays()))

    def arrays(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Give gamma, beta, mean and var."""
        return self.gamma, self.beta, self.mean, self.var

    def with_channel(self) -> BatchNorm:
        """Give it with one more channel at the end: gamma 1, beta 0, mean 0, var 1."""
        fresh = (1, 0, 0, 1)
        return BatchNorm(
            *(np.append(part, part.dtype.type(value)) for part, value in zip(self.arrays(), fresh, strict=True))
        )

    def folded(self, weight: FloatArray, bias: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give weight (width, fan_in) and bias (width,) of the plain layer that does the same."""
        return self.factor[:, None] * weight, self.factor * (bias - self.mean) + self.beta

    def pulled_back(
        self, weight: FloatArray, bias: FloatArray, by_weight: FloatArray, by_bias: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Carry a gradient by the folded layer back to weight, bias, gamma and beta.

        Args:
            weight: (width, fan_in) weights before normalisation.
            bias: (width,) biases before it.
            by_weight: Gradient by the folded weights.
            by_bias: Gradient by the folded biases.

        Returns:
            Gradients by weight, bias, gamma and beta, each in its shape.
        """
        by_factor = (by_weight * weight).sum(axis=1) + by_bias * (bias - self.mean)
        by_gamma = by_factor / np.sqrt(self.var + self.var.dtype.type(EPSILON))
        return self.factor[:, None] * by_weight, self.factor * by_bias, by_gamma, by_bias


def to_rows(norms: Sequence[BatchNorm | None]) -> tuple[FloatArray, ...]:
    """Give one (4, width) array a hidden layer, gamma, beta, mean and var, or (4, 0) where there is none."""
    return tuple(np.stack(norm.arrays()) if norm else np.zeros((4, 0), np.float32) for norm in norms)


def from_rows(rows: Sequence[FloatArray]) -> tuple[BatchNorm | None, ...]:
    """Read back what ``to_rows`` gave."""
    return tuple(BatchNorm(*part) if part.size else None for part in rows)
