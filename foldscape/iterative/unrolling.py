"""The last residual block applied more often than it was trained for (arXiv 1710.04773, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foldscape.arrays import FloatArray, Labels
from foldscape.errors import InvalidInput
from foldscape.iterative.averaged import Averaged, averaged
from foldscape.iterative.chain import ResidualChain, in_turn
from foldscape.iterative.scored import lengths_of, losses_of, rights_of
from foldscape.losses import Loss, loss_of
from foldscape.net.mlp import Weights

EXTRA = 4
"""Extra applications, at most."""
WAYS = ("plain", "scaled")
"""What the block adds each time: its residual, or that over the number of times."""


@dataclass(frozen=True)
class Unrolled:
    """How a net does when its last residual block is applied 1 + e times, e from 0 to E.

    The first row of each array is plain, h ← h + F(h); the second scaled, h ← h + F(h) / (1 + e). In a block that ends
    in an activation this is behind the sum.

    Attributes:
        block: What the block is called.
        points: Samples N.
        accuracy: (2, E + 1) share of samples that are right.
        loss: (2, E + 1).
        norm: (2, E + 1) norm of what leaves the block.
    """

    block: str
    points: int
    accuracy: Averaged
    loss: Averaged
    norm: Averaged

    @property
    def extra(self) -> int:
        """Extra applications E, at most."""
        return int(self.accuracy.mean.shape[1]) - 1

    def rows(self) -> list[dict[str, Any]]:
        """Give a row a way and number of extra times, as tables and CSV have it."""
        return [
            {"way": way, "extra": extra}
            | {
                key: float(part[row, extra])
                for name in ("accuracy", "loss", "norm")
                for key, part in zip((name, f"{name}_error"), getattr(self, name), strict=True)
            }
            for row, way in enumerate(WAYS)
            for extra in range(self.extra + 1)
        ]


def unroll(
    net: Weights, x: FloatArray, y: Labels, loss: str | Loss = "cross_entropy", *, extra: int = EXTRA
) -> Unrolled:
    """Apply the last residual block of a net more often, and see how it does.

    Args:
        net: The net; its running statistics are what batch normalisation takes, however often.
        x: (N, numbers) samples.
        y: (N,) their classes.
        loss: The loss.
        extra: Extra times E, at most.

    Returns:
        Means over samples with their standard errors; without extra times they are those of the net.

    Raises:
        NotPossible: If the net has no block that adds to what comes.
        InvalidInput: If ``extra`` is below 0, there are no samples, or not as many classes.

    Example:
        >>> from foldscape.net.spec import NetSpec
        >>> net = NetSpec(wiring="res_mlp", blocks=2, width=4).first_on((4,), 3, np.random.default_rng(0))
        >>> unroll(net, np.eye(4), np.array([0, 1, 2, 0]), extra=2).accuracy.mean.shape
        (2, 3)
    """
    if extra < 0:
        raise InvalidInput(f"A block cannot be applied {extra} extra times.", hint="Give 0 or more.")
    chain, measured = ResidualChain(net), loss_of(loss)
    with torch.no_grad():
        parts = [_unrolled(chain, rows, labels, measured, extra) for rows, labels in in_turn(chain, x, y)]
    found = {name: averaged(np.concatenate([part[name] for part in parts], axis=-1)) for name in parts[0]}
    return Unrolled(chain.names[-1], len(x), **found)


def _unrolled(chain: ResidualChain, rows: Tensor, y: Tensor, loss: Loss, extra: int) -> dict[str, FloatArray]:
    """Give the values of each sample by what they are of, (2, E + 1, N)."""
    last, came = len(chain) - 1, chain.passed(rows).entered[-1]
    plain = [came]
    for _ in range(extra + 1):
        plain.append(chain.block(last)(plain[-1]))
    ways = [plain[1:], [_in_shares(chain, came, times) for times in range(1, extra + 2)]]
    outputs = [[chain.behind(last, h) for h in way] for way in ways]
    return {
        "accuracy": np.array([[rights_of(each, y).numpy() for each in way] for way in outputs]),
        "loss": np.array([[losses_of(loss, each, y).numpy() for each in way] for way in outputs]),
        "norm": np.array([[lengths_of(h).numpy() for h in way] for way in ways]),
    }


def _in_shares(chain: ResidualChain, h: Tensor, times: int) -> Tensor:
    """Apply the last block so many times, each adding only its share of the residual."""
    block = chain.block(len(chain) - 1)
    for _ in range(times):
        h = block.added(h, block.inner(h) / times)
    return h
