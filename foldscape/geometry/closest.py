"""The nearest point of a hyperplane inside a polyhedron, in any dimension: least distance programming."""

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.geometry.errors import GeometryError

INFEASIBLE = 1e-9  # residual, on rows scaled to unit length, at which the constraints contradict each other


def closest_point(
    point: ArrayLike, normal: ArrayLike, offset: float, G: ArrayLike | None = None, h: ArrayLike | None = None
) -> Float64Array | None:
    """Solve min ||x - point|| subject to normal . x + offset = 0 and G x >= h, exactly.

    The equality is eliminated by an orthonormal basis of the hyperplane; what is left is the least distance problem of
    Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23), one non-negative least squares solve.

    Args:
        point: (d,).
        normal: Normal of the hyperplane, (d,), not zero.
        offset: A number.
        G: Constraint rows, (n, d); None for none.
        h: Their right-hand sides, (n,).

    Returns:
        The nearest point, (d,), or None if the polyhedron does not meet the hyperplane.

    Raises:
        GeometryError: If shapes do not fit or the normal is zero.

    Example:
        >>> closest_point([0.0, 0.0], [0.0, 1.0], -1.0, [[1.0, 0.0]], [2.0]).round(12).tolist()
        [2.0, 1.0]
    """
    # Imported here: scipy's optimisers take longer to load than the whole engine.
    from scipy.optimize import nnls

    x, n = np.asarray(point, dtype=np.float64), np.asarray(normal, dtype=np.float64)
    d = len(x)
    rows = np.zeros((0, d)) if G is None else np.asarray(G, dtype=np.float64)
    limits = np.zeros(0) if h is None else np.asarray(h, dtype=np.float64)
    if n.shape != (d,) or rows.shape != (len(limits), d):
        raise GeometryError(
            f"Point {x.shape}, normal {n.shape}, G {rows.shape}, h {limits.shape}: expected (d,), (d,), (n, d), (n,)."
        )
    size = float(np.linalg.norm(n))
    if not size > 0:
        raise GeometryError("The normal is zero: there is no hyperplane. Check that the logits differ in this cell.")
    on_plane = x - (n @ x + offset) / size**2 * n
    basis = np.linalg.svd(n[None] / size)[2][1:].T  # (d, d - 1)
    reduced, slack = rows @ basis, limits - rows @ on_plane
    lengths = np.linalg.norm(reduced, axis=1)
    flat = lengths <= 1e-14 * np.maximum(np.linalg.norm(rows, axis=1), 1e-300)
    if (slack[flat] > INFEASIBLE).any():  # constraints that are constant on the hyperplane
        return None
    reduced, slack = reduced[~flat] / lengths[~flat, None], slack[~flat] / lengths[~flat]
    if (slack <= 0).all():
        return on_plane
    # Distances measured in units of the worst violation, so that the residual's last entry keeps its digits.
    unit = slack.max()
    E = np.vstack([reduced.T, slack / unit])
    f = np.zeros(d)
    f[-1] = 1.0
    y, residual = nnls(E, f)
    if residual < INFEASIBLE:
        return None
    r = E @ y - f
    nearest: Float64Array = on_plane + basis @ (-unit * r[:-1] / r[-1])
    return nearest
