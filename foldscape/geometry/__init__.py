"""Exact geometry of small ReLU nets: how they fold the plane."""

from foldscape.geometry.around import hexagons_around, max_norm_distance
from foldscape.geometry.box import default_box
from foldscape.geometry.cell_distance import activation_signs, cell_distance
from foldscape.geometry.cells import Cell, Cells
from foldscape.geometry.critical import CriticalRegion, critical_region
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.insertion import with_fold
from foldscape.geometry.network import logits
from foldscape.geometry.partition import Partition, partition
from foldscape.geometry.segments import Boundary, FoldPoints, Folds

__all__ = [
    "Boundary",
    "Cell",
    "Cells",
    "CriticalRegion",
    "FoldPoints",
    "Folds",
    "GeometryError",
    "Partition",
    "activation_signs",
    "cell_distance",
    "critical_region",
    "default_box",
    "hexagons_around",
    "logits",
    "max_norm_distance",
    "partition",
    "warm",
    "with_fold",
]


def warm() -> None:
    """Compile every kernel, or load it from disk, so that the first real call is fast. Call it when a worker starts."""
    net = [[[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0]]]
    partition(net, [[0.0, 0.0], [-0.5, 0.0], [-0.2]], (-1, 1, -1, 1))
