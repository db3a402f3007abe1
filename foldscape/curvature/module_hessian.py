"""The Hessian of a torch module's loss at one point, by differentiating twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from foldscape.curvature.lanes_of_torch import added_up
from foldscape.curvature.operator import HessianOperator
from foldscape.curvature.parts import SampleParts, twice_differentiable
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.arrays import Tree, leaves, mapped
from foldscape.modules.failing import Fails
from foldscape.modules.graph import refuse_cut
from foldscape.modules.mean_loss import Chunk
from foldscape.modules.samples import Batch
from foldscape.modules.twice import QuickTwice

if TYPE_CHECKING:
    from foldscape.arrays import Vector
    from foldscape.curvature.module import ModuleObjective

SAMPLES_AT_ONCE = 64
"""Gradients of single samples held at once."""


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
        self._kept: dict[int, torch.Tensor] = {}

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return bool(np.isfinite(self.descent()).all())

    @differentiating()
    def products(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        directions = self._tensors(vectors)

        def product(gradient: torch.Tensor) -> torch.Tensor:
            return torch.stack([_second(gradient, self.point, direction) for direction in directions])

        return _plain(self._over_parts(product, 2)).astype(vectors.dtype, copy=False)

    @differentiating()
    def gauss_newton(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply several vectors of shape (vectors, P) by the Gauss-Newton part."""
        directions = self._tensors(vectors)
        total = torch.zeros_like(directions)
        with self._differentiated():
            mean = self.objective.mean
            for _, batch, share in self._parts.chunks:
                outputs = mean.scores(batch)
                tensors = [one for one in leaves(outputs) if one.requires_grad]
                logits = {id(one): one.detach().requires_grad_() for one in tensors}
                value = mean.judged(_exchanged(outputs, logits), batch)
                slopes = torch.autograd.grad(value, list(logits.values()), create_graph=True, materialize_grads=True)
                for row, direction in zip(total, directions, strict=True):
                    moved = [self._slope(one, direction) for one in tensors]
                    curved = _seconds(slopes, list(logits.values()), moved)
                    row += share * torch.autograd.grad(tensors, self.point, curved, retain_graph=True)[0]
        return _plain(total).astype(vectors.dtype, copy=False)

    @differentiating()
    def slopes_along(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""
        directions = self._tensors(vectors)
        slopes = np.empty((len(vectors), self.objective.samples))
        with self._differentiated():
            for span, losses in self._sample_losses():
                for row, direction in zip(slopes, directions, strict=True):
                    row[span] = _plain(self._slope(losses, direction))
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
        mean = self.objective.mean

        def loss(flat: torch.Tensor, inputs: Any, label: torch.Tensor | None) -> torch.Tensor:
            single = Batch(mapped(inputs, lambda one: one[None]), None if label is None else label[None], 1)
            with self.objective.net.placed(flat):
                return mean.each(single)[0]

        each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0), chunk_size=SAMPLES_AT_ONCE)
        parts = []
        with self.objective.named(self.point):
            self.objective.hold(1)
        for _, batch, _ in mean.chunks:
            try:
                parts.append(each(self.point.detach(), batch.inputs, batch.labels).square().sum(dim=1))
            except (RuntimeError, ValueError, Fails):  # What torch cannot take many samples of at once.
                parts.append(self._norms_one_by_one(batch))
        return _plain(torch.cat(parts))

    def _norms_one_by_one(self, batch: Batch) -> torch.Tensor:
        with self._differentiated():
            losses = self.objective.mean.each(batch)
            gradients = [torch.autograd.grad(one, self.point, retain_graph=True)[0] for one in losses]
        return torch.stack([gradient.square().sum() for gradient in gradients])

    def _sample_losses(self) -> Iterator[tuple[slice, torch.Tensor]]:
        for span, batch, _ in self._parts.chunks:
            yield span, self.objective.mean.each(batch)

    @differentiating()
    def descent(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        return _plain(self._over_parts(torch.Tensor.detach, 1))

    @contextmanager
    def _differentiated(self, order: int = 1) -> Iterator[None]:
        """Take derivatives, once the loss was held against them."""
        with self.objective.named(self.point), QuickTwice():
            self.objective.hold(order)
            with self.objective.net.placed(self.point):
                yield

    def _slope(self, values: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        """Differentiate values along a direction: their weighted gradient is linear in the weights, so it tells."""
        weights = torch.zeros_like(values, requires_grad=True)
        pulled = torch.autograd.grad(values, self.point, weights, create_graph=True)[0]
        self._refuse_cut(pulled)
        return torch.autograd.grad(pulled, weights, direction, retain_graph=True)[0]

    def _refuse_cut(self, gradient: torch.Tensor) -> None:
        if not self._checked:
            refuse_cut(gradient)
            self._checked = True

    def _tensors(self, rows: NDArray[np.floating]) -> torch.Tensor:
        return torch.tensor(rows, dtype=self.point.dtype, device=self.point.device)

    def _over_parts(self, of: Callable[[torch.Tensor], torch.Tensor], order: int) -> torch.Tensor:
        """Average what is made of the gradient on each part of the data."""
        with self._differentiated(order):
            parts = self._parts
            works = [
                partial(self._on_part, chunk, number if number < parts.kept else None, of)
                for number, chunk in enumerate(parts.chunks)
                if chunk.share > 0
            ]
            return added_up(works) if self.objective.net.is_shared else reduce(torch.add, (work() for work in works))

    def _on_part(self, chunk: Chunk, kept_as: int | None, of: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        gradient = None if kept_as is None else self._kept.get(kept_as)
        if gradient is None:
            with QuickTwice():
                gradient = twice_differentiable(self.objective.mean, self.point, chunk.batch)
            self._refuse_cut(gradient)
            if kept_as is not None:
                self._kept[kept_as] = gradient
        return chunk.share * of(gradient)

    @property
    def _parts(self) -> SampleParts:
        return self.objective.parts_at(self.point)


def _second(gradient: torch.Tensor, point: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
    """Differentiate gradient . direction; zero where the gradient does not depend on the point."""
    if not gradient.requires_grad:
        return torch.zeros_like(direction)
    found = torch.autograd.grad(gradient, point, direction, retain_graph=True, allow_unused=True)[0]
    return torch.zeros_like(direction) if found is None else found


def _exchanged(outputs: Tree, others: dict[int, torch.Tensor]) -> Tree:
    """Give outputs with other tensors in the place of those with these ids."""
    return mapped(outputs, lambda one: others.get(id(one), one))


def _seconds(
    slopes: Sequence[torch.Tensor], inputs: Sequence[torch.Tensor], directions: Sequence[torch.Tensor]
) -> Sequence[torch.Tensor]:
    """Differentiate the sum of slopes . directions by several inputs; zero where the slopes do not depend on them."""
    bent = [(slope, along) for slope, along in zip(slopes, directions, strict=True) if slope.requires_grad]
    if not bent:
        return [torch.zeros_like(one) for one in inputs]
    of, along = zip(*bent, strict=True)
    return torch.autograd.grad(of, inputs, along, retain_graph=True, materialize_grads=True)


def _numpy_type(dtype: torch.dtype) -> type[np.floating]:
    return np.float64 if dtype == torch.float64 else np.float32


def _plain(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().to(torch.float64).numpy()
