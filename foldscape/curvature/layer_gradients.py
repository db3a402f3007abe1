"""How long the gradient is in each layer: whether it vanishes or explodes on its way back through a net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.curvature.objective import objective_of
from foldscape.modules.batch_loss import LossLike


@dataclass(frozen=True)
class GradientsByLayer:
    """The norm of the gradient of the mean loss in each layer.

    Attributes:
        names: Names of the layers, inputs first.
        norms: (L,) norms, weights and biases of a layer together.
    """

    names: tuple[str, ...]
    norms: Float64Array

    @property
    def per_layer(self) -> float:
        """Factor from a layer to the one before it, by least squares on logarithms; below 1 the gradient vanishes.

        NaN where there is one layer alone, or no gradient in some layer.
        """
        if len(self.norms) < 2 or not (np.isfinite(self.norms).all() and (self.norms > 0).all()):
            return float("nan")
        slope = np.polyfit(np.arange(len(self.norms)), np.log(self.norms), 1)[0]
        return float(np.exp(-slope))


def layer_gradients(
    objective: Any, *data: Any, loss: LossLike = "cross_entropy", theta: ArrayLike | None = None
) -> GradientsByLayer:
    """Give the norm of the gradient of the mean loss by layer (Bengio, Simard & Frasconi 1994; Glorot & Bengio 2010).

    Through a chain of layers the gradient is multiplied by each layer's Jacobian on its way back, so that it falls or
    grows exponentially with the distance from the outputs.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        theta: Point of shape (P,); the net's own parameters if None.

    Returns:
        The norms.

    Example:
        >>> from torch import nn
        >>> import torch
        >>> _ = torch.manual_seed(0)
        >>> net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
        >>> found = layer_gradients(net, torch.randn(20, 2), torch.arange(20) % 2)
        >>> found.names, found.norms.shape
        (('0', '2'), (2,))
    """
    measured = objective_of(objective, data, loss)
    gradient = measured.gradient(theta)
    squares: dict[str, float] = {}
    for block in (one for one in measured.blocks if len(gradient[one.span])):
        squares[block.layer] = squares.get(block.layer, 0.0) + float(np.sum(gradient[block.span] ** 2))
    return GradientsByLayer(tuple(squares), np.sqrt(np.array(list(squares.values()))))
