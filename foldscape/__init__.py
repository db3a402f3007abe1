"""Explore loss landscapes and grow neural networks.

``foldscape.run(spec)`` trains a network and yields what happens. Names load on first use, so that reading a spec does
not load torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports as _exports

if TYPE_CHECKING:
    from foldscape import comparison as comparison
    from foldscape import curvature as curvature
    from foldscape import ensembles as ensembles
    from foldscape import exports as exports
    from foldscape import geometry as geometry
    from foldscape import iterative as iterative
    from foldscape import landscape as landscape
    from foldscape import losses as losses
    from foldscape import novelty as novelty
    from foldscape import studies as studies
    from foldscape import sweep as sweep
    from foldscape.ensembles.result import ensemble as ensemble
    from foldscape.spec import RunSpec as RunSpec
    from foldscape.training import run as run

__version__ = "0.1.0"
__all__ = [
    "RunSpec",
    "comparison",
    "curvature",
    "ensemble",
    "ensembles",
    "exports",
    "geometry",
    "iterative",
    "landscape",
    "losses",
    "novelty",
    "run",
    "studies",
    "sweep",
]

_MODULES = (
    "comparison",
    "curvature",
    "ensembles",
    "exports",
    "geometry",
    "iterative",
    "landscape",
    "losses",
    "novelty",
    "studies",
    "sweep",
)

__getattr__, __dir__ = _exports(
    __name__, {"RunSpec": "spec", "ensemble": "ensembles", "run": "training", **dict.fromkeys(_MODULES)}
)
