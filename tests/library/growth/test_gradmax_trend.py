"""T-E7-8: a student that grows by GradMax learns its teacher better than one whose units start at random.

A teacher of 10 ReLU units, 20 inputs and 10 outputs, weights U(-1, 1); students of 5 units trained on 1000 Gaussian
inputs by full-batch gradient descent on the mean squared error, one unit more every 200 steps, five times, then 500
steps. All seeds are trained side by side.
"""

import numpy as np

from foldscape.growth.gradmax import orthogonal_outgoing

SEEDS, POINTS, INPUTS, UNITS, OUTPUTS = 10, 1000, 20, 10, 10
RATE, EVERY, BIRTHS, AFTER = 0.1, 200, 5, 500


def drawn():
    """Give inputs (SEEDS, N, d), targets (SEEDS, N, K) and a student of 10 units, float32."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(SEEDS, POINTS, INPUTS))
    into, out = rng.uniform(-1, 1, (SEEDS, INPUTS, UNITS)), rng.uniform(-1, 1, (SEEDS, UNITS, OUTPUTS))
    targets = np.maximum(x @ into, 0) @ out
    first = rng.uniform(-1, 1, into.shape) / np.sqrt(INPUTS), rng.uniform(-1, 1, out.shape) / np.sqrt(UNITS)
    return [part.astype(np.float32) for part in (x, targets, *first)]


def backward(x, targets, into, out):
    """Give the losses (SEEDS,), the errors of the outputs (SEEDS, N, K), and the gradients by both layers."""
    z = x @ into
    h = np.maximum(z, 0)
    difference = h @ out - targets
    error = difference * np.float32(2 / (POINTS * OUTPUTS))
    back = (error @ out.transpose(0, 2, 1)) * (z >= 0)
    losses = np.square(difference).mean(axis=(1, 2))
    return losses, error, x.transpose(0, 2, 1) @ back, h.transpose(0, 2, 1) @ error


def give_birth(kind, unit, x, error, out, rng):
    """Write the outgoing weights of a new unit of every seed; return the norms of its gradients (SEEDS,)."""
    moment = (error.transpose(0, 2, 1) @ x).astype(np.float64)
    c = np.linalg.norm(out[:, :unit], axis=2).mean(axis=1)
    for seed in range(SEEDS):
        direction = rng.normal(size=OUTPUTS)
        if kind == "gradmax":
            direction = orthogonal_outgoing(moment[seed], 1, 1.0).outgoing[:, 0]
        out[seed, unit] = c[seed] * direction / np.linalg.norm(direction)
    return np.linalg.norm(np.einsum("sk,skd->sd", out[:, unit], moment), axis=1)


def trained(kind, x, targets, into, out):
    """Give the final losses (SEEDS,) and the gradient norm of each new unit at its birth (BIRTHS, SEEDS)."""
    into, out = into.copy(), out.copy()
    rng = np.random.default_rng(12)
    if kind != "big":
        into[:, :, UNITS - BIRTHS :] = out[:, UNITS - BIRTHS :] = 0  # not born: no gradient reaches them
    norms = []
    for step in range(EVERY * BIRTHS + AFTER):
        if kind in ("gradmax", "random") and step and step % EVERY == 0 and len(norms) < BIRTHS:
            error = backward(x, targets, into, out)[1]
            norms.append(give_birth(kind, UNITS - BIRTHS + len(norms), x, error, out, rng))
        _, _, by_into, by_out = backward(x, targets, into, out)
        into -= RATE * by_into
        out -= RATE * by_out
    return backward(x, targets, into, out)[0], np.array(norms)


def test_T_E7_8_gradmax_learns_better_than_random_and_worse_than_big():
    given = drawn()
    losses, norms = {}, {}
    for kind in ("small", "random", "gradmax", "big"):
        losses[kind], norms[kind] = trained(kind, *given)
    medians = {kind: float(np.median(found)) for kind, found in losses.items()}
    assert medians["big"] < medians["gradmax"] < medians["random"] < medians["small"], medians
    assert (norms["gradmax"].mean(axis=1) > norms["random"].mean(axis=1)).all()
