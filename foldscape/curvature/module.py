"""Any torch module as an objective, differentiated twice by autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from foldscape.curvature.objective import Objective, Vector
from foldscape.curvature.operator import HessianOperator
from foldscape.errors import InvalidInput
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.culprit import named
from foldscape.modules.derivative import Mean, held, some_rows
from foldscape.modules.graph import refuse_cut
from foldscape.modules.net import Net

Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

CRITERIA: dict[str, Criterion] = {"cross_entropy": nn.functional.cross_entropy}
"""Mean losses by the name a user types."""

SAMPLES_AT_ONCE = 64
"""Gradients of single samples held at once."""

KEPT_CHUNKS = 2
"""Data of at most so many chunks keep their graph between products; more are run again for each."""


class ModuleObjective(Objective):
    """Mean loss of a torch module's trained parameters, in evaluation mode.

    The module's weights, gradients, buffers and training flags stay as they are: every evaluation
    substitutes the parameters and a copy of the buffers.

    Args:
        module: The net; parameters with ``requires_grad`` count, in ``named_parameters()`` order.
        X: Inputs, first axis N; or a data loader of (inputs, labels), which is read once.
        y: Labels, first axis N; None with a loader.
        loss: A name in ``CRITERIA``, or a callable of outputs and labels that gives a mean over the samples.
        chunk: Samples differentiated at once; chunks are weighted by their share of N.

    Raises:
        InvalidInput: If nothing is trained, the data do not match, or the loss is unknown.
    """

    def __init__(
        self, module: nn.Module, X: Any, y: Any = None, loss: str | Criterion = "cross_entropy", chunk: int = 1024
    ) -> None:
        if y is None:
            X, y = _read(X)
        self.net = Net(module)
        self.X = self.net.cast(torch.as_tensor(X))
        self.y = torch.as_tensor(y, device=self.net.device)
        if len(self.X) == 0 or len(self.X) != len(self.y) or chunk < 1:
            raise InvalidInput(
                f"{len(self.X)} inputs came with {len(self.y)} labels and a chunk of {chunk}.",
                hint="Give at least one sample, one label each, and chunks of at least one.",
            )
        self.criterion = _criterion(loss)
        self.is_likelihood = self.criterion is CRITERIA["cross_entropy"]
        self.chunk = chunk
        self.samples = len(self.X)
        self.blocks, self.theta = self.net.blocks, self.net.theta
        self._held = 0

    @differentiating()
    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points of shape (points, P), one after the other."""
        return np.array(
            [sum(share * float(part(self.net.tensor(theta))) for share, part in self.chunks()) for theta in thetas]
        )

    @differentiating()
    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (P,)."""
        point = self.net.tensor(self.point(theta)).requires_grad_()
        total = torch.zeros_like(point)
        with self.named(point):
            self.hold(1)
            for share, part in self.chunks():
                total += share * torch.autograd.grad(part(point), point)[0]
        return _plain(total)

    def linearise(self, theta: Vector) -> ModuleHessian:
        """Prepare the Hessian at a point."""
        return ModuleHessian(self, theta)

    @differentiating()
    def hold(self, order: int) -> None:
        """Hold the loss against its derivatives up to some order on a few samples, once.

        Raises:
            NotPossible: If it is random, or what torch differentiates is another function.
        """
        rows = torch.as_tensor(some_rows(self.samples), device=self.net.device)

        def mean_of(net: Net) -> Mean:
            inputs, labels, criterion = net.cast(self.X[rows]), net.cast(self.y[rows]), self.criterion
            if net is not self.net and isinstance(criterion, nn.Module):
                criterion = deepcopy(criterion).to(net.dtype)
            return lambda flat: criterion(net(flat, inputs), labels)

        for missing in range(self._held + 1, order + 1):
            held(self.net, missing, mean_of)
            self._held = missing

    def named(self, point: torch.Tensor) -> AbstractContextManager[None]:
        """Say in words what keeps torch from a derivative at a point."""
        return named(self.net.module, lambda: self.outputs(point, self.X[:2]))

    def chunks(self) -> Iterator[tuple[float, Callable[[torch.Tensor], torch.Tensor]]]:
        """Give every chunk's share of the samples and its mean loss as a function of the flat vector."""
        for _, inputs, labels in self.batches():
            yield len(inputs) / self.samples, lambda flat, x=inputs, y=labels: self._mean(flat, x, y)  # type: ignore[misc]

    def batches(self) -> Iterator[tuple[slice, torch.Tensor, torch.Tensor]]:
        """Give the chunks' places among the samples, with their inputs and labels."""
        for first in range(0, self.samples, self.chunk):
            span = slice(first, min(first + self.chunk, self.samples))
            yield span, self.X[span], self.y[span]

    def sample_losses(self, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Give the loss of every sample, shape (samples,)."""
        if self.criterion is nn.functional.cross_entropy and outputs.ndim == 2:
            return nn.functional.cross_entropy(outputs, labels, reduction="none")
        each = [self.criterion(outputs[i : i + 1], labels[i : i + 1]) for i in range(len(outputs))]
        return torch.stack(each)

    def _mean(self, flat: torch.Tensor, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.criterion(self.outputs(flat, inputs), labels)

    def outputs(self, flat: torch.Tensor, inputs: torch.Tensor) -> Any:
        """Run the net with the parameters of a flat vector."""
        return self.net(flat, inputs)


class ModuleHessian(HessianOperator):
    """Hessian products by differentiating the gradient once more (Pearlmutter 1994).

    Args:
        objective: The loss.
        theta: The point, shape (P,).
    """

    def __init__(self, objective: ModuleObjective, theta: Vector) -> None:
        self.objective = objective
        self.size = objective.size
        self.theta, self.dtype = theta, _numpy_type(objective.net.dtype)
        with differentiating():
            self.point = objective.net.tensor(theta).requires_grad_()
        self._checked = False
        self._kept: list[tuple[float, torch.Tensor]] | None = None

    @property
    @differentiating()
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        with self._differentiated():
            return all(bool(torch.isfinite(gradient).all()) for _, gradient in self._gradients())

    @differentiating()
    def products(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        directions = self._tensors(vectors)
        total = torch.zeros_like(directions)
        with self._differentiated(2):
            for share, gradient in self._gradients():
                for row, direction in zip(total, directions, strict=True):
                    row += share * _second(gradient, self.point, direction)
        return _plain(total).astype(vectors.dtype, copy=False)

    @differentiating()
    def gauss_newton(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply several vectors of shape (vectors, P) by the Gauss-Newton part."""
        directions = self._tensors(vectors)
        total = torch.zeros_like(directions)
        with self._differentiated():
            for span, inputs, labels in self.objective.batches():
                share = (span.stop - span.start) / self.objective.samples
                outputs = self.objective.outputs(self.point, inputs)
                logits = outputs.detach().requires_grad_()
                slope = torch.autograd.grad(self.objective.criterion(logits, labels), logits, create_graph=True)[0]
                for row, direction in zip(total, directions, strict=True):
                    curved = _second(slope, logits, _forward_slope(outputs, self.point, direction))
                    row += share * torch.autograd.grad(outputs, self.point, curved, retain_graph=True)[0]
        return _plain(total).astype(vectors.dtype, copy=False)

    @differentiating()
    def slopes_along(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""
        directions = self._tensors(vectors)
        slopes = np.empty((len(vectors), self.objective.samples))
        with self._differentiated():
            for span, losses in self._sample_losses():
                for row, direction in zip(slopes, directions, strict=True):
                    row[span] = _plain(_forward_slope(losses, self.point, direction))
        return slopes

    @differentiating()
    def weighted_gradients(self, weights: NDArray[np.floating]) -> NDArray[np.float64]:
        """Sum the samples' gradients with several sets of weights: (sets, N) to (sets, P)."""
        shares = self._tensors(weights)
        sums = torch.zeros((len(weights), self.size), dtype=self.point.dtype, device=self.point.device)
        with self._differentiated():
            for span, losses in self._sample_losses():
                for row, share in zip(sums, shares[:, span], strict=True):
                    if share.any():
                        row += torch.autograd.grad(losses, self.point, share, retain_graph=True)[0]
        return _plain(sums)

    @differentiating()
    def squared_norms(self) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient, shape (N,)."""

        def loss(flat: torch.Tensor, inputs: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
            return self.objective.sample_losses(self.objective.outputs(flat, inputs[None]), label[None])[0]

        each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0), chunk_size=SAMPLES_AT_ONCE)
        parts = [
            each(self.point.detach(), inputs, labels).square().sum(dim=1)
            for _, inputs, labels in self.objective.batches()
        ]
        return _plain(torch.cat(parts))

    def _sample_losses(self) -> Iterator[tuple[slice, torch.Tensor]]:
        for span, inputs, labels in self.objective.batches():
            yield span, self.objective.sample_losses(self.objective.outputs(self.point, inputs), labels)

    @differentiating()
    def descent(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        with self._differentiated():
            return _plain(sum(share * gradient.detach() for share, gradient in self._gradients()))  # type: ignore[arg-type]

    @contextmanager
    def _differentiated(self, order: int = 1) -> Iterator[None]:
        """Take derivatives, once the loss was held against them."""
        with self.objective.named(self.point):
            self.objective.hold(order)
            yield

    def _tensors(self, rows: NDArray[np.floating]) -> torch.Tensor:
        return torch.tensor(rows, dtype=self.point.dtype, device=self.point.device)

    def _gradients(self) -> Iterator[tuple[float, torch.Tensor]]:
        """Give every chunk's share and gradient, ready to be differentiated again."""
        if self._kept is not None:
            yield from self._kept
            return
        few = self.objective.samples <= KEPT_CHUNKS * self.objective.chunk
        kept: list[tuple[float, torch.Tensor]] = []
        for share, part in self.objective.chunks():
            gradient = torch.autograd.grad(part(self.point), self.point, create_graph=True)[0]
            if not self._checked:
                refuse_cut(gradient)
                self._checked = True
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


def _forward_slope(values: torch.Tensor, point: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    """Differentiate values along a direction: their weighted gradient is linear in the weights, so backward does."""
    weights = torch.zeros_like(values, requires_grad=True)
    pulled = torch.autograd.grad(values, point, weights, create_graph=True)[0]
    return torch.autograd.grad(pulled, weights, direction, retain_graph=True)[0]


def _numpy_type(dtype: torch.dtype) -> type[np.floating]:
    return np.float64 if dtype == torch.float64 else np.float32


def _plain(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().to(torch.float64).numpy()


def _read(loader: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Read a data loader once."""
    if isinstance(loader, torch.Tensor) or not hasattr(loader, "__iter__"):
        raise InvalidInput("Inputs came without labels.", hint="Give X and y, or a loader of (inputs, labels).")
    batches = [(torch.as_tensor(inputs), torch.as_tensor(labels)) for inputs, labels in loader]
    if not batches:
        raise InvalidInput("The data loader is empty.", hint="Give at least one batch.")
    return torch.cat([inputs for inputs, _ in batches]), torch.cat([labels for _, labels in batches])


def _criterion(loss: str | Criterion) -> Criterion:
    if not isinstance(loss, str):
        return loss
    if loss not in CRITERIA:
        raise InvalidInput(
            f"There is no loss {loss!r}.", hint=f"Choose one of {', '.join(sorted(CRITERIA))}, or give a callable."
        )
    return CRITERIA[loss]
