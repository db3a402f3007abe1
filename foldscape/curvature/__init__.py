"""Curvature of a net's loss: Hessian products, eigenvalues, densities, flatness, noise, slices and traces.

Everything stands on one seam, ``Objective``: the mean loss as a function of one flat parameter
vector. The package keeps torch out until a torch module is measured.
"""

from foldscape.curvature.blocks import Block
from foldscape.curvature.by_layer import top_eigenpairs_by_layer, trace_by_layer
from foldscape.curvature.density import SpectralDensity, spectral_density
from foldscape.curvature.eigenpairs import Eigenpairs, top_eigenpairs
from foldscape.curvature.flatness import GRANULARITIES, all_flatness, flatness, flatness_scale
from foldscape.curvature.layer_gradients import GradientsByLayer, layer_gradients
from foldscape.curvature.matrices import MATRICES, Matrix, matrix
from foldscape.curvature.moment import SharpestMoment, batch_gradients, predicted_change, sharpest_moment
from foldscape.curvature.noise import GradientNoise, NoiseCurvature, gradient_noise, noise_curvature
from foldscape.curvature.objective import Objective
from foldscape.curvature.operator import HessianOperator
from foldscape.curvature.oscillation import sign_changes, step_correlation
from foldscape.curvature.overlap import FlatChannel, flat_channels, gradient_overlap, subspace_overlap
from foldscape.curvature.relative import RelativeFlatness, output_flatness, relative_flatness
from foldscape.curvature.saddle import SaddleIndex, saddle_index
from foldscape.curvature.sharpness import Sharpness, perturbation, sharpness
from foldscape.curvature.slices import LossSlice, default_radius, loss_slice
from foldscape.curvature.subset import ProbeSubset, probe_subset
from foldscape.curvature.trace import Estimate, frobenius, trace
from foldscape.curvature.warming import warm
from foldscape.modules.batch_loss import BatchLoss

__all__ = [
    "GRANULARITIES",
    "MATRICES",
    "BatchLoss",
    "Block",
    "Eigenpairs",
    "Estimate",
    "FlatChannel",
    "GradientNoise",
    "GradientsByLayer",
    "HessianOperator",
    "LossSlice",
    "Matrix",
    "NoiseCurvature",
    "Objective",
    "ProbeSubset",
    "RelativeFlatness",
    "SaddleIndex",
    "SharpestMoment",
    "Sharpness",
    "SpectralDensity",
    "all_flatness",
    "batch_gradients",
    "default_radius",
    "flat_channels",
    "flatness",
    "flatness_scale",
    "frobenius",
    "gradient_noise",
    "gradient_overlap",
    "layer_gradients",
    "loss_slice",
    "matrix",
    "noise_curvature",
    "output_flatness",
    "perturbation",
    "predicted_change",
    "probe_subset",
    "relative_flatness",
    "saddle_index",
    "sharpest_moment",
    "sharpness",
    "sign_changes",
    "spectral_density",
    "step_correlation",
    "subspace_overlap",
    "top_eigenpairs",
    "top_eigenpairs_by_layer",
    "trace",
    "trace_by_layer",
    "warm",
]
