"""The loss of a net that is a graph, as a function of its edges' weights, differentiated by hand.

Passes go through the wide layers (hal-03402267, section 3.1); of what they give, the entries of edges are taken.
Samples lie in the last axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import FloatArray, Vector
from foldscape.curvature.activations import activation_named
from foldscape.curvature.blocks import Block
from foldscape.curvature.dag_pass import DagPass, WideLayer
from foldscape.curvature.objective import Objective
from foldscape.curvature.operator import HessianOperator
from foldscape.losses import Loss, loss_of
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.labels import class_numbers

ENTRIES = 1 << 22
"""Entries of the largest array while several vectors are multiplied at once."""


@dataclass(frozen=True)
class EdgeBlock(Block):
    """Edges that belong together; they lie scattered in the flat vector.

    Attributes:
        places: Their places in it, (numel,).
    """

    places: NDArray[np.int64] = field(kw_only=True)

    @property
    def span(self) -> slice:
        """The entries of the flat vector: their places serve as a slice does."""
        return self.places  # type: ignore[return-value]


def edge_blocks(graph: Graph) -> tuple[EdgeBlock, ...]:
    """Group the edges by the depths that they join, those of the constant apart (docs/curvature.md, "Granularities").

    For granularity ``layer`` all edges into one depth belong together, for ``block`` all from one depth to another: the
    constant has the depth of the inputs.

    Args:
        graph: The graph.

    Returns:
        The groups, in the order of their depths.
    """
    low, high = graph.depth(graph.sources), graph.depth(graph.targets)
    constant = (graph.sources >= graph.n_inputs) & (graph.sources < graph.first_output)
    kinds, which = np.unique(np.stack([high, low, constant], axis=1), axis=0, return_inverse=True)
    blocks = []
    for number, (into, out_of, is_bias) in enumerate(kinds.tolist()):
        places = np.flatnonzero(which.ravel() == number)
        edges = f"depth {out_of} to {into}"
        name = f"{edges}.bias" if is_bias else f"{edges}.weight"
        blocks.append(EdgeBlock(name, 0, len(places), (len(places),), f"depth {into}", edges, places=places))
    return tuple(blocks)


class DagObjective(Objective):
    """Mean loss of a net that is a graph, by the weights of its edges in their own order.

    Args:
        net: The net.
        X: Inputs of shape (N, inputs).
        y: Labels of shape (N,).
        loss: A loss, or its kind.

    Raises:
        InvalidInput: If a label is no class of the net.
    """

    def __init__(self, net: Dag, X: ArrayLike, y: ArrayLike, loss: str | Loss = "cross_entropy") -> None:
        self.graph = net.graph
        slope = net.negative_slope if net.activation == "leaky_relu" else None
        self.activation = activation_named(net.activation, negative_slope=slope)
        self.loss_function = loss_of(loss)
        self.loss_function.check_outputs(net.graph.n_outputs)
        self.is_likelihood = self.loss_function.is_likelihood
        self.inputs = np.ascontiguousarray(np.asarray(X, np.float64).T)
        self.labels = class_numbers(y, max(net.graph.n_outputs, 2))
        self.samples = len(self.labels)
        self.theta = net.weight.astype(np.float64)
        self.blocks = edge_blocks(net.graph)

    def layers(self, thetas: NDArray[np.float64]) -> list[WideLayer]:
        """Lay vectors of edge weights (..., E) out as layers; 0 where there is no edge."""
        shapes, lead = self.graph.shapes, thetas.shape[:-1]
        flat = np.zeros((*lead, sum(rows * (columns + 1) for rows, columns in shapes)))
        flat[..., self.graph.index] = thetas
        found, at = [], 0
        for rows, columns in shapes:
            end = at + rows * columns
            found.append(WideLayer(flat[..., at:end].reshape(*lead, rows, columns), flat[..., end : end + rows, None]))
            at = end + rows
        return found

    def edges(self, layers: list[WideLayer]) -> NDArray[np.float64]:
        """Take of layers the entries of edges, (..., E)."""
        lead = layers[0].weight.shape[:-2]
        parts = [part.reshape(*lead, -1) for layer in layers for part in layer]
        return np.asarray(np.concatenate(parts, axis=-1)[..., self.graph.index])

    def some(self, vectors: FloatArray) -> Iterator[NDArray[np.float64]]:
        """Cut rows into parts that pass through the net at once."""
        nodes = self.graph.n_inputs + len(self.graph.hidden) + self.graph.n_outputs
        at_once = max(1, ENTRIES // (nodes * self.samples))
        for first in range(0, len(vectors), at_once):
            yield vectors[first : first + at_once].astype(np.float64, copy=False)

    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points of shape (points, E)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.concatenate([self._losses(points) for points in self.some(thetas)])

    def _losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        inputs, lead = len(self.inputs), len(thetas)
        layers = self.layers(thetas)
        hidden = np.empty((lead, layers[-1].weight.shape[-1] - inputs, self.samples))
        for weight, bias in layers:
            earlier = weight.shape[-1] - inputs
            first = np.ascontiguousarray(weight[..., :inputs]).reshape(-1, inputs)  # one product for all points
            z = (first @ self.inputs).reshape(lead, -1, self.samples) + bias
            if earlier:
                z += weight[..., inputs:] @ hidden[:, :earlier]
            if weight is not layers[-1].weight:
                hidden[:, earlier : earlier + z.shape[1]] = self.activation.value(z)
        return np.asarray(self.loss_function.mean(z, self.labels), np.float64)

    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (E,)."""
        operator = self.at(theta)
        assert isinstance(operator, DagHessian)
        return operator.gradient

    def linearise(self, theta: Vector) -> DagHessian:
        """Run forward and backward once at a point."""
        return DagHessian(self, theta)


class DagHessian(HessianOperator):
    """The Hessian by the edges' weights at one point.

    Args:
        objective: The loss.
        theta: The point, shape (E,).
    """

    in_blas = True

    def __init__(self, objective: DagObjective, theta: Vector) -> None:
        self.objective, self.size = objective, objective.size
        with np.errstate(over="ignore", invalid="ignore"):
            self._pass = DagPass(
                objective.layers(theta), objective.inputs, objective.labels, objective.activation,
                objective.loss_function,
            )  # fmt: skip
            self.gradient = objective.edges(self._pass.gradient(self._pass.errors))

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return bool(np.isfinite(self.gradient).all())

    def products(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, E) by the Hessian."""
        whole = self.objective
        parts = [whole.edges(self._pass.product(whole.layers(some))) for some in whole.some(vectors)]
        return np.concatenate(parts).astype(vectors.dtype, copy=False)

    def gauss_newton(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, E) by the Gauss-Newton part."""
        whole = self.objective
        parts = [whole.edges(self._pass.gauss_newton(whole.layers(some))) for some in whole.some(vectors)]
        return np.concatenate(parts).astype(vectors.dtype, copy=False)

    def descent(self) -> NDArray[np.float64]:
        """Give the gradient, a good start of searches for the largest eigenvalue."""
        return self.gradient

    def diagonal(self, *, gauss_newton: bool = False) -> NDArray[np.float64] | None:
        """Give the diagonal, (E,), exact; ``None`` where the activation has curvature of its own."""
        if self._pass.bends and not gauss_newton:
            return None
        return self.objective.edges(self._pass.gauss_newton_diagonal())

    def traces(self, *, gauss_newton: bool = False) -> NDArray[np.float64] | None:
        """Give what each block adds to the trace, exact; ``None`` where the activation has curvature of its own."""
        diagonal = self.diagonal(gauss_newton=gauss_newton)
        if diagonal is None:
            return None
        return np.array([diagonal[block.span].sum() for block in self.objective.blocks])

    def slopes_along(self, vectors: FloatArray) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, E) to (vectors, N)."""
        whole = self.objective
        return np.concatenate([self._pass.slopes(whole.layers(some)) for some in whole.some(vectors)])

    def weighted_gradients(self, weights: FloatArray) -> NDArray[np.float64]:
        """Sum the samples' gradients with several sets of weights: (sets, N) to (sets, E)."""
        found = [
            self.objective.edges(self._pass.gradient(self._pass.back(self._pass.residual * row))) for row in weights
        ]
        return np.array(found)

    def squared_norms(self) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient, shape (N,)."""
        return self._pass.squared_norms(self.objective.layers(np.ones(self.size)))
