"""Critical points of a plane run: all there are, and those that a search finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from foldscape import memorisation
from foldscape.events import CriticalCounted
from foldscape.geometry import critical_region
from foldscape.subject import Subject


def count(subject: Subject, radius: float, part: Literal["train", "test"]) -> Iterator[CriticalCounted]:
    """Count the critical points of a part of the data, exactly and by LASS from the run's seed."""
    x = subject.split.train_x if part == "train" else subject.split.test_x
    if not subject.split.is_plane or subject.net.why_no_folds or not len(x) or not subject.net.is_finite():
        return
    exact = critical_region(subject.net, x, radius).critical
    search = memorisation.critical_points(subject.net, x, radius, rng=subject.seed)
    found = int((search.critical & exact).sum())
    critical = int(exact.sum())
    yield CriticalCounted(
        **subject.stamp(),
        epoch=subject.epoch,
        radius=radius,
        part=part,
        points=len(x),
        critical=critical,
        found=found,
        csr_exact=critical / len(x),
        lass_recall=found / critical if critical else None,
    )
