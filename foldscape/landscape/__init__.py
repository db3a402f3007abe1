"""The loss landscape around a net: slices, planes, paths, and connections between nets.

``slice``, ``plane`` and ``path`` take any torch module and its data. They stand on an ``Evaluator`` of losses and
accuracies over a plane of parameters, on ``Direction``, and on ``fill_plane``, which a worker can stop and take up
again. ``topology`` finds the basins of such a surface.
The package loads no torch until a module is given, and no compiled code for its specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports

if TYPE_CHECKING:
    from foldscape.landscape.alignment import Alignment, align
    from foldscape.landscape.api import path, plane, planes, slice
    from foldscape.landscape.channels import ChannelAlignment, align_channels
    from foldscape.landscape.connection import (
        Connection,
        bezier,
        curve_connection,
        hub,
        linear_connection,
        radial,
    )
    from foldscape.landscape.dense import warm
    from foldscape.landscape.direction import (
        Direction,
        eigen_directions,
        gradient_direction,
        radial_direction,
        random_direction,
        towards,
    )
    from foldscape.landscape.embedding import Embedded, MomentNet, beginning, embed
    from foldscape.landscape.evaluator import Evaluator, Losses
    from foldscape.landscape.filling import fill_plane, seconds_each
    from foldscape.landscape.merging import MergeTree, merge_tree
    from foldscape.landscape.one_point import OnePoint, one_point_convexity
    from foldscape.landscape.persistence import Hills, Topology, topology
    from foldscape.landscape.recorded import of_run, saddle_path
    from foldscape.landscape.results import LinePlot, PathPlot, PlanePlot, PlanesPlot
    from foldscape.landscape.spec import Plane, Slice
    from foldscape.landscape.surface import FinishedCells, Surface
    from foldscape.landscape.trajectory import Components, PathInPlane, plane_of_three, principal_components, project
    from foldscape.landscape.tunnel import TunnelWidth, tunnel_width

__all__ = [
    "Alignment",
    "ChannelAlignment",
    "Components",
    "Connection",
    "Direction",
    "Embedded",
    "Evaluator",
    "FinishedCells",
    "Hills",
    "LinePlot",
    "Losses",
    "MergeTree",
    "MomentNet",
    "OnePoint",
    "PathInPlane",
    "PathPlot",
    "Plane",
    "PlanePlot",
    "PlanesPlot",
    "Slice",
    "Surface",
    "Topology",
    "TunnelWidth",
    "align",
    "align_channels",
    "beginning",
    "bezier",
    "curve_connection",
    "eigen_directions",
    "embed",
    "fill_plane",
    "gradient_direction",
    "hub",
    "linear_connection",
    "merge_tree",
    "of_run",
    "one_point_convexity",
    "path",
    "plane",
    "plane_of_three",
    "planes",
    "principal_components",
    "project",
    "radial",
    "radial_direction",
    "random_direction",
    "saddle_path",
    "seconds_each",
    "slice",
    "topology",
    "towards",
    "tunnel_width",
    "warm",
]

_HOME = {
    "Alignment": "alignment",
    "FinishedCells": "surface",
    "ChannelAlignment": "channels",
    "Components": "trajectory",
    "Connection": "connection",
    "Direction": "direction",
    "Embedded": "embedding",
    "Evaluator": "evaluator",
    "Hills": "persistence",
    "LinePlot": "results",
    "Losses": "evaluator",
    "MergeTree": "merging",
    "MomentNet": "embedding",
    "OnePoint": "one_point",
    "PathInPlane": "trajectory",
    "PathPlot": "results",
    "Plane": "spec",
    "PlanePlot": "results",
    "PlanesPlot": "results",
    "Slice": "spec",
    "Surface": "surface",
    "Topology": "persistence",
    "TunnelWidth": "tunnel",
    "align": "alignment",
    "align_channels": "channels",
    "beginning": "embedding",
    "bezier": "connection",
    "curve_connection": "connection",
    "eigen_directions": "direction",
    "embed": "embedding",
    "fill_plane": "filling",
    "gradient_direction": "direction",
    "hub": "connection",
    "linear_connection": "connection",
    "merge_tree": "merging",
    "of_run": "recorded",
    "one_point_convexity": "one_point",
    "path": "api",
    "plane": "api",
    "planes": "api",
    "plane_of_three": "trajectory",
    "principal_components": "trajectory",
    "project": "trajectory",
    "radial": "connection",
    "radial_direction": "direction",
    "random_direction": "direction",
    "saddle_path": "recorded",
    "seconds_each": "filling",
    "slice": "api",
    "topology": "persistence",
    "towards": "direction",
    "tunnel_width": "tunnel",
    "warm": "dense",
}

__getattr__, __dir__ = exports(__name__, _HOME)
