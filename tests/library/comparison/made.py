"""Curves with known numbers."""

import numpy as np

from foldscape.comparison import Curve


def curve(seed=0, method="fixed", *, losses=(1.0, 0.1, 0.01), settings=None, **columns):
    """A curve whose checkpoints are 10 updates apart, with the training loss given."""
    n = len(losses)
    given = {"updates": 10.0 * np.arange(n), "epoch": np.arange(n, dtype=float), "train_loss": losses} | columns
    own = {"method": method, **(settings or {})}
    return Curve(
        f"{method}-{seed}-{own.get('batch', '')}",
        f"{method} {seed}",
        own,
        seed,
        given,
        data="d",
        split="s",
        loss="cross_entropy",
    )


def group(method, lambdas, *, first_seed=0, losses=(1.0, 0.1), **more):
    """Curves of one group, one a seed; each measure is constant along the curve."""
    return [
        curve(first_seed + seed, method, losses=losses, lambda_none=[value] * len(losses), **more)
        for seed, value in enumerate(lambdas)
    ]
