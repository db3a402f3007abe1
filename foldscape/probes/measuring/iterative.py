"""What each residual block does to what passes it, at one moment of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.curvature.subset import probe_subset
from foldscape.events import IterativeMeasured
from foldscape.iterative import BlockByBlock, Unrolled, block_by_block, unroll
from foldscape.iterative.chain import why_no_chain
from foldscape.probes.measuring.moment import known, measured_on
from foldscape.subject import Subject

if TYPE_CHECKING:
    from foldscape.probes.iterative import IterativeProbe

OF_BLOCKS = (
    "cosine", "ratio", "norm", "accuracy", "loss", "predicted", "actual", "borderline_right", "corrected", "spoiled",
)  # fmt: skip


def by_each_block(subject: Subject, probe: IterativeProbe) -> Iterator[IterativeMeasured]:
    """Measure the net on its test or training points, the same at each moment."""
    split = subject.split
    x, y = (split.test_x, split.test_y) if probe.part == "test" else (split.train_x, split.train_y)
    if not len(x) or why_no_chain(subject.net):
        return
    chosen = probe_subset(len(x), limit=probe.most)
    x, y = x[chosen.indices], y[chosen.indices]
    blocks = block_by_block(subject.net, x, y, subject.loss, gap=probe.gap)
    unrolled = unroll(subject.net, x, y, subject.loss, extra=probe.extra)
    stamp = measured_on(subject, "backward pass", len(blocks.names)) | {"points": len(x), "subset": chosen.hash}
    arrays: dict[str, Any] = {name: np.stack(getattr(blocks, name)) for name in OF_BLOCKS}
    arrays |= {f"unrolled_{name}": np.stack(getattr(unrolled, name)) for name in ("accuracy", "loss", "norm")}
    yield IterativeMeasured(
        **stamp, part=probe.part, names=list(blocks.names), stages=list(blocks.stages),
        gap=blocks.gap, borderline=blocks.borderline, extra=unrolled.extra, **arrays,
        values=summed_up(blocks, unrolled),
    )  # fmt: skip


def summed_up(blocks: BlockByBlock, unrolled: Unrolled) -> dict[str, float | None]:
    """Give the numbers that curves and comparisons have, by the names of their columns."""
    cosine, after = blocks.cosine, blocks.accuracy.mean
    highest = int(np.argmax(np.where(np.isnan(cosine.mean), -np.inf, cosine.mean)))
    plain, scaled = unrolled.accuracy.mean
    values = {
        "mean_cosine": cosine.mean.mean(),
        "highest_cosine": cosine.mean[highest] if np.isfinite(cosine.mean).all() else np.nan,
        "highest_cosine_error": cosine.error[highest],
        "residual_ratio": blocks.ratio.mean.mean(),
        "feature_growth": blocks.growth,
        "first_block_accuracy": after[1],
        "last_block_accuracy": after[-1],
        "depth_gain": after[-1] - after[1],
        "unrolled_accuracy": plain[-1],
        "unrolled_change": plain[-1] - plain[0],
        "scaled_change": scaled[-1] - scaled[0],
        "borderline_share": blocks.borderline / blocks.points,
        "last_corrected": blocks.corrected.mean[-1],
    }
    return {name: known(value) for name, value in values.items()}
