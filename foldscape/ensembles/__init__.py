"""Ensembles: what several nets predict together, and how far they are from each other.

Members are moments or ends of runs; ``foldscape.ensemble`` measures runs at hand. Importing this loads no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports

if TYPE_CHECKING:
    from foldscape.ensembles.measuring import follow
    from foldscape.ensembles.prediction import PredictionScore, mean_prediction, score
    from foldscape.ensembles.result import Ensemble, ensemble
    from foldscape.ensembles.rows import PairDistance
    from foldscape.ensembles.spec import EnsembleSpec, Member

__all__ = [
    "Ensemble",
    "EnsembleSpec",
    "Member",
    "PairDistance",
    "PredictionScore",
    "ensemble",
    "follow",
    "mean_prediction",
    "score",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Ensemble": "result",
        "EnsembleSpec": "spec",
        "Member": "spec",
        "PairDistance": "rows",
        "PredictionScore": "prediction",
        "ensemble": "result",
        "follow": "measuring",
        "mean_prediction": "prediction",
        "score": "prediction",
    },
)
