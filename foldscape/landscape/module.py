"""The general evaluator: any torch module, on its own device, in its own precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from foldscape.curvature.module import CRITERIA, Criterion
from foldscape.errors import InvalidInput
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.landscape.norms import renew_norms
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.net import Net


class ModuleEvaluator(Evaluator):
    """Mean loss and accuracy of a torch module, batch normalisation and dropout in evaluation mode.

    Parameters, gradients, buffers and training flags of the module stay as they are.

    Args:
        module: The net; parameters with ``requires_grad`` count, in ``named_parameters()`` order.
        X: Inputs, first axis N.
        y: Labels, first axis N.
        loss: ``cross_entropy``, or a callable of outputs and labels that gives a mean over the samples.
        chunk: Samples that go through the net together.
        norm_data: Inputs, usually the training set, on which the statistics of batch normalisation are computed anew
            at every point. Between different solutions those of neither hold. ``None`` keeps the net's own.

    Raises:
        InvalidInput: If nothing is trained, the data do not match, or the loss is unknown.
    """

    def __init__(
        self,
        module: nn.Module,
        X: Any,
        y: Any,
        loss: str | Criterion = "cross_entropy",
        chunk: int = 1024,
        norm_data: Any = None,
    ) -> None:
        self.net = Net(module)
        self.device, self.dtype = self.net.device, self.net.dtype
        self.X = self.net.cast(torch.as_tensor(X))
        self.norm_data = None if norm_data is None else self.net.cast(torch.as_tensor(norm_data))
        self.y = torch.as_tensor(y, device=self.device)
        if len(self.X) == 0 or len(self.X) != len(self.y) or chunk < 1:
            raise InvalidInput(
                f"{len(self.X)} inputs came with {len(self.y)} labels and a chunk of {chunk}.",
                hint="Give at least one sample, one label each, and chunks of at least one.",
            )
        self.criterion, self.chunk, self.samples = _criterion(loss), chunk, len(self.X)
        self.blocks, self.theta = self.net.blocks, self.net.theta

    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second, one after the other; see ``Evaluator.on_plane``."""
        start, along = self._tensor(origin), self._tensor(first)
        across = along if second is None else self._tensor(second)
        coordinates = np.stack([np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()], 1)
        measured = np.empty((len(coordinates), 2))
        for point, (i, j) in zip(measured, coordinates, strict=True):
            theta = start if i == 0 and j == 0 else start + i * along + j * across
            point[:] = self._measure(theta)
        loss, accuracy = measured.T.copy()
        return Losses(loss, np.where(np.isfinite(loss), accuracy, np.nan))

    @differentiating()
    def gradient(self, theta: ArrayLike, batch: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the gradient (P,) of the mean loss over some samples."""
        point, rows = self._tensor(theta).requires_grad_(), torch.as_tensor(batch, device=self.device)
        with self._placed(point):
            outputs = self.net.run(self.X[rows])
        found = torch.autograd.grad(self.criterion(outputs, self.y[rows]), point)[0]
        return np.asarray(found.cpu().to(torch.float64).numpy())

    @contextmanager
    def _placed(self, theta: torch.Tensor) -> Iterator[None]:
        """Put parameters in place, batch statistics renewed where that was asked for."""
        with self.net.placed(theta) as module:
            if self.norm_data is not None:
                renew_norms(module, self.norm_data, self.chunk)
            yield

    def _measure(self, theta: torch.Tensor) -> tuple[float, float]:
        loss, right = 0.0, 0.0
        with self._placed(theta):
            for inputs, labels in zip(torch.split(self.X, self.chunk), torch.split(self.y, self.chunk), strict=True):
                outputs = self.net.run(inputs)
                loss += float(self.criterion(outputs, labels)) * len(inputs)
                right += _hits(outputs, labels)
        return loss / self.samples, right / self.samples

    def _tensor(self, values: ArrayLike | None) -> torch.Tensor:
        return self.net.tensor(self.vector(values))


def vector_of(module: nn.Module) -> NDArray[np.float64]:
    """Give a module's trained parameters as one vector (P,), float64."""
    return Net(module).theta


def _hits(outputs: torch.Tensor, labels: torch.Tensor) -> float:
    """Count right answers; NaN where outputs and labels are not those of a classification."""
    if outputs.ndim != 2 or labels.ndim != 1 or labels.is_floating_point():
        return float("nan")
    return float((outputs.argmax(1) == labels).sum())


def _criterion(loss: str | Criterion) -> Criterion:
    if not isinstance(loss, str):
        return loss
    if loss not in CRITERIA:
        raise InvalidInput(
            f"There is no loss {loss!r}.", hint=f"Choose one of {', '.join(sorted(CRITERIA))}, or give a callable."
        )
    return CRITERIA[loss]
