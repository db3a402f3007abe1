"""Iterative inference: what each block of a residual net does to what passes it (arXiv 1710.04773)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports as _exports

if TYPE_CHECKING:
    from foldscape.iterative.averaged import Averaged as Averaged
    from foldscape.iterative.by_block import BlockByBlock as BlockByBlock
    from foldscape.iterative.by_block import block_by_block as block_by_block
    from foldscape.iterative.chain import ResidualChain as ResidualChain
    from foldscape.iterative.unrolling import Unrolled as Unrolled
    from foldscape.iterative.unrolling import unroll as unroll

__all__ = ["Averaged", "BlockByBlock", "ResidualChain", "Unrolled", "block_by_block", "unroll"]

__getattr__, __dir__ = _exports(
    __name__,
    {
        "Averaged": "averaged",
        "BlockByBlock": "by_block",
        "ResidualChain": "chain",
        "Unrolled": "unrolling",
        "block_by_block": "by_block",
        "unroll": "unrolling",
    },
)
