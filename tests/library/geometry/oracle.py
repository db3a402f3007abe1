"""A slow partition in plain numpy: every cell on its own, cut unit by unit. It shares no code with the engine."""

import numpy as np


def cut(polygon, values):
    """Both sides of a convex polygon cut along the zero line of an affine function known at its corners."""
    sides = []
    for sign in (1, -1):
        kept = []
        for k in range(len(polygon)):
            p, q = polygon[k - 1], polygon[k]
            a, b = sign * values[k - 1], sign * values[k]
            if a * b < 0:
                kept.append(p + (q - p) * (a / (a - b)))
            if b >= 0:
                kept.append(q)
        sides.append(np.array(kept))
    return sides


def area(polygon):
    if len(polygon) < 3:
        return 0.0
    x, y = (polygon - polygon[0]).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def slow_partition(weights, biases, box, slope=0.0):
    """All cells as (polygon, affine (K, 2), offset (K,), pattern)."""
    xmin, xmax, ymin, ymax = box
    square = np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]], float)
    smallest = 1e-14 * area(square)
    cells = [(square, np.eye(2), np.zeros(2), ())]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        finer = []
        for polygon, A, c, pattern in cells:
            WA, wb = W @ A, W @ c + b
            pieces = [polygon]
            for w, v in zip(WA, wb, strict=True):
                cut_pieces = []
                for piece in pieces:
                    values = piece @ w + v
                    if values.min() < 0 < values.max():
                        cut_pieces += [side for side in cut(piece, values) if area(side) > smallest]
                    else:
                        cut_pieces.append(piece)
                pieces = cut_pieces
            for piece in pieces:
                on = piece.mean(axis=0) @ WA.T + wb > 0
                s = np.where(on, 1.0, slope)
                finer.append((piece, s[:, None] * WA, s * wb, (*pattern, *on.tolist())))
        cells = finer
    return [(p, weights[-1] @ A, weights[-1] @ c + biases[-1], pattern) for p, A, c, pattern in cells]
