"""Relative flatness: the curvature of a layer in units of its own weights, neuron by neuron.

Petzka et al. (2021), "Relative flatness and generalization".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.curvature.assembled import second_derivatives
from foldscape.curvature.objective import Objective
from foldscape.errors import InvalidInput, NotPossible
from foldscape.losses import Loss, loss_of

SAMPLES_AT_ONCE = 256


@dataclass(frozen=True)
class RelativeFlatness:
    """Relative flatness of one layer, in nats.

    Attributes:
        value: kappa, the sum over neurons s, s' of w_s.w_s' times Tr H_ss'.
        trace: Trace of the Hessian by the layer's weights.
        norm: Norm of the layer's weights.
        layer: The layer, from 0.
        standardised: Whether the features were brought to unit spread first.
    """

    value: float
    trace: float
    norm: float
    layer: int
    standardised: bool


def relative_flatness(
    objective: Objective, layer: int = -1, *, standardised: bool = True, theta: ArrayLike | None = None
) -> RelativeFlatness:
    r"""Measure the relative flatness of a dense net's layer.

    .. math::
        \kappa = \sum_{s,s'} \langle w_s, w_{s'} \rangle \operatorname{Tr} H_{s,s'}

    with w_s the incoming weights of neuron s and H_ss' the second derivative of the mean loss by w_s and w_s'. It does
    not change when layers are rescaled against each other. After standardisation it does not change when single neurons
    are rescaled either: the features that enter the layer are divided by their standard deviation over the data, and
    the weights that meet them multiplied by it.

    Args:
        objective: The loss of a dense net, from ``Objective.of`` or ``Objective.of_mlp``.
        layer: Layer whose weights are measured, from 0; the last by default.
        standardised: Whether to standardise the features first. One that never varies is brought to 1.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The relative flatness.

    Raises:
        InvalidInput: If there is no such layer.
        NotPossible: If the net is not a plain stack of dense layers.
    """
    from foldscape.curvature.mlp import MlpObjective

    if not isinstance(objective, MlpObjective):
        raise NotPossible(
            "Relative flatness is defined layer by layer, for dense nets.",
            hint="Give a plain nn.Sequential of linear layers with one activation, or plain arrays.",
        )
    layers = len(objective.has_bias)
    if not -layers <= layer < layers:
        raise InvalidInput(f"There is no layer {layer} in a net of {layers}.", hint=f"Give 0 to {layers - 1}.")
    layer %= layers
    kept = objective.pass_at(objective.point(theta))
    weight, features = kept.weights[layer].astype(np.float64), kept.inputs[layer][:-1].astype(np.float64)
    spread = _spread(features) if standardised else np.ones(len(features))
    weight, features = weight * spread, features / np.where(spread > 0, spread, 1)[:, None]
    squares = np.square(features).sum(axis=0)
    gram = weight @ weight.T
    value = whole = 0.0
    for first in range(0, kept.samples, SAMPLES_AT_ONCE):
        some = slice(first, first + SAMPLES_AT_ONCE)
        part = kept.of_samples(some)
        second = second_derivatives(part, layer) * (part.samples / kept.samples)
        value += float(np.einsum("st,stn,n->", gram, second, squares[some]))
        whole += float(np.einsum("ssn,n->", second, squares[some]))
    return RelativeFlatness(value, whole, float(np.linalg.norm(weight)), layer, standardised)


def output_flatness(
    features: ArrayLike,
    weight: ArrayLike,
    outputs: ArrayLike,
    y: NDArray[np.int64],
    loss: str | Loss = "cross_entropy",
    *,
    standardised: bool = True,
) -> RelativeFlatness:
    r"""Measure the relative flatness of the output layer of any net whose outputs are sums of features.

    Args:
        features: (N, d) what the layer receives.
        weight: (K, d) its weights.
        outputs: (N, K) what the net answers.
        y: (N,) classes.
        loss: The loss.
        standardised: Whether to standardise the features first; see ``relative_flatness``.

    Returns:
        The relative flatness.

    Example:
        >>> found = output_flatness(np.eye(2), np.eye(2), np.eye(2), np.array([0, 1]), standardised=False)
        >>> round(found.value, 6)
        0.393224
    """
    measured = loss_of(loss)
    inputs, sums = (np.asarray(each, dtype=np.float64).T for each in (features, weight))
    spread = _spread(inputs) if standardised else np.ones(len(inputs))
    own = sums.T * spread
    squares = np.square(inputs / np.where(spread > 0, spread, 1)[:, None]).sum(axis=0)
    gram, answers, value, whole = own @ own.T, np.asarray(outputs, dtype=np.float64).T, 0.0, 0.0
    for first in range(0, len(squares), SAMPLES_AT_ONCE):
        some = slice(first, first + SAMPLES_AT_ONCE)
        _, spreads = measured.residual(answers[:, some], np.asarray(y)[some])
        unit = np.broadcast_to(np.eye(len(own))[:, :, None], (*gram.shape, len(squares[some])))
        second = measured.curve(spreads, unit) / len(squares)
        value += float(np.einsum("st,stn,n->", gram, second, squares[some]))
        whole += float(np.einsum("ssn,n->", second, squares[some]))
    return RelativeFlatness(value, whole, float(np.linalg.norm(own)), -1, standardised)


def _spread(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each feature's standard deviation; the size of one that never varies, which is 0 for a dead unit."""
    spread, size = features.std(axis=1), np.abs(features).max(axis=1)
    return np.asarray(np.where(spread > 1e-12 * size, spread, size))
