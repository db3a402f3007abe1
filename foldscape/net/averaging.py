"""The mean of nets in their parameters, and fresh running statistics for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.net.mlp import Weights, received


def mean_net(nets: Sequence[Weights], shares: Sequence[float]) -> Weights:
    """Give the net whose parameters are the weighted mean of those of others.

    Args:
        nets: Nets that share their parameters one by one.
        shares: Weight of each; they sum to 1.

    Returns:
        The net, in the precision of the first; of one net, that net. Running statistics of batch normalisation are
        averaged too, which are not those of the mean: see ``with_statistics_of``.

    Example:
        >>> a, b = (Weights((np.array([[value]]),), (np.zeros(1),)) for value in (1.0, 3.0))
        >>> mean_net([a, b], [0.5, 0.5]).weights[0]
        array([[2.]])
    """
    if len(nets) == 1:
        return nets[0]
    first, states = nets[0], [net.state() for net in nets]
    mixed = {}
    for name, parts in states[0].items():
        mixed[name] = tuple(
            _mean([state[name][place] for state in states], shares)
            if np.issubdtype(part.dtype, np.floating)
            else part  # what says which edges there are, or counts
            for place, part in enumerate(parts)
        )
    return first.restored(mixed)


def _mean(parts: Sequence[FloatArray], shares: Sequence[float]) -> FloatArray:
    exact = [part.astype(np.float64, copy=False) for part in parts]
    total = sum((share * part for share, part in zip(shares, exact, strict=True)))
    return np.asarray(total, parts[0].dtype)


def with_statistics_of(net: Weights, x: FloatArray) -> Weights:
    """Give a net the running statistics that it has on some points.

    Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization", arXiv 1803.05407,
    section 3.2: an average of weights saw no data, so one pass over them comes after.

    Args:
        net: The net; one without batch normalisation is given back as it is.
        x: (N, d) points, the training ones.

    Returns:
        The net with mean and variance of each normalised layer's pre-activations: over all points at once for chains
        of layers, the mean over batches for nets that a torch module computes, as ``torch.optim.swa_utils.update_bn``.
    """
    return net.with_statistics_of(x) if net.is_normed else net


def renewed_by_layer(net: Weights, x: FloatArray) -> Weights:
    """Give a chain of layers the statistics that it has on all of some points (N, d) at once."""
    norms = list(net.norms)
    seen: list[FloatArray] = [x.astype(np.float64)]
    exact = net.astype(np.float64)
    for layer, (weight, bias) in enumerate(zip(exact.weights[:-1], exact.biases[:-1], strict=True)):
        z = received(seen, weight) @ weight.T + bias
        if (normed := exact.norms[layer]) is not None:
            fresh = replace(normed, mean=z.mean(axis=0), var=z.var(axis=0))
            z = fresh.factor * (z - fresh.mean) + fresh.beta
            norms[layer] = fresh.astype(net.weights[0].dtype)
        seen.append(exact.activate(z))
    return replace(net, norms=tuple(norms))
