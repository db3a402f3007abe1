"""Curvature of a net's loss: Hessian products, eigenvalues, flatness, slices and traces.

Everything stands on one seam, ``Objective``: the mean loss as a function of one flat parameter
vector. The package keeps torch out until a torch module is measured.
"""

from foldscape.curvature.blocks import Block
from foldscape.curvature.eigenpairs import Eigenpairs, top_eigenpairs
from foldscape.curvature.flatness import GRANULARITIES, flatness
from foldscape.curvature.objective import Objective
from foldscape.curvature.operator import HessianOperator
from foldscape.curvature.slices import LossSlice, default_radius, loss_slice
from foldscape.curvature.subset import ProbeSubset, probe_subset
from foldscape.curvature.trace import Estimate, frobenius, trace

__all__ = [
    "GRANULARITIES",
    "Block",
    "Eigenpairs",
    "Estimate",
    "HessianOperator",
    "LossSlice",
    "Objective",
    "ProbeSubset",
    "default_radius",
    "flatness",
    "frobenius",
    "loss_slice",
    "probe_subset",
    "top_eigenpairs",
    "trace",
]
