"""The matrices that are called curvature, kept apart: Hessian, Gauss-Newton, Fisher, gradient covariance.

With g_i the gradient of a sample's loss, J_i its logits differentiated by the parameters, and A_i its loss
differentiated twice by the logits:

=======================  ==============================================  ==================================
name                     matrix                                          needs the labels
=======================  ==============================================  ==================================
``hessian``              H, the second derivative of the mean loss       yes
``gauss_newton``         G, the mean of J_i^T A_i J_i                    no, for cross-entropy
``true_fisher``          F, the mean covariance of the gradient when     no
                         labels are drawn from the net itself
``empirical_fisher``     C_0, the mean of g_i g_i^T                      yes
``gradient_covariance``  C = C_0 - g g^T                                 yes
=======================  ==============================================  ==================================

For cross-entropy F and G are one matrix (Martens 2020, "New insights and perspectives on the natural gradient method").
C_0 takes the labels that are there and is another one (Kunstner et al. 2019, "Limitations of the empirical Fisher").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array, FloatArray
from foldscape.curvature.objective import Objective
from foldscape.curvature.operator import HessianOperator
from foldscape.errors import InvalidInput, NotPossible

MatrixName = Literal["hessian", "gauss_newton", "true_fisher", "empirical_fisher", "gradient_covariance"]


@dataclass(frozen=True)
class Matrix:
    """One of the matrices at one point, as something that multiplies vectors.

    Attributes:
        name: Which one.
        size: Number of parameters P.
        products: Multiplies the rows of an array (vectors, P) by it.
        diagonal: Gives its diagonal, (P,), where there is a closed form, else None.
        block_traces: Gives what each block of the parameters adds to its trace, in closed form, else None.
    """

    name: MatrixName
    size: int
    products: Callable[[FloatArray], Float64Array]
    diagonal: Callable[[], Float64Array | None]
    block_traces: Callable[[], Float64Array | None]

    def dense(self) -> Float64Array:
        """Give the matrix itself, symmetrised, of shape (P, P): P products."""
        rows = [self.products(np.eye(min(32, self.size - at), self.size, at)) for at in range(0, self.size, 32)]
        whole = np.concatenate(rows)
        return 0.5 * (whole + whole.T)


def matrix(objective: Objective, name: MatrixName = "hessian", theta: ArrayLike | None = None) -> Matrix:
    """Take one of the matrices of an objective at a point.

    Args:
        objective: The loss.
        name: Which matrix; see the table of this module.
        theta: Point of shape (P,); the net's own parameters if None.

    Returns:
        The matrix.

    Raises:
        InvalidInput: If the name is unknown or the point does not fit.
        NotPossible: If the true Fisher is asked of a loss that is not a log likelihood known here.
    """
    if name not in MATRICES:
        raise InvalidInput(f"There is no matrix {name!r}.", hint=f"Choose one of {', '.join(MATRICES)}.")
    if name == "true_fisher" and not objective.is_likelihood:
        raise NotPossible(
            "The true Fisher needs a loss that is a log likelihood of labels the net could draw.",
            hint="Use the plain cross-entropy, or ask for gauss_newton or empirical_fisher.",
        )
    return MATRICES[name](objective, objective.at(theta))


def _hessian(objective: Objective, operator: HessianOperator) -> Matrix:
    return Matrix("hessian", operator.size, _doubled(operator.products), operator.diagonal, operator.traces)


def _gauss_newton(objective: Objective, operator: HessianOperator, name: MatrixName = "gauss_newton") -> Matrix:
    return Matrix(
        name,
        operator.size,
        _doubled(operator.gauss_newton),
        lambda: operator.diagonal(gauss_newton=True),
        lambda: operator.traces(gauss_newton=True),
    )


def _true_fisher(objective: Objective, operator: HessianOperator) -> Matrix:
    return _gauss_newton(objective, operator, "true_fisher")


def _empirical_fisher(objective: Objective, operator: HessianOperator) -> Matrix:
    def products(vectors: FloatArray) -> Float64Array:
        return operator.weighted_gradients(operator.slopes_along(vectors) / objective.samples)

    return Matrix("empirical_fisher", operator.size, products, lambda: None, lambda: None)


def _gradient_covariance(objective: Objective, operator: HessianOperator) -> Matrix:
    def products(vectors: FloatArray) -> Float64Array:
        slopes = operator.slopes_along(vectors)
        slopes -= slopes.mean(axis=1, keepdims=True)
        return operator.weighted_gradients(slopes / objective.samples)

    return Matrix("gradient_covariance", operator.size, products, lambda: None, lambda: None)


MATRICES: dict[str, Callable[[Objective, HessianOperator], Matrix]] = {
    "hessian": _hessian,
    "gauss_newton": _gauss_newton,
    "true_fisher": _true_fisher,
    "empirical_fisher": _empirical_fisher,
    "gradient_covariance": _gradient_covariance,
}


def _doubled(product: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray], Float64Array]:
    return lambda vectors: np.asarray(product(vectors), dtype=np.float64)
