"""The one net that an ensemble comes to when its weights are averaged instead of its predictions."""

from __future__ import annotations

from collections.abc import Sequence

from foldscape.arrays import FloatArray
from foldscape.net.averaging import mean_net, with_statistics_of
from foldscape.net.mlp import Weights


def mean_weights(nets: Sequence[Weights], shares: Sequence[float], x: FloatArray) -> Weights | None:
    """Give the net whose weights are the mean of those of others.

    Args:
        nets: The nets, at least one.
        shares: Weight of each; they sum to 1.
        x: (N, d) training points, of which the mean takes its running statistics.

    Returns:
        The net; of one net, that net. ``None`` where they share no parameter space.

    Example:
        >>> import numpy as np
        >>> a, b = (Weights((np.array([[value]]),), (np.zeros(1),)) for value in (1.0, 3.0))
        >>> mean_weights([a, b], [0.5, 0.5], np.ones((1, 1))).weights[0]
        array([[2.]])
    """
    if not all(nets[0].shares_space(net) for net in nets[1:]):
        return None
    return nets[0] if len(nets) == 1 else with_statistics_of(mean_net(nets, shares), x)
