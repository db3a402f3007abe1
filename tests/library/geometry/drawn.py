"""Nets drawn at random, and plain questions put to them that the tests ask again and again."""

from itertools import pairwise

import numpy as np

BOX = (-2.0, 3.0, -2.0, 2.0)
SQUARE = 20.0  # its area


def points(n=1000, seed=1, box=BOX):
    rng = np.random.default_rng(seed)
    xmin, xmax, ymin, ymax = box
    return np.column_stack([rng.uniform(xmin, xmax, n), rng.uniform(ymin, ymax, n)])


def net(sizes, seed=0, gain=1.5):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(b, a)) * gain / np.sqrt(a) for a, b in pairwise(sizes)]
    biases = [rng.normal(size=b) * 0.5 for b in sizes[1:]]
    h = points()
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = np.maximum(h @ W.T + b, 0)
    biases[-1] = -(h @ weights[-1].T).mean(axis=0)  # balanced, so that there is a boundary to look at
    return weights, biases


def hidden(weights, biases, X, slope=0.0):
    """Pre-activations of each hidden layer, side by side."""
    values, h = [np.empty((len(X), 0))], np.asarray(X, float)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = h @ np.asarray(W).T + b
        values.append(z)
        h = np.where(z > 0, z, slope * z)
    return np.concatenate(values, axis=1)


def winners(out):
    """Winning class of each row of logits; one output is two classes."""
    return (out[:, 0] > 0).astype(int) if out.shape[1] == 1 else out.argmax(axis=1)


def distance_to_segments(X, segments):
    """Distance from each point to the nearest of the segments (S, 2, 2)."""
    a, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    squared = np.maximum((along**2).sum(axis=1), 1e-300)
    best = np.full(len(X), np.inf)
    for start in range(0, len(X), 256):
        x = X[start : start + 256, None]
        t = np.clip(((x - a) * along).sum(axis=2) / squared, 0, 1)
        best[start : start + 256] = np.linalg.norm(a + t[..., None] * along - x, axis=2).min(axis=1)
    return best
