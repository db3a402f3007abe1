"""What a run measures: one file a probe, each a small spec class that knows its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.probes.base import Probe
from foldscape.registry import union_of

if TYPE_CHECKING:
    ProbeSpec = Probe
else:
    ProbeSpec = union_of("foldscape.probes", Probe)

__all__ = ["Probe", "ProbeSpec"]
