"""Any torch module as an objective, differentiated twice by autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from foldscape.arrays import Vector
from foldscape.curvature.lanes_of_torch import added_up
from foldscape.curvature.module_hessian import ModuleHessian
from foldscape.curvature.objective import Objective
from foldscape.curvature.parts import SampleParts, parts_at_once
from foldscape.lazy import lazy
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.batch_loss import LossLike
from foldscape.modules.culprit import naming_culprit
from foldscape.modules.derivative import held, some_rows
from foldscape.modules.mean_loss import Chunk, MeanLoss
from foldscape.modules.net import Net
from foldscape.modules.torch_threads import one_torch_thread

MOST_DERIVATIVES = 2
"""Derivatives of a loss that are taken."""


class ModuleObjective(Objective):
    """Mean loss of a torch module's trained parameters, in evaluation mode.

    The module's weights, gradients, buffers and training flags stay as they are: every evaluation
    substitutes the parameters and a copy of the buffers.

    Args:
        module: The net; parameters with ``requires_grad`` count, in ``named_parameters()`` order.
        X: Inputs, first axis N; or data in any form that ``foldscape.modules.reading`` lists, which are read once.
        y: Labels, first axis N; None with data that hold them.
        loss: One of ``foldscape.losses`` or its name, ``bce``, a callable of outputs and labels that gives a mean over
            the samples, or a ``BatchLoss``.
        chunk: Samples differentiated at once. The value does not depend on it: a chunk counts by its share of what the
            loss divides by.
        known: Whether what torch differentiates is known to be the loss, so that no derivative is held against it:
            at a kink, where units that GradMax adds begin, there is none to hold.

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
        known: bool = False,
    ) -> None:
        self.net = Net(module)
        self.mean = MeanLoss(self.net, X, y, loss, chunk)
        self.is_likelihood, self.samples = self.mean.is_likelihood, self.mean.samples
        self.blocks, self.theta = self.net.blocks, self.net.theta
        self._held = MOST_DERIVATIVES if known else 0
        self._parts: SampleParts | None = None

    @differentiating()
    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points of shape (points, P), one after the other."""
        return np.array([float(self._loss(self.net.tensor(theta))) for theta in thetas])

    def _loss(self, point: torch.Tensor) -> torch.Tensor:
        """Give the mean loss at a point."""
        resting = self._resting if self.net.is_shared else ()  # cut before this point is in place
        with self.net.placed(point):
            if not self.net.is_shared:
                return sum((share * part(point).detach() for share, part in self.chunks()), torch.zeros(()).double())

            def mean(chunk: Chunk) -> torch.Tensor:
                return chunk.share * self.mean.at(point, chunk.batch).detach().double()

            return added_up([partial(mean, chunk) for chunk in resting if chunk.share > 0])

    @lazy
    def _resting(self) -> tuple[Chunk, ...]:
        """The samples of a net that two threads may run, as they are passed when nothing is differentiated."""
        with self.net.placed(point := self.net.tensor(self.theta).requires_grad_()):
            return self.parts_at(point).chunks

    @differentiating()
    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (P,)."""
        point = self.net.tensor(self.point(theta)).requires_grad_()

        def slope(chunk: Chunk) -> torch.Tensor:
            return chunk.share * torch.autograd.grad(self.mean.at(point, chunk.batch), point)[0]

        with self.named(point):
            self.hold(1)
            with self.net.placed(point):
                if self.net.is_shared:
                    works = [partial(slope, chunk) for chunk in self.parts_at(point).chunks if chunk.share > 0]
                    total = added_up(works)
                else:
                    total = sum(
                        (slope(chunk) for chunk in self.mean.chunks if chunk.share > 0), torch.zeros_like(point)
                    )
        return np.asarray(total.cpu().to(torch.float64).numpy())

    def linearise(self, theta: Vector) -> ModuleHessian:
        """Prepare the Hessian at a point."""
        return ModuleHessian(self, theta)

    @differentiating()
    def hold(self, order: int) -> None:
        """Hold the loss against its derivatives up to some order on a few samples, once.

        Raises:
            NotPossible: If it is random, or what torch differentiates is another function.
        """
        some = len(some_rows(self.samples))
        with one_torch_thread():
            for missing in range(self._held + 1, order + 1):
                held(self.net, missing, lambda net: self.mean.of_some(net, some))
                self._held = missing

    def parts_at(self, point: torch.Tensor) -> SampleParts:
        """Give the samples as they are differentiated twice, with the net in place at a point; cut once."""
        if self._parts is None:
            with one_torch_thread():
                self._parts = parts_at_once(self.mean, point)
        return self._parts

    def named(self, point: torch.Tensor) -> AbstractContextManager[None]:
        """Say in words what keeps torch from a derivative at a point."""
        return naming_culprit(self.net.module, lambda: self.mean.of_some(self.net, 2)(point))

    def chunks(self) -> Iterator[tuple[float, Callable[[torch.Tensor], torch.Tensor]]]:
        """Give every chunk's share of the loss, and its mean loss as a function of the flat vector."""
        for _, batch, share in self.mean.chunks:
            if share > 0:
                yield share, lambda flat, batch=batch: self.mean.at(flat, batch)  # type: ignore[misc]
