"""Any torch module as an objective, differentiated twice by autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn
from torch.func import functional_call

from foldscape.curvature.blocks import block_table
from foldscape.curvature.objective import Objective, Vector
from foldscape.curvature.operator import HessianOperator
from foldscape.errors import InvalidInput

Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

CRITERIA: dict[str, Criterion] = {"cross_entropy": nn.functional.cross_entropy}
"""Mean losses by the name a user types."""

KEPT_CHUNKS = 2
"""Data of at most so many chunks keep their graph between products; more are run again for each."""


class ModuleObjective(Objective):
    """Mean loss of a torch module's trained parameters, in evaluation mode.

    The module's weights, gradients, buffers and training flags stay as they are: every evaluation
    substitutes the parameters and a copy of the buffers.

    Args:
        module: The net; parameters with ``requires_grad`` count, in ``named_parameters()`` order.
        X: Inputs, first axis N.
        y: Labels, first axis N.
        loss: A name in ``CRITERIA``, or a callable of outputs and labels that gives a mean over the samples.
        chunk: Samples differentiated at once; chunks are weighted by their share of N.

    Raises:
        InvalidInput: If nothing is trained, the data do not match, or the loss is unknown.
    """

    def __init__(
        self, module: nn.Module, X: Any, y: Any, loss: str | Criterion = "cross_entropy", chunk: int = 1024
    ) -> None:
        self.module = module
        trained = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
        if not trained:
            raise InvalidInput("The module has no trained parameter.", hint="Set requires_grad on those to probe.")
        first = trained[0][1]
        self.device, self.dtype = first.device, first.dtype
        self.X = torch.as_tensor(X, device=self.device)
        if self.X.is_floating_point():
            self.X = self.X.to(self.dtype)
        self.y = torch.as_tensor(y, device=self.device)
        if len(self.X) == 0 or len(self.X) != len(self.y) or chunk < 1:
            raise InvalidInput(
                f"{len(self.X)} inputs came with {len(self.y)} labels and a chunk of {chunk}.",
                hint="Give at least one sample, one label each, and chunks of at least one.",
            )
        self.criterion = _criterion(loss)
        self.chunk = chunk
        self.samples = len(self.X)
        self.blocks = block_table((name, tuple(parameter.shape)) for name, parameter in trained)
        flat = torch.cat([parameter.detach().reshape(-1) for _, parameter in trained])
        self.theta = flat.cpu().to(torch.float64).numpy()

    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points of shape (points, P), one after the other."""
        with torch.no_grad():
            return np.array(
                [sum(share * float(part(self._tensor(theta))) for share, part in self.chunks()) for theta in thetas]
            )

    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (P,)."""
        point = self._tensor(self.point(theta)).requires_grad_()
        total = torch.zeros_like(point)
        for share, part in self.chunks():
            total += share * torch.autograd.grad(part(point), point)[0]
        return _plain(total)

    def linearise(self, theta: Vector) -> ModuleHessian:
        """Prepare the Hessian at a point."""
        return ModuleHessian(self, theta)

    def chunks(self) -> Iterator[tuple[float, Callable[[torch.Tensor], torch.Tensor]]]:
        """Give every chunk's share of the samples and its mean loss as a function of the flat vector."""
        for first in range(0, self.samples, self.chunk):
            inputs, labels = self.X[first : first + self.chunk], self.y[first : first + self.chunk]
            yield len(inputs) / self.samples, lambda flat, x=inputs, y=labels: self._mean(flat, x, y)  # type: ignore[misc]

    def _mean(self, flat: torch.Tensor, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        tensors = {block.name: flat[block.span].view(block.shape) for block in self.blocks}
        tensors |= {name: buffer.clone() for name, buffer in self.module.named_buffers()}
        with _evaluating(self.module):
            outputs = functional_call(self.module, tensors, (inputs,))
        return self.criterion(outputs, labels)

    def _tensor(self, theta: NDArray[np.float64]) -> torch.Tensor:
        return torch.tensor(theta, dtype=self.dtype, device=self.device)


class ModuleHessian(HessianOperator):
    """Hessian products by differentiating the gradient once more (Pearlmutter 1994).

    Args:
        objective: The loss.
        theta: The point, shape (P,).
    """

    def __init__(self, objective: ModuleObjective, theta: Vector) -> None:
        self.objective = objective
        self.size = objective.size
        self.point = objective._tensor(theta).requires_grad_()
        self._kept: list[tuple[float, torch.Tensor]] | None = None

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return all(bool(torch.isfinite(gradient).all()) for _, gradient in self._gradients())

    def products(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        directions = torch.tensor(vectors, dtype=self.point.dtype, device=self.point.device)
        total = torch.zeros_like(directions)
        for share, gradient in self._gradients():
            for row, direction in zip(total, directions, strict=True):
                row += share * _second(gradient, self.point, direction)
        return _plain(total).astype(vectors.dtype, copy=False)

    def _gradients(self) -> Iterator[tuple[float, torch.Tensor]]:
        """Give every chunk's share and gradient, ready to be differentiated again."""
        if self._kept is not None:
            yield from self._kept
            return
        few = self.objective.samples <= KEPT_CHUNKS * self.objective.chunk
        kept: list[tuple[float, torch.Tensor]] = []
        for share, part in self.objective.chunks():
            gradient = torch.autograd.grad(part(self.point), self.point, create_graph=True)[0]
            if few:
                kept.append((share, gradient))
            yield share, gradient
        self._kept = kept if few else None


def _second(gradient: torch.Tensor, point: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    """Differentiate gradient . direction; zero where the gradient does not depend on the point."""
    if not gradient.requires_grad:
        return torch.zeros_like(direction)
    found = torch.autograd.grad(gradient, point, direction, retain_graph=True, allow_unused=True)[0]
    return torch.zeros_like(direction) if found is None else found


def _plain(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().to(torch.float64).numpy()


def _criterion(loss: str | Criterion) -> Criterion:
    if not isinstance(loss, str):
        return loss
    if loss not in CRITERIA:
        raise InvalidInput(
            f"There is no loss {loss!r}.", hint=f"Choose one of {', '.join(sorted(CRITERIA))}, or give a callable."
        )
    return CRITERIA[loss]


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Put every part of a module in evaluation mode, and back into the mode it was in."""
    modes = [(part, part.training) for part in module.modules()]
    for part, _ in modes:
        part.training = False
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
