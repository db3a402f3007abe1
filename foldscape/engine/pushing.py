"""What terms add to the gradient in compiled code: the hills of a run as the kernels read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from foldscape.arrays import Float32Array, Float64Array, Int64Array
from foldscape.engine import kernels_hills
from foldscape.optimizer.memory import Blocks
from foldscape.terms import HillPenalty, Term
from foldscape.terms.hills import hills_among
from foldscape.terms.standing import Standing

if TYPE_CHECKING:
    from foldscape.engine.rule import FlatLayout


class Push:
    """The gradient terms of a compiled run, and what they hold.

    Args:
        terms: Terms that compiled code carries out; weight decay is none of them.

    Attributes:
        terms: The terms.
        held: What they hold.
        arrays: What the kernels take of them: (C, width) tops of the hills, (spans, 2) where the parameters lie in
            which distance is measured, and a row of ``kernels_hills`` a hill.
    """

    def __init__(self, terms: Sequence[Term] = ()) -> None:
        self.terms = tuple(terms)
        self.held: Mapping[str, Blocks] = {}
        self.arrays = _no_hills()

    def hold(self, held: Mapping[str, Blocks], layout: FlatLayout) -> None:
        """Hold this from here on; a net of another shape has another layout."""
        self.held = held
        hills = hills_among(self.terms)
        standing = Standing.among(held)
        self.arrays = _arrays(hills, standing, layout) if hills and hills.strength and len(standing) else _no_hills()


def _arrays(
    hills: HillPenalty, standing: Standing, layout: FlatLayout
) -> tuple[Float32Array, Int64Array, Float64Array]:
    spans = np.array(layout.spans(hills.chosen(standing.tops[0])), np.int64).reshape(-1, 2)
    tops = aligned(len(standing), layout.width)
    for row, top in zip(tops, standing.tops, strict=True):
        layout.join(top, row)
    kernel = kernels_hills.KERNELS[hills.kernel]
    rows = [(hills.strength, 2 * float(sigma) ** 2, kernel) for sigma in standing.sigma]
    return tops, spans, np.array(rows, np.float64)


def _no_hills() -> tuple[Float32Array, Int64Array, Float64Array]:
    return aligned(0, 0), np.zeros((0, 2), np.int64), np.zeros((0, kernels_hills.COLUMNS))


def aligned(rows: int, width: int) -> Float32Array:
    """Give zeros that start where a line of the cache does, so that no vector lies across two."""
    raw = np.zeros(rows * width + 16, np.float32)
    start = -raw.ctypes.data // 4 % 16
    return raw[start : start + rows * width].reshape(rows, width)
