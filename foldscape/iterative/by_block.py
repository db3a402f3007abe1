"""What each residual block does to what passes it (Jastrzębski et al. 2018, arXiv 1710.04773, sections 3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foldscape.arrays import FloatArray, Labels
from foldscape.iterative.averaged import Averaged, averaged
from foldscape.iterative.chain import ResidualChain, in_turn
from foldscape.iterative.scored import gaps_of, lengths_of, losses_of, products_of, rights_of
from foldscape.losses import Loss, loss_of
from foldscape.net.mlp import Weights

GAP = 0.2
"""Between the two largest probabilities: below it a sample is borderline."""


@dataclass(frozen=True)
class BlockByBlock:
    """What the n residual blocks of a net do to N samples, h_{i+1} = h_i + F_i(h_i).

    Attributes:
        names: (n,) what the blocks are called.
        stages: (n,) which stage each stands in, see ``ResidualChain``.
        points: Samples N.
        cosine: (n,) between F_i and the gradient of a sample's own loss by h_i, through all blocks from i on. A block
            that lowers the loss has a negative one. Samples at which either is 0 have none.
        ratio: (n,) ||F_i|| / ||h_i||.
        norm: (n + 1,) ||h_i|| of what comes to each block, and of what leaves the last.
        accuracy: (n + 1,) share of samples that are right after the first 0 to n blocks, see ``ResidualChain.read``.
        loss: (n + 1,) loss after these.
        predicted: (n,) change of the loss to first order, F_i · ∂l/∂h_i.
        actual: (n,) change of the loss when h_{i+1} comes to block i instead of h_i.
        gap: Gap between the two largest probabilities below which a sample is borderline.
        borderline: Borderline samples.
        borderline_right: (n + 1,) share of these that are right after the first 0 to n blocks; NaN of none.
        corrected: (n,) share of these that are wrong before a block and right after it.
        spoiled: (n,) share of these that are right before it and wrong after it.
    """

    names: tuple[str, ...]
    stages: tuple[int, ...]
    points: int
    cosine: Averaged
    ratio: Averaged
    norm: Averaged
    accuracy: Averaged
    loss: Averaged
    predicted: Averaged
    actual: Averaged
    gap: float
    borderline: int
    borderline_right: Averaged
    corrected: Averaged
    spoiled: Averaged

    @property
    def growth(self) -> float:
        """The mean norm of what leaves the last block, over that of what comes to the first of its stage."""
        first = self.stages.index(self.stages[-1])
        return float(self.norm.mean[-1] / self.norm.mean[first])

    def rows(self) -> list[dict[str, Any]]:
        """Give a row a block, as tables and CSV have it: each mean with its standard error beside."""
        of_block = ("cosine", "ratio", "predicted", "actual", "corrected", "spoiled")
        after = ("norm", "accuracy", "loss", "borderline_right")
        return [
            {"block": name}
            | _columns({each: (getattr(self, each), number) for each in of_block})
            | _columns({f"{each}_after": (getattr(self, each), number + 1) for each in after})
            for number, name in enumerate(self.names)
        ]


def block_by_block(
    net: Weights, x: FloatArray, y: Labels, loss: str | Loss = "cross_entropy", *, gap: float = GAP
) -> BlockByBlock:
    """Say what each residual block of a net does to some samples.

    Args:
        net: The net; its running statistics are what batch normalisation takes.
        x: (N, numbers) samples.
        y: (N,) their classes.
        loss: The loss.
        gap: Gap between the two largest probabilities below which a sample is borderline.

    Returns:
        Means over samples with their standard errors.

    Raises:
        NotPossible: If the net has no block that adds to what comes.
        InvalidInput: If there are no samples, or not as many classes.

    Example:
        >>> from foldscape.net.spec import NetSpec
        >>> net = NetSpec(wiring="res_mlp", blocks=2, width=4).first_on((4,), 3, np.random.default_rng(0))
        >>> block_by_block(net, np.eye(4), np.array([0, 1, 2, 0])).cosine.mean.shape
        (2,)
    """
    chain, measured = ResidualChain(net), loss_of(loss)
    parts = [_measured(chain, rows, labels, measured) for rows, labels in in_turn(chain, x, y)]
    found = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    close, right = found.pop("gap") < gap, found["accuracy"]
    before, after = right[:-1, close], right[1:, close]
    return BlockByBlock(
        chain.names,
        chain.stages,
        len(x),
        **{name: averaged(values) for name, values in found.items()},
        gap=gap,
        borderline=int(close.sum()),
        borderline_right=averaged(right[:, close]),
        corrected=averaged((1 - before) * after),
        spoiled=averaged(before * (1 - after)),
    )


def _measured(chain: ResidualChain, rows: Tensor, y: Tensor, loss: Loss) -> dict[str, FloatArray]:
    """Give the values of each sample by what they are of: (blocks, N), (blocks + 1, N), and the gap (N,)."""
    # the samples themselves have a gradient, so that all that comes to a block has one
    passed = chain.passed(rows.requires_grad_())
    each = losses_of(loss, passed.outputs, y)
    slopes = torch.autograd.grad(each.sum(), passed.entered)
    with torch.no_grad():
        residuals = [left - came for came, left in zip(passed.entered, passed.left, strict=True)]
        predicted = _stacked(products_of(*pair) for pair in zip(residuals, slopes, strict=True))
        steps, norms = (_stacked(map(lengths_of, some)) for some in (residuals, [*passed.entered, passed.left[-1]]))
        reads = [chain.read(number, h) for number, h in enumerate(passed.entered)] + [passed.outputs]
        again = _stacked(losses_of(loss, chain.onward(number, h), y) for number, h in enumerate(passed.left))
        return {
            "cosine": np.asarray(predicted / (steps * _stacked(map(lengths_of, slopes)))),
            "ratio": np.asarray(steps / norms[:-1]),
            "norm": np.asarray(norms),
            "accuracy": np.asarray(_stacked(rights_of(outputs, y) for outputs in reads)),
            "loss": np.asarray(_stacked(losses_of(loss, outputs, y) for outputs in reads)),
            "predicted": np.asarray(predicted),
            "actual": np.asarray(again - each),
            "gap": np.asarray(gaps_of(passed.outputs)),
        }


def _stacked(values: Any) -> Tensor:
    return torch.stack(list(values))


def _columns(found: dict[str, tuple[Averaged, int]]) -> dict[str, float]:
    told = {}
    for name, (values, place) in found.items():
        told[name], told[f"{name}_error"] = float(values.mean[place]), float(values.error[place])
    return told
