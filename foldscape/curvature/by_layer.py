"""Trace and top eigenvalues layer by layer: of the blocks on the diagonal of the Hessian.

The block of a layer is the Hessian of the loss as a function of that layer alone, the others held fixed. Dong et al.
(2020), "HAWQ-V2", choose by its trace how finely each layer may be rounded; Yao et al. (2020), "PyHessian".
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.curvature.eigenpairs import Eigenpairs, ProgressCallback, top_eigenpairs
from foldscape.curvature.matrices import Matrix, MatrixName, matrix
from foldscape.curvature.objective import MAX_DENSE, Objective, objective_of
from foldscape.curvature.trace import BATCH, Estimate, TraceMethod
from foldscape.errors import InvalidInput

ParameterGroup = Literal["layer", "tensor"]
Groups = dict[str, NDArray[np.int64]]


def trace_by_layer(
    objective: Objective | Any,
    *data: Any,
    by: ParameterGroup = "layer",
    name: MatrixName = "hessian",
    method: TraceMethod = "auto",
    probes: int = 100,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    loss: Any = "cross_entropy",
    progress: ProgressCallback | None = None,
) -> dict[str, Estimate]:
    """Give the trace of each layer's block of the Hessian, or of another of the ``MATRICES``.

    The traces add up to that of ``trace``. Where there is no closed form, the same random signs z serve all layers: the
    mean of z_l . (H z)_l over them is the trace of layer l.

    Args:
        objective: The loss, or a torch module followed by its data.
        *data: Inputs and labels, or a loader, if a module was given.
        by: ``layer`` takes weights and biases of a layer together, ``tensor`` each alone.
        name: Which matrix.
        method: ``exact`` for the closed form or, up to 1500 parameters, the dense matrix; ``hutchinson`` for the
            estimate; ``auto`` for the closed form where there is one, else the estimate.
        probes: Random vectors, at least 2.
        rng: Generator or seed of the probes.
        theta: Point to measure at; the net's own parameters if None.
        loss: The loss of a module.
        progress: Told the probes done and their number.

    Returns:
        Traces in nats per squared parameter unit by layer, in the order of the parameters, each with its standard
        error.

    Raises:
        InvalidInput: If an argument does not fit.
        NotPossible: If there is no such matrix for the loss.

    Example:
        >>> net = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", [[1.0, 0], [0, 1]], [0, 1])
        >>> {name: round(found.value, 6) for name, found in trace_by_layer(net, by="tensor").items()}
        {'layers.0.weight': 0.393224, 'layers.0.bias': 0.393224}
    """
    objective = objective_of(objective, data, loss)
    groups, chosen = _groups(objective, by), matrix(objective, name, theta)
    if method != "hutchinson":
        known = _exact(objective, chosen, method, theta)
        if known is not None:
            return {part: Estimate(float(known[rows].sum()), 0.0, 0) for part, rows in groups.items()}
    if probes < 2:
        raise InvalidInput(f"{probes} probes give no standard error.", hint="Use at least 2.")
    forms = _drawn(chosen, list(groups.values()), probes, np.random.default_rng(rng), progress)
    means, errors = forms.mean(axis=0), forms.std(axis=0, ddof=1) / np.sqrt(probes)
    return {part: Estimate(float(a), float(b), probes) for part, a, b in zip(groups, means, errors, strict=True)}


def top_eigenpairs_by_layer(
    objective: Objective | Any,
    *data: Any,
    by: ParameterGroup = "layer",
    k: int = 1,
    theta: ArrayLike | None = None,
    loss: Any = "cross_entropy",
    **search: Any,
) -> dict[str, Eigenpairs]:
    """Find the largest eigenvalues of each layer's block of the Hessian.

    Args:
        objective: The loss, or a torch module followed by its data.
        *data: Inputs and labels, or a loader, if a module was given.
        by: ``layer`` takes weights and biases of a layer together, ``tensor`` each alone.
        k: Number of eigenpairs; a smaller layer gives all that it has.
        theta: Point to measure at; the net's own parameters if None.
        loss: The loss of a module.
        **search: Further arguments of ``top_eigenpairs``, but ``scale``.

    Returns:
        Eigenpairs by layer, in the order of the parameters. Their vectors (k, P) are zero outside the layer.

    Raises:
        InvalidInput: If an argument does not fit.

    Example:
        >>> net = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", [[1.0, 0], [0, 1]], [0, 1])
        >>> found = top_eigenpairs_by_layer(net, by="tensor")
        >>> {name: round(float(pairs.values[0]), 6) for name, pairs in found.items()}
        {'layers.0.weight': 0.196612, 'layers.0.bias': 0.393224}
    """
    objective = objective_of(objective, data, loss)
    if "scale" in search:
        raise InvalidInput("A scale was given to a layer's own block.", hint="Use top_eigenpairs with it.")
    found = {}
    for part, rows in _groups(objective, by).items():
        inside = np.zeros(objective.size)
        inside[rows] = 1
        found[part] = top_eigenpairs(objective, k=min(k, len(rows)), scale=inside, theta=theta, **search)
    return found


def _groups(objective: Objective, by: str) -> Groups:
    """Give the places of each layer's parameters in the vector."""
    if by not in get_args(ParameterGroup):
        raise InvalidInput(f"There are no parts {by!r} of a net.", hint="Choose layer or tensor.")
    groups: dict[str, list[NDArray[np.int64]]] = {}
    for block in objective.blocks:
        if block.numel:
            places = np.arange(block.offset, block.offset + block.numel)
            groups.setdefault(block.layer if by == "layer" else block.name, []).append(places)
    return {name: np.concatenate(places) for name, places in groups.items()}


def _exact(
    objective: Objective, chosen: Matrix, method: TraceMethod, theta: ArrayLike | None
) -> NDArray[np.float64] | None:
    """Give the diagonal, (P,); None where it would cost too much."""
    diagonal = chosen.diagonal()
    if diagonal is not None or method == "auto":
        return diagonal
    if chosen.size > MAX_DENSE:
        raise InvalidInput(
            f"A dense {chosen.name} of {chosen.size} parameters is too large.",
            hint=f"Up to {MAX_DENSE} are possible; use method='hutchinson'.",
        )
    whole = objective.dense_hessian(theta) if chosen.name == "hessian" else chosen.dense()
    return np.asarray(whole.diagonal())


def _drawn(
    chosen: Matrix,
    groups: list[NDArray[np.int64]],
    probes: int,
    rng: np.random.Generator,
    progress: ProgressCallback | None,
) -> NDArray[np.float64]:
    """Give z_l . (H z)_l for random signs z, (probes, layers)."""
    forms = []
    for first in range(0, probes, BATCH):
        signs = rng.choice((-1.0, 1.0), size=(min(BATCH, probes - first), chosen.size))
        products = signs * chosen.products(signs)
        forms.append(np.stack([products[:, rows].sum(axis=1) for rows in groups], axis=1))
        if progress is not None:
            progress(min(first + BATCH, probes), probes)
    return np.concatenate(forms)
