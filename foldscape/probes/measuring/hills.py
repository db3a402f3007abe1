"""Where the net is to the hills that stand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.errors import NotPossible
from foldscape.events import HillsMeasured
from foldscape.geometry import cell_distance
from foldscape.losses.cross_entropy import softmax
from foldscape.net.averaging import with_statistics_of
from foldscape.probes.measuring.moment import believed, finite_objective, known, measured_on, top_pairs
from foldscape.subject import Subject
from foldscape.terms import HillPenalty
from foldscape.terms.hill_shapes import equilibrium, height
from foldscape.terms.hills import hills_among, output_distances
from foldscape.terms.standing import Standing, fixed_points


def hills(subject: Subject, eigenvalues: int) -> Iterator[HillsMeasured]:
    """Measure where the net is to each hill, and the balance of the last one with basins of the present curvature."""
    term = hills_among(subject.terms)
    if term is None:
        return
    standing = Standing.among(subject.held_by_terms())
    theta, x = tuple(subject.net.flat()), subject.split.train_x
    outputs = np.array(output_distances(softmax(subject.net.logits(x[fixed_points(len(x))])), standing))
    away = outputs if term.kernel == "function" else np.array(term.distances(theta, standing))
    heights = np.array([height(term.kernel, r**2, float(sigma)) for r, sigma in zip(away, standing.sigma, strict=True)])
    cells = _cells(subject, standing)
    values, iterations, residual = _eigenvalues(subject, eigenvalues)
    along, share = _along(subject, term, standing)
    near = int(away.argmin()) if len(standing) and np.isfinite(away).all() else -1
    last = float(standing.sigma[-1]) if len(standing) else math.nan
    balance = [equilibrium(term.strength, last, float(value)) for value in values] if len(standing) else []
    is_rbf = term.kernel == "rbf" and len(standing) > 0

    def nearest(of: Float64Array) -> float | None:
        return known(float(of[near])) if near >= 0 else None

    yield HillsMeasured(
        **measured_on(subject, "closed form", iterations, residual),
        standing=len(standing),
        strength=term.strength,
        kernel=term.kernel,
        scope=term.scope,
        number=standing.number.astype(np.int32),
        sigma=standing.sigma,
        distance=away,
        height=heights,
        cells=cells,
        outputs=outputs,
        along=along,
        share=share,
        value=term.strength * float(heights.sum()),
        nearest=nearest(away),
        nearest_sigma=nearest(away / standing.sigma),
        nearest_height=nearest(heights),
        nearest_cells=nearest(cells),
        nearest_outputs=nearest(outputs),
        eigenvalues=values,
        equilibrium=np.array(balance if is_rbf else np.full(len(values), np.nan)),
        escape=known(term.strength / last**2 / values[0]) if is_rbf and len(values) and values[0] > 0 else None,
    )


def _cells(subject: Subject, standing: Standing) -> Float64Array:
    """Give the cell distance to each top; NaN where the loss surface has none, or they are not known."""
    net, (x, _) = subject.net, subject.probe_points()
    if net.is_folded or not net.neurons:
        return np.full(len(standing), np.nan)
    try:
        # tops have no running statistics of their own: all nets take those that they have on the same points
        own, *tops = (with_statistics_of(net.with_flat(at), x) for at in (net.flat(), *standing.tops))
        return np.array([cell_distance(own, top, x) for top in tops])
    except NotPossible:
        return np.full(len(standing), np.nan)


def _along(subject: Subject, term: HillPenalty, standing: Standing) -> tuple[Float64Array, Float64Array]:
    """Give where the tops lie along the sharpest directions, where another probe has found them at this moment."""
    known, net = subject.pairs, subject.net
    if known is None or subject.objective is None or subject.objective[0] is not net or net.is_folded:
        return np.zeros((len(standing), 0)), np.zeros(0)
    parts = net.flat()
    counted = term.counted(parts)
    vectors = np.where(counted, known.vectors, 0.0)
    ways = [np.concatenate([(a - b).ravel() for a, b in zip(top, parts, strict=True)]) for top in standing.tops]
    along: Float64Array = np.array(ways, np.float64).reshape(len(ways), len(counted)) @ vectors.T
    return along, np.square(vectors).sum(axis=1)


def _eigenvalues(subject: Subject, many: int) -> tuple[Float64Array, int, float | None]:
    if not many or finite_objective(subject) is None:
        return np.zeros(0), 0, None
    pairs = top_pairs(subject, many)
    found: Float64Array = believed(pairs)[:many]
    return found, pairs.iterations, float(pairs.residuals.max())
