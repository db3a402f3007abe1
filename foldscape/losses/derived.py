"""What follows from a loss's one formula by differentiation, in double precision; torch is loaded when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.errors import InvalidInput

if TYPE_CHECKING:
    from torch import Tensor

    from foldscape.arrays import FloatArray, Labels
    from foldscape.losses.base import Loss


def each(loss: Loss, outputs: Tensor, y: Tensor) -> Tensor:
    """Give the loss of each example.

    Args:
        loss: The loss.
        outputs: (n, K).
        y: (n,) classes.

    Returns:
        (n,) losses.

    Raises:
        InvalidInput: If the loss gives another shape.
    """
    found = loss.each(outputs, y)
    if found.shape != (len(outputs),):
        raise InvalidInput(
            f"The loss {loss.kind} gave the shape {tuple(found.shape)} for {len(outputs)} examples.",
            hint=f"Its each has to give one number an example, of shape ({len(outputs)},).",
        )
    return found


def values(loss: Loss, outputs: FloatArray, y: Labels, axis: int) -> FloatArray:
    """Give the loss of each example, (..., N), from outputs with the classes in ``axis``."""
    rows, labels = _rows(outputs, y, axis)
    found = each(loss, rows, labels).detach().numpy()
    return np.asarray(found.reshape(*outputs.shape[:-2], len(y)), outputs.dtype)


def error(loss: Loss, outputs: FloatArray, y: Labels, axis: int) -> FloatArray:
    """Give the gradient of each example's loss by its outputs, in their shape."""
    rows, labels = _rows(outputs, y, axis)
    found = _slope(each(loss, rows, labels).sum(), rows).detach().numpy()
    shaped = found.reshape(*outputs.shape[:-2], len(y), outputs.shape[axis])
    return np.ascontiguousarray(np.moveaxis(shaped, -1, axis), outputs.dtype)


def spread(loss: Loss, outputs: FloatArray, y: Labels) -> FloatArray:
    """Give the second derivative of every example by outputs (K, N): (K K, N), one row after the other."""
    import torch

    rows, labels = _rows(outputs, y, -2)
    with torch.enable_grad():
        slope = _slope(each(loss, rows, labels).sum(), rows)
        second = [_slope(slope[:, k].sum(), rows) for k in range(rows.shape[1])]
    found = torch.stack(second).detach().numpy()  # (K, N, K)
    return np.ascontiguousarray(np.moveaxis(found, 1, 2).reshape(-1, len(y)), outputs.dtype)


def curve(spread: FloatArray, direction: FloatArray) -> FloatArray:
    """Apply second derivatives (K K, N) to directions (..., K, N)."""
    classes = direction.shape[-2]
    return np.asarray(np.einsum("ijn,...jn->...in", spread.reshape(classes, classes, -1), direction))


def variance_of(matrix: FloatArray, spread: FloatArray) -> FloatArray:
    """Give the quadratic forms of second derivatives (K K, N) at the columns of a matrix (K, C): (C, N)."""
    classes = len(matrix)
    whole = spread.reshape(classes, classes, -1)
    return np.asarray(np.einsum("ic,ijn,jc->cn", matrix, whole, matrix))


def _rows(outputs: FloatArray, y: Labels, axis: int) -> tuple[Tensor, Tensor]:
    """Lay outputs out one row an example, as a leaf in double precision, with a class for each."""
    import torch

    last = np.moveaxis(outputs, axis, -1)
    rows = torch.tensor(last.reshape(-1, last.shape[-1]), dtype=torch.float64, requires_grad=True)
    return rows, torch.from_numpy(np.array(y, np.int64)).repeat(len(rows) // max(len(y), 1))


def _slope(total: Tensor, rows: Tensor) -> Tensor:
    """Differentiate a sum by the rows; zero where it does not depend on them."""
    import torch

    if not total.requires_grad:
        return torch.zeros_like(rows)
    found = torch.autograd.grad(total, rows, create_graph=True, allow_unused=True)[0]
    return torch.zeros_like(rows) if found is None else found
