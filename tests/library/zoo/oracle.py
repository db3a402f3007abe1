"""The truth about a net, dense and in float64: by autograd row by row on a copy, or by differences of its loss."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tests.library.zoo.nets import SAMPLES, Case

CRITERIA = {
    "cross_entropy": lambda outputs, labels: (
        functional.binary_cross_entropy_with_logits(outputs.squeeze(1), labels.double())
        if outputs.ndim == 2 and outputs.shape[1] == 1
        else functional.cross_entropy(outputs, labels)
    ),
    "mse": lambda outputs, labels: (
        0.5 * (outputs - labels).square().flatten(1).sum(1).mean()
        if outputs.ndim > 1
        else 0.5 * (outputs - labels).square().mean()
    ),
    "bce": functional.binary_cross_entropy_with_logits,
}
STEP = 1e-3


class Oracle:
    """A net's loss and everything that is derived from it.

    Args:
        case: The net and its data; what autograd would differentiate wrongly is found by differences.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.module = case.make(True).double().eval()
        self.inputs, self.labels = (_double(each) for each in case.data())
        loss = case.loss
        self.criterion = CRITERIA[loss] if isinstance(loss, str) else _double(copy.deepcopy(loss))
        trained = [(name, one) for name, one in self.module.named_parameters() if one.requires_grad]
        self.names, self.tensors = [name for name, _ in trained], [one for _, one in trained]
        self.buffers = {name: one.clone() for name, one in self.module.named_buffers()}
        self.spans = np.cumsum([0, *(one.numel() for one in self.tensors)])
        self.theta = self._flat(self.tensors)

    def loss(self, theta: np.ndarray | None = None) -> float:
        """Give the mean loss."""
        with torch.enable_grad(), self._at(theta):
            return float(self._mean().detach())

    def losses(self, thetas: np.ndarray) -> np.ndarray:
        """Give the mean losses of several points."""
        return np.array([self.loss(theta) for theta in thetas])

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient, (P,)."""
        if self.case.by_differences:
            steps = STEP * np.eye(len(self.theta))
            return np.array([self._along(step) / STEP for step in steps])
        return self._gradient(self._mean())

    @cached_property
    def hessian(self) -> np.ndarray:
        """The Hessian, (P, P)."""
        if self.case.by_differences:
            return self._by_differences()
        first = torch.autograd.grad(self._mean(), self.tensors, create_graph=True, materialize_grads=True)
        rows = [self._row(entry) for one in first for entry in one.reshape(-1)]
        return np.stack(rows)

    @cached_property
    def by_sample(self) -> np.ndarray:
        """N times what each sample adds to the gradient, (N, P); of samples alone where the outputs are no tensor."""
        outputs = self._outputs()
        if not isinstance(outputs, torch.Tensor):
            return np.stack([self._gradient(self._mean(slice(at, at + 1))) for at in range(SAMPLES)])
        slope = torch.autograd.grad(self.criterion(outputs, self.labels), outputs, retain_graph=True)[0]
        return SAMPLES * np.stack([self._gradient((outputs[at] * slope[at]).sum()) for at in range(SAMPLES)])

    @cached_property
    def gauss_newton(self) -> np.ndarray:
        """J^T A J, with J all outputs by the parameters and A the loss twice by all outputs, (P, P)."""
        outputs = self._outputs()
        entries = torch.cat([one.reshape(-1) for one in _tensors(outputs)])
        jacobian = np.stack([self._gradient(entry) for entry in entries])
        free = entries.detach().requires_grad_()
        loss = self.criterion(
            _filled(outputs, list(free.split([one.numel() for one in _tensors(outputs)]))), self.labels
        )
        slope = torch.autograd.grad(loss, free, create_graph=True)[0]
        bent = np.stack([_bent(one, free) for one in slope])
        return np.asarray(jacobian.T @ bent @ jacobian)

    @property
    def covariance(self) -> np.ndarray:
        """The covariance of the samples' gradients, (P, P)."""
        apart = self.by_sample - self.by_sample.mean(axis=0)
        return apart.T @ apart / SAMPLES

    def scale(self, granularity: str) -> np.ndarray:
        """Give the length in units of which each parameter is measured, (P,)."""
        if granularity == "none":
            return np.ones_like(self.theta)
        if granularity == "element":
            return np.abs(self.theta)
        lengths = np.zeros_like(self.theta)
        tensors = [np.arange(*self._span(at)) for at in range(len(self.names))]
        for own in self.layers() if granularity == "layer" else tensors:
            lengths[own] = np.linalg.norm(self.theta[own])
        return lengths

    def layers(self) -> list[np.ndarray]:
        """Give the places of each layer's parameters: of those whose names agree up to the last dot."""
        keys = [name.rpartition(".")[0] or name for name in self.names]
        filled = [key for key, one in zip(keys, self.tensors, strict=True) if one.numel()]
        return [
            np.concatenate([np.arange(*self._span(at)) for at, other in enumerate(keys) if other == key])
            for key in dict.fromkeys(filled)
        ]

    def flatness(self, granularity: str) -> float:
        """Give the largest eigenvalue in units of the parameters' sizes."""
        scale = self.scale(granularity)
        return float(eigenvalues(scale[:, None] * self.hessian * scale)[-1])

    def relative(self) -> float:
        """Give the relative flatness of the last layer, not standardised: of the last tensor with two axes."""
        at = max(i for i, one in enumerate(self.tensors) if one.ndim == 2)
        low, high = self._span(at)
        weight = self.theta[low:high].reshape(self.tensors[at].shape)
        block = self.hessian[low:high, low:high].reshape(*weight.shape, *weight.shape)
        return float(np.vdot(weight @ weight.T, np.einsum("sjtj->st", block)))

    def _span(self, at: int) -> tuple[int, int]:
        return int(self.spans[at]), int(self.spans[at + 1])

    def _flat(self, tensors: Any) -> np.ndarray:
        return np.concatenate([one.detach().reshape(-1).numpy() for one in tensors] or [np.zeros(0)]).astype(np.float64)

    def _gradient(self, value: torch.Tensor) -> np.ndarray:
        return self._flat(torch.autograd.grad(value, self.tensors, retain_graph=True, materialize_grads=True))

    def _row(self, entry: torch.Tensor) -> np.ndarray:
        if not entry.requires_grad:
            return np.zeros_like(self.theta)
        return self._flat(torch.autograd.grad(entry, self.tensors, retain_graph=True, materialize_grads=True))

    def _mean(self, rows: slice = slice(None)) -> torch.Tensor:
        return self.criterion(self._outputs(rows), _rows(self.labels, rows))

    def _outputs(self, rows: slice = slice(None)) -> Any:
        inputs = _rows(self.inputs, rows)
        with torch.no_grad():
            for name, one in self.module.named_buffers():
                one.copy_(self.buffers[name])
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            if isinstance(inputs, dict):
                return self.module(**inputs)
            return self.module(*inputs) if isinstance(inputs, tuple) else self.module(inputs)

    def _at(self, theta: np.ndarray | None) -> _Moved:
        return _Moved(self, self.theta if theta is None else theta)

    def _along(self, step: np.ndarray) -> float:
        """Give the slope's part along a step, to the fourth order."""
        near, far = (self.loss(self.theta + k * step) - self.loss(self.theta - k * step) for k in (1, 2))
        return float((8 * near - far) / 12)

    def _by_differences(self) -> np.ndarray:
        size = len(self.theta)
        eye = STEP * np.eye(size)

        def second(step: np.ndarray) -> float:
            here = self.loss()
            near, far = (self.loss(self.theta + k * step) + self.loss(self.theta - k * step) - 2 * here for k in (1, 2))
            return float((16 * near - far) / 12 / STEP**2)

        diagonal = [second(one) for one in eye]
        found = np.diag(diagonal)
        for i in range(size):
            for j in range(i):
                found[i, j] = found[j, i] = 0.5 * (second(eye[i] + eye[j]) - diagonal[i] - diagonal[j])
        return found


def _tensors(outputs: Any) -> list[torch.Tensor]:
    """Give the tensors of outputs of any make."""
    parts = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, tuple) else [outputs]
    return [one for one in parts if isinstance(one, torch.Tensor)]


def _filled(outputs: Any, parts: list[torch.Tensor]) -> Any:
    """Give outputs of the same make with other numbers."""
    if isinstance(outputs, dict):
        return {name: _filled(one, parts) for name, one in outputs.items()}
    if isinstance(outputs, tuple):
        return tuple(_filled(one, parts) for one in outputs)
    return parts.pop(0).view(outputs.shape) if isinstance(outputs, torch.Tensor) else outputs


def _bent(slope: torch.Tensor, outputs: torch.Tensor) -> np.ndarray:
    if not slope.requires_grad:
        return np.zeros(outputs.numel())
    bent = torch.autograd.grad(slope, outputs, retain_graph=True, materialize_grads=True)[0]
    return np.asarray(bent.reshape(-1).numpy())


def eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """Give the eigenvalues of a symmetric matrix, the smallest first; NaN where it is not finite."""
    if not np.isfinite(matrix).all():
        return np.full(len(matrix), np.nan)
    return np.linalg.eigvalsh(matrix)


class _Moved:
    """Puts a parameter vector into the copy's tensors, and its own back."""

    def __init__(self, oracle: Oracle, theta: np.ndarray) -> None:
        self.oracle, self.theta = oracle, theta

    def __enter__(self) -> None:
        self._put(self.theta)

    def __exit__(self, *_: object) -> None:
        self._put(self.oracle.theta)

    def _put(self, theta: np.ndarray) -> None:
        with torch.no_grad():
            for at, one in enumerate(self.oracle.tensors):
                one.copy_(torch.as_tensor(theta[slice(*self.oracle._span(at))]).view(one.shape))


def _double(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return value.double()
    if isinstance(value, dict):
        return {name: _double(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_double(one) for one in value)
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def _rows(value: Any, rows: slice) -> Any:
    if isinstance(value, dict):
        return {name: _rows(one, rows) for name, one in value.items()}
    return tuple(_rows(one, rows) for one in value) if isinstance(value, tuple) else value[rows].clone()
