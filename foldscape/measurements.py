"""Measurements: the events of the curvature probes, each with what is needed to believe it.

A number that did not converge is ``None``, or NaN within an array, and stands beside its residual; so nobody can take
it for one that did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from foldscape.event import Event


@dataclass(frozen=True, kw_only=True)
class Measurement(Event):
    """Base of what the curvature probes find.

    Attributes:
        epoch: Epochs done.
        points: Number of training points measured on.
        subset: Hash of which ones; values may be compared only where it agrees.
        method: How it was found, such as ``dense`` or ``lanczos``.
        iterations: Hessian-vector products used, or gradients where the method uses none.
        residual: Largest norm of ``H v - lambda v`` among the eigenpairs it stands on; ``None`` where it needs none.
    """

    epoch: float
    points: int
    subset: str
    method: str
    iterations: int
    residual: float | None


@dataclass(frozen=True, kw_only=True)
class Scalars(Measurement):
    """Numbers of a probe that has no event of its own, such as a plugin's.

    Attributes:
        probe: Kind of the probe.
        values: Its numbers by the names that its columns have; ``None`` is one that was not found.
    """

    kind: ClassVar[str] = "scalars"
    probe: str
    values: dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Curvature(Measurement):
    """The ends of the Hessian's spectrum, with scale-free partners.

    Attributes:
        lambda_max: Largest eigenvalue of the Hessian of the mean training loss, or ``None`` if not converged. 0 where
            rounding hides it: then none lies above its residual.
        edge: Stability edge of the optimiser in use at the present learning rate; ``None`` where none is known.
        edge_name: How it follows from the learning rate η, such as ``2/η``.
        edge_of: Which eigenvalue it is an edge of: ``hessian``, or ``preconditioned``, as for Adam.
        preconditioned: Largest eigenvalue of the Hessian in units of the optimiser's own steps; ``None`` if not
            converged or not asked for.
        edge_note: Why there is nothing to hold against the edge, in a sentence; else empty.
        values: (k,) float64 largest eigenvalues, the first first; NaN where not converged.
        residuals: (k,) float64 their residuals.
        smallest: Smallest eigenvalue; ``None`` if not converged or not asked for.
        smallest_residual: Its residual; ``None`` if not asked for.
        flatness: Largest eigenvalue of the scale-invariant Hessian by granularity; ``None`` if not converged.
        flatness_residual: Its residual by granularity.
        flat_channels: Pairs of hidden units, the most parallel first, that look like a minimum and are none: ``layer``
            and ``units`` from 0, and the cosine between their incoming weights.
    """

    kind: ClassVar[str] = "curvature"
    lambda_max: float | None
    edge: float | None
    edge_name: str = "2/η"
    edge_of: Literal["hessian", "preconditioned"] = "hessian"
    preconditioned: float | None = None
    edge_note: str = ""
    values: np.ndarray
    residuals: np.ndarray
    smallest: float | None
    smallest_residual: float | None
    flatness: dict[str, float | None]
    flatness_residual: dict[str, float]
    flat_channels: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class SliceMeasured(Measurement):
    """The loss along one of the sharpest directions through the present weights.

    Attributes:
        direction: Which one, from 1 for the sharpest.
        lambda_max: Curvature along it: the eigenvalue.
        slope: First derivative of the training loss along it.
        sgd_step: Mean distance that one mini-batch step of gradient descent moves along it, parameter units.
        radius: Half length of the cut, as a share of the weights' norm.
        t: (T,) float32 distances along the unit direction, in parameter units.
        train: (T,) float32 training loss.
        test: (T,) float32 test loss; empty without test points.
    """

    kind: ClassVar[str] = "slice"
    direction: int
    lambda_max: float
    slope: float
    sgd_step: float
    radius: float = 0.25
    t: np.ndarray
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Traces(Measurement):
    """Sums over whole spectra, the matrices kept apart; a standard error of 0 means exact.

    Attributes:
        trace: Sum of the Hessian's eigenvalues.
        trace_error: Its standard error.
        frobenius: Root of the sum of their squares.
        frobenius_error: Its standard error.
        gauss_newton: Trace of the Gauss-Newton matrix, for cross-entropy the true Fisher matrix.
        gauss_newton_error: Its standard error.
        empirical_fisher: Trace of the second moment of the points' gradients, with their true labels; exact.
        covariance: Trace of their covariance, the second moment less the mean gradient's; exact.
    """

    kind: ClassVar[str] = "traces"
    trace: float
    trace_error: float
    frobenius: float
    frobenius_error: float
    gauss_newton: float
    gauss_newton_error: float
    empirical_fisher: float
    covariance: float


@dataclass(frozen=True, kw_only=True)
class Density(Measurement):
    """The density of a whole spectrum.

    Attributes:
        matrix: Whose spectrum: ``hessian``, ``gauss_newton`` or another.
        grid: (G,) float32 places.
        density: (G,) float32 share of the eigenvalues per unit there; integrates to 1.
        outliers: Eigenvalues above the bulk, estimated.
        bulk_edge: Where the bulk ends.
        negative_mass: Share of the eigenvalues below zero.
        effective_rank: How many equal eigenvalues would have this trace and Frobenius norm.
    """

    kind: ClassVar[str] = "density"
    matrix: str
    grid: np.ndarray
    density: np.ndarray
    outliers: int
    bulk_edge: float
    negative_mass: float
    effective_rank: float


@dataclass(frozen=True, kw_only=True)
class Noise(Measurement):
    """The noise of mini-batch gradients, and where gradient and sharpest directions lie.

    Attributes:
        noise_scale: Trace of the gradient covariance over the squared gradient, in points; ``None`` for no gradient.
        covariance: Trace of the gradient covariance.
        gradient_norm: Norm of the gradient of the mean loss.
        k: Number K of sharpest directions below; where they did not converge all that follows is ``None``.
        energy: Share of the squared gradient in their span, rho_K.
        overlap_last: Overlap of their span with that of the last measurement; ``None`` for the first.
        overlap_first: Overlap with the first measurement since a birth.
        cosine: Cosine between gradient covariance and Hessian; ``None`` if not asked for.
    """

    kind: ClassVar[str] = "noise"
    noise_scale: float | None
    covariance: float
    gradient_norm: float
    k: int
    energy: float | None
    overlap_last: float | None
    overlap_first: float | None
    cosine: float | None


@dataclass(frozen=True, kw_only=True)
class SharpnessMeasured(Measurement):
    """How much the loss rises near the weights, nats.

    Attributes:
        rho: Radius in parameter units.
        adaptive_rho: Radius in units of the parameters' own sizes.
        sam: Rise after one step of length ``rho`` up the gradient.
        sam_ascent: Largest rise within that ball that projected ascent found.
        asam: Rise after one step of length ``adaptive_rho``, measured in the parameters' sizes.
        asam_ascent: Largest rise within that ball that projected ascent found.
        average: Mean rise under Gaussian steps of standard deviation ``rho`` a coordinate.
        average_error: Its standard error.
        relative_flatness: Relative flatness of the output layer, its features standardised; NaN for a graph.
    """

    kind: ClassVar[str] = "sharpness"
    rho: float
    adaptive_rho: float
    sam: float
    sam_ascent: float
    asam: float
    asam_ascent: float
    average: float
    average_error: float
    relative_flatness: float


@dataclass(frozen=True, kw_only=True)
class Directions(Measurement):
    """What mini-batches do along the K sharpest directions v_k; all NaN where those did not converge.

    Attributes:
        values: (K,) float64 eigenvalues.
        alignment: (K,) float64 mean of ``|cos(g_b, v_k)|`` over the mini-batches.
        alignment_mean: (K,) float64 mean of the cosine itself.
        alignment_spread: (K,) float64 its standard deviation.
        gradient_alignment: (K,) float64 cosine between the full gradient and v_k.
        batch_alignment: Mean cosine between a mini-batch's gradient and the full one.
        energy: Share of the squared gradient in the span of the v_k, rho_K.
        step_sizes: (K,) float64 length of one SGD step along v_k.
        multiples: (A,) float64 places of the cross-sections, in such steps.
        sections: (K, A) float64 training loss there.
        factors: (F,) float64 step sizes of the decomposition, as multiples of the learning rate.
        changes: (K, F) float64 mean change of the loss when only a step's part along v_k is taken.
        changes_random: (F,) float64 the same along a random direction.
        changes_full: (F,) float64 the same for the whole step.
        predicted: (K, F) float64 what the quadratic model says of ``changes``.
    """

    kind: ClassVar[str] = "directions"
    values: np.ndarray
    alignment: np.ndarray
    alignment_mean: np.ndarray
    alignment_spread: np.ndarray
    gradient_alignment: np.ndarray
    batch_alignment: float | None
    energy: float | None
    step_sizes: np.ndarray
    multiples: np.ndarray
    sections: np.ndarray
    factors: np.ndarray
    changes: np.ndarray
    changes_random: np.ndarray
    changes_full: np.ndarray
    predicted: np.ndarray


@dataclass(frozen=True, kw_only=True)
class NoveltyMeasured(Measurement):
    """How the net does on test points by how far they are from the nearest training point.

    ``points`` is the number of test points; all training points are searched, so ``subset`` is empty.

    Attributes:
        representation: What distances are between: ``words``, ``hashed``, ``inputs`` or ``features``.
        buckets: Number of buckets B.
        critical_radius: Radius of the critical samples; 0 where they were not looked for.
        edges: (B + 1,) float64 novelty at which the buckets begin, from the least novel on, and where the last ends.
        counts: (B,) int32 test points.
        accuracy: (B,) float64 accuracy of the net.
        confidence: (B,) float64 mean probability of its own answer; NaN where its loss makes none.
        memoriser: (B,) float64 accuracy of the 1-nearest-neighbour memoriser.
        critical: (B,) float64 critical sample ratio; NaN where it was not looked for.
        shown: (S,) int32 the most novel test points that the net misses, the most novel first.
        shown_nearest: (S,) int32 the nearest training point of each.
        shown_novelty: (S,) float64 its distance.
        shown_as: (S,) int32 class that the net answers with.
        values: Numbers of the whole table, by the names that columns have; ``None`` where not known.
    """

    kind: ClassVar[str] = "novelty"
    representation: str
    buckets: int
    critical_radius: float
    edges: np.ndarray
    counts: np.ndarray
    accuracy: np.ndarray
    confidence: np.ndarray
    memoriser: np.ndarray
    critical: np.ndarray
    shown: np.ndarray
    shown_nearest: np.ndarray
    shown_novelty: np.ndarray
    shown_as: np.ndarray
    values: dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class HillsMeasured(Measurement):
    """The hills that stand, the oldest first, and where the net is to them.

    Attributes:
        standing: Hills C that stand.
        strength: Strength of each, in the unit of the loss.
        kernel: Their shape, see the term ``hills``.
        scope: The parameters in which distance is measured.
        number: (C,) int32 which hill of the run each is, from 0.
        sigma: (C,) float64 widths, parameter units.
        distance: (C,) float64 distances r of the net from the tops, in the parameters that count.
        height: (C,) float64 height k of each hill where the net is, from 1 on its top down to 0.
        cells: (C,) float64 share of (sample, unit) pairs whose activation differs from the top's; NaN for tanh.
        outputs: (C,) float64 root mean squared difference of the softmax outputs from the top's.
        along: (C, k) float64 how far each top lies along the k sharpest directions that are known at this moment, in
            the parameters that count; so a hill on a slice along v, t from the net, is at the squared distance
            r² − 2t·along + t²·share.
        share: (k,) float64 share of the squared length of each direction in the parameters that count.
        value: What all add to the loss.
        nearest: Distance from the nearest top; ``None`` where none stands.
        nearest_sigma: The same in widths of that hill.
        nearest_height: Height k of that hill.
        nearest_cells: Cell distance from that top.
        nearest_outputs: Difference of the outputs from that top's.
        eigenvalues: (n,) float64 Hessian eigenvalues of the data loss now, the largest first; NaN where not converged.
        equilibrium: (n,) float64 distance r* at which the last hill and a quadratic basin of each curvature are in
            balance; 0 where the hill is flatter than the basin, NaN where the curvature is not above 0.
        escape: Strength over squared width of the last hill, in units of the largest eigenvalue: above 1 no basin of
            the present curvature holds the net on its top.
    """

    kind: ClassVar[str] = "hills"
    standing: int
    strength: float
    kernel: str
    scope: str
    number: np.ndarray
    sigma: np.ndarray
    distance: np.ndarray
    height: np.ndarray
    cells: np.ndarray
    outputs: np.ndarray
    along: np.ndarray
    share: np.ndarray
    value: float
    nearest: float | None
    nearest_sigma: float | None
    nearest_height: float | None
    nearest_cells: float | None
    nearest_outputs: float | None
    eigenvalues: np.ndarray
    equilibrium: np.ndarray
    escape: float | None


@dataclass(frozen=True, kw_only=True)
class HillSlice(Measurement):
    """The loss along the line from the last hill's top through the net.

    Attributes:
        number: Which hill of the run it is, from 0.
        distance: How far from the top the net is along the line, in all its parameters.
        t: (T,) float32 distances from the top, parameter units.
        train: (T,) float32 training loss without the hills.
        hills: (T,) float32 what all hills that stand add to it.
    """

    kind: ClassVar[str] = "hill_slice"
    number: int
    distance: float
    t: np.ndarray
    train: np.ndarray
    hills: np.ndarray


@dataclass(frozen=True, kw_only=True)
class CriticalCounted(Event):
    """The critical points of a plane run.

    Attributes:
        epoch: Epochs done.
        radius: Radius r in the maximum norm, data units.
        part: Which points: ``train`` or ``test``.
        points: How many these are.
        critical: How many have another class within r, exactly.
        found: How many of those a search (LASS) finds.
        csr_exact: The critical ones as a share of all.
        lass_recall: The found ones as a share of the critical ones; ``None`` where there are none.
    """

    kind: ClassVar[str] = "critical_region"
    epoch: float
    radius: float
    part: str
    points: int
    critical: int
    found: int
    csr_exact: float
    lass_recall: float | None


@dataclass(frozen=True, kw_only=True)
class Memorisation(Measurement):
    """What the net knows of clean and of corrupted training points, and near how many points its answer changes.

    Attributes:
        searched: Points whose surroundings were searched: test points, or training points where there are none.
        radius: Radius of the search in the maximum norm, data units.
        csr: Share of those points with another answer within the radius, a lower bound; ``None`` of no points.
        clean: Share of the clean training points that are right; ``None`` where there are none.
        corrupted: Share of the corrupted ones answered as they are given; ``None`` where there are none.
        corrupted_true: Share of those with a wrong label whose true class is answered; ``None`` where there are none.
        clean_learnt: Share of the clean points that were right at a measurement so far.
        corrupted_learnt: Share of the corrupted ones that were answered as given at a measurement so far.
        sensitivity: Mean over measurements so far and training points of the L1 norm of the gradient of an example's
            loss by its input; ``None`` where it is no finite number.
        gini: Gini coefficient of the examples' own means; ``None`` where all are 0.
        learnt_at: (n,) float32 epochs at which each of the first n <= 4096 training points was first right as given;
            NaN for one that never was.
    """

    kind: ClassVar[str] = "memorisation"
    searched: int
    radius: float
    csr: float | None
    clean: float | None
    corrupted: float | None
    corrupted_true: float | None
    clean_learnt: float | None
    corrupted_learnt: float | None
    sensitivity: float | None
    gini: float | None
    learnt_at: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Nudged(Measurement):
    """The sharpest directions v_k that a run's optimiser last found, and what it makes of a step along them.

    Attributes:
        values: (K,) float64 their eigenvalues as they were found, on the optimiser's own draw of points.
        factors: (K,) float64 factor on a step's part along each; 1 is a step as without them.
        alignment: (K,) float64 cosine of the full gradient now and each direction.
        lambda_max: The first eigenvalue.
        factor: The first factor.
        gradient_alignment: Size of the first cosine; ``None`` where the gradient is 0.
        products: Hessian-vector products that finding them took in the epoch of the last update.
    """

    kind: ClassVar[str] = "nudged"
    values: np.ndarray
    factors: np.ndarray
    alignment: np.ndarray
    lambda_max: float
    factor: float
    gradient_alignment: float | None
    products: int


@dataclass(frozen=True, kw_only=True)
class Oscillation(Measurement):
    """How the coming updates swing along the K sharpest directions, beside a random one.

    Attributes:
        updates: Updates looked at.
        values: (K,) float64 eigenvalues of the directions now; NaN where not converged.
        sign_changes: (K,) float64 share of consecutive updates between which the mini-batch gradient's part along
            v_k changes its sign; NaN where v_k did not converge.
        autocorrelation: (K,) float64 autocorrelation of the displacement along v_k at a lag of one update, likewise.
        changes: The first of ``sign_changes``; ``None`` if not converged.
        correlation: The first of ``autocorrelation``; likewise.
        random_changes: Sign changes along a random direction at right angles to the sharpest.
        random_correlation: Autocorrelation along it.
    """

    kind: ClassVar[str] = "oscillation"
    updates: int
    values: np.ndarray
    sign_changes: np.ndarray
    autocorrelation: np.ndarray
    changes: float | None
    correlation: float | None
    random_changes: float | None
    random_correlation: float | None
