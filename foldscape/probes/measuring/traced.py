"""The decision boundary of what is not piecewise linear, traced on a grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from contourpy import contour_generator

from foldscape.arrays import Float64Array, FloatArray
from foldscape.net.mlp import Weights

SIDE = 96
"""Grid points a side; between them the outputs are taken as linear."""


PAINTED = 48
"""Points a side of the outputs that a page paints, where it cannot work them out itself."""


def outputs_over(net: Weights, box: tuple[float, float, float, float]) -> np.ndarray:
    """Give what a net says over a box, for a picture.

    Args:
        net: A net of the plane.
        box: (xmin, xmax, ymin, ymax), data units.

    Returns:
        (K, PAINTED, PAINTED) float32 outputs, rows from the top down; the first and the last point lie on the edges.
    """
    x, y = np.linspace(box[0], box[1], PAINTED), np.linspace(box[3], box[2], PAINTED)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return net.logits(grid.astype(np.float32)).T.reshape(-1, PAINTED, PAINTED).astype(np.float32)


def traced_boundary(net: Weights, box: tuple[float, float, float, float]) -> np.ndarray:
    """Follow where the leading class changes.

    Args:
        net: A net of the plane with any activation.
        box: (xmin, xmax, ymin, ymax), data units.

    Returns:
        (B, 2, 2) float32 end points of short pieces; each lies on the boundary of the interpolated outputs.
    """
    return traced_lines(net.astype(np.float64).logits, box)


def traced_lines(
    outputs_at: Callable[[Float64Array], FloatArray], box: tuple[float, float, float, float], side: int = SIDE
) -> np.ndarray:
    """Follow where the largest of several outputs changes.

    Args:
        outputs_at: Gives (N, K) outputs at (N, 2) points.
        box: (xmin, xmax, ymin, ymax), data units.
        side: Grid points a side.

    Returns:
        (B, 2, 2) float32 end points of short pieces.
    """
    x, y = np.linspace(box[0], box[1], side), np.linspace(box[2], box[3], side)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    logits = outputs_at(grid)
    classes = logits.shape[1]
    pieces: list[np.ndarray] = []
    for k in range(classes if classes > 2 else 1):
        lead = logits[:, k] - np.delete(logits, k, axis=1).max(axis=1)
        lines: list[np.ndarray] = contour_generator(x, y, lead.reshape(side, side)).lines(0.0)  # type: ignore[assignment]
        pieces.extend(np.stack([line[:-1], line[1:]], axis=1) for line in lines)
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros((0, 2, 2), np.float32)
