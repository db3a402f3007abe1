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


def dag(sizes, seed=0, share=0.6, gain=1.5):
    """A net without cycles as wide layers: each unit hears one of the layer before it and some of all others."""
    rng = np.random.default_rng(seed)
    weights, biases = [], []
    for layer in range(1, len(sizes)):
        before = sum(sizes[:layer])
        leads = rng.random((sizes[layer], before)) < share
        leads[np.arange(sizes[layer]), rng.integers(before - sizes[layer - 1], before, sizes[layer])] = True
        weights.append(leads * rng.normal(size=leads.shape) * gain / np.sqrt(1 + share * before))
        biases.append(rng.normal(size=sizes[layer]) * 0.5)
    biases[-1] = biases[-1] - outputs(weights, biases, points()).mean(axis=0)  # balanced, as above
    return weights, biases


def hidden(weights, biases, X, slope=0.0):
    """Pre-activations of each hidden layer, side by side; a layer hears the last columns of all there is."""
    values, heard = [np.empty((len(X), 0))], np.asarray(X, float)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = heard[:, -np.shape(W)[1] :] @ np.asarray(W).T + b
        values.append(z)
        heard = np.concatenate([heard, np.where(z > 0, z, slope * z)], axis=1)
    return np.concatenate(values, axis=1)


def outputs(weights, biases, X, slope=0.0):
    """Logits, by the same plain loop."""
    z = hidden(weights, biases, X, slope)
    heard = np.concatenate([X, np.where(z > 0, z, slope * z)], axis=1)
    return heard[:, -np.shape(weights[-1])[1] :] @ np.asarray(weights[-1]).T + biases[-1]


def passed_through(weights, biases, slope=0.0, shift=1e3):
    """The plain net that does what a wide one does: whatever is heard later passes through units that never switch.

    A shift keeps those units above zero and is taken off again where they are heard. They stand before the others.
    """
    plain_weights, plain_biases = [], []
    passed = 0  # how many of the units before this layer have been shifted
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        heard = W.shape[1]
        own = np.asarray(b) - W[:, :passed].sum(axis=1) * shift
        if layer == len(weights) - 1:
            plain_weights.append(W)
            plain_biases.append(own)
        else:
            plain_weights.append(np.concatenate([np.eye(heard), W]))
            plain_biases.append(np.concatenate([np.where(np.arange(heard) < passed, 0.0, shift), own]))
        passed = heard
    return plain_weights, plain_biases


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
