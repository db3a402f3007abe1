"""The general evaluator: any torch module, on its own device, in its own precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.landscape.norms import has_norms
from foldscape.landscape.stacked import StackedNets
from foldscape.lazy import lazy
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.batch_loss import BatchLoss, LossLike
from foldscape.modules.mean_loss import MeanLoss
from foldscape.modules.net import Net
from foldscape.modules.reading import inputs_of, read_samples
from foldscape.modules.samples import Batch
from foldscape.net.blocks.modules.statistics import by_batch, renew_norms


class ModuleEvaluator(Evaluator):
    """Mean loss and accuracy of a torch module, batch normalisation and dropout in evaluation mode.

    Parameters, gradients, buffers and training flags of the module stay as they are.

    Args:
        module: The net; parameters with ``requires_grad`` count, in ``named_parameters()`` order.
        X: Inputs, first axis N; or data in any form that ``foldscape.modules.reading`` lists, which are read once.
        y: Labels, first axis N; ``None`` with data that hold them.
        loss: One of ``foldscape.losses`` or its name, ``bce``, a callable of outputs and labels that gives a mean over
            the samples, or a ``BatchLoss``.
        chunk: Samples that go through the net together.
        norm_data: Inputs or data, usually the training set, on which the statistics of batch normalisation are
            computed anew at every point. Between different solutions those of neither hold. ``None`` keeps the net's
            own.

    Raises:
        InvalidInput: If nothing is trained, the data do not match, or the loss is unknown or a sum.
        NotPossible: If the net fails on the data, or the loss is no mean over samples and they take several chunks.
    """

    def __init__(
        self,
        module: nn.Module,
        X: Any,
        y: Any = None,
        loss: LossLike = "cross_entropy",
        chunk: int = 1024,
        norm_data: Any = None,
    ) -> None:
        self.net = Net(module)
        self.device, self.dtype, self.chunk = self.net.device, self.net.dtype, chunk
        self.mean, self._loss = MeanLoss(self.net, X, y, loss, chunk), loss
        self._norm_batches: list[Batch] = []
        if norm_data is not None and has_norms(self.net.module):
            inputs = read_samples(norm_data, whole=True) if isinstance(loss, BatchLoss) else inputs_of(norm_data)
            even = -(-len(inputs) // -(-len(inputs) // chunk))  # No batch of one sample, which has no variance.
            self._norm_batches = [batch for _, batch in inputs.changed(self.net.cast).chunks(even)]
        self.samples, self.blocks, self.theta = self.mean.samples, self.net.blocks, self.net.theta

    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second; see ``Evaluator.on_plane``.

        The origin itself is measured plainly, as the module computes it.

        Returns:
            Mean losses and accuracies.
        """
        start, along = self._tensor(origin), self._tensor(first)
        across = None if second is None else self._tensor(second)
        at = [np.asarray(part, dtype=np.float64).ravel() for part in (a, b)]
        moved = (at[0] != 0) | (at[1] != 0)
        measured = np.empty((len(moved), 3))
        if not moved.all():
            measured[~moved] = self._measure(start)
        if moved.any():
            i, j = (self.net.tensor(part[moved]) for part in at)
            measured[moved] = self._moved(i, j, start, along, across).cpu().numpy()
        loss, right, counted = measured.T
        return Losses(loss.copy(), np.where(np.isfinite(loss), right / counted, np.nan))

    def _moved(
        self, a: torch.Tensor, b: torch.Tensor, start: torch.Tensor, along: torch.Tensor, across: torch.Tensor | None
    ) -> torch.Tensor:
        """Measure away from the origin: (points, 3)."""
        if not self._norm_batches:
            return self._stack.scores(a, b, start, along, across)
        other = along if across is None else across
        return torch.from_numpy(
            np.array([self._measure(start + i * along + j * other) for i, j in zip(a, b, strict=True)])
        )

    @lazy
    def _stack(self) -> StackedNets:
        return StackedNets(self.mean, self._loss)

    @differentiating()
    def gradient(self, theta: ArrayLike, batch: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the gradient (P,) of the mean loss over some samples.

        Where batch statistics are renewed at every point, it is taken as in training, by those of the batch (Garipov
        et al. 2018, arXiv 1802.10026, train their curves so): a pass over all data for every update would be lost.

        Args:
            theta: (P,) where.
            batch: Indices of the samples.

        Returns:
            The gradient.
        """
        point, total = self._tensor(theta).requires_grad_(), 0.0
        gradient = torch.zeros_like(point)
        for part in self.mean.data.take(np.asarray(batch)).batches:
            if (mass := self.mean.mass(part)) > 0:
                with self._in_training(point):
                    gradient += mass * torch.autograd.grad(self.mean.mean(part), point)[0]
                total += mass
        return np.asarray((gradient / max(total, 1e-300)).cpu().to(torch.float64).numpy())

    @contextmanager
    def _placed(self, theta: torch.Tensor) -> Iterator[None]:
        """Put parameters in place, batch statistics renewed where that was asked for."""
        with self.net.placed(theta) as module:
            if self._norm_batches:
                renew_norms(module, [(one.size, partial(self.mean.run, one)) for one in self._norm_batches])
            yield

    @contextmanager
    def _in_training(self, theta: torch.Tensor) -> Iterator[None]:
        with self.net.placed(theta) as module, by_batch(module) if self._norm_batches else nullcontext():
            yield

    def _measure(self, theta: torch.Tensor) -> NDArray[np.float64]:
        """Give mean loss, right answers, and of how many."""
        total = np.zeros(3)
        with self._placed(theta):
            for _, batch, share in self.mean.chunks:
                if share > 0:
                    total += self.mean.score(batch).cpu().numpy() * (share, 1, 1)
        return total

    def _tensor(self, values: ArrayLike | None) -> torch.Tensor:
        return self.net.tensor(self.vector(values))
