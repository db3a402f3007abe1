"""A loss that is exactly quadratic, sample by sample: the case in which every formula of second order is exact."""

from __future__ import annotations

import numpy as np

from foldscape.curvature import HessianOperator, Objective
from foldscape.curvature.blocks import block_table


class Quadratic(Objective):
    """Mean of (theta - centre_i)^T H (theta - centre_i) / 2 over the samples."""

    def __init__(self, hessian, centres, theta):
        self.hessian, self.centres = np.asarray(hessian, dtype=float), np.asarray(centres, dtype=float)
        self.theta, self.samples = np.asarray(theta, dtype=float), len(centres)
        self.blocks = block_table([("theta", self.theta.shape)])

    def losses(self, thetas):
        off = thetas[:, None] - self.centres
        return 0.5 * np.einsum("tnp,pq,tnq->tn", off, self.hessian, off).mean(axis=1)

    def gradient(self, theta=None):
        return self.hessian @ (self.point(theta) - self.centres.mean(axis=0))

    def linearise(self, theta):
        return QuadraticHessian(self, theta)


class QuadraticHessian(HessianOperator):
    """Its Hessian, the same everywhere; it is its own Gauss-Newton part."""

    def __init__(self, objective, theta):
        self.objective, self.size = objective, objective.size
        self.each = (theta - objective.centres) @ objective.hessian

    finite = True

    def products(self, vectors):
        return vectors @ self.objective.hessian

    gauss_newton = products

    def slopes_along(self, vectors):
        return vectors @ self.each.T

    def weighted_gradients(self, weights):
        return weights @ self.each

    def squared_norms(self):
        return np.square(self.each).sum(axis=1)
