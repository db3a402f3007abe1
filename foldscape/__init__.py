"""Explore loss landscapes and grow neural networks.

``foldscape.run(spec)`` trains a network and yields what happens. Names load on first use, so that reading a spec does
not load torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foldscape import curvature as curvature
    from foldscape import geometry as geometry
    from foldscape.spec import RunSpec as RunSpec
    from foldscape.training import run as run

__version__ = "0.1.0"
__all__ = ["RunSpec", "curvature", "geometry", "run"]

_HOMES = {"RunSpec": "foldscape.spec", "run": "foldscape.training"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in __all__:
        value = importlib.import_module(f"foldscape.{name}")
    else:
        raise AttributeError(f"module 'foldscape' has no attribute {name!r}")
    globals()[name] = value
    return value
