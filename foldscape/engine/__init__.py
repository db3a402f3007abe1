"""Engines carry out the updates of a run. All agree on one contract, ``Engine``."""

from __future__ import annotations

from foldscape.engine.base import Engine, Memory

__all__ = ["Engine", "Memory"]
