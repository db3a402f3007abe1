"""The noise of mini-batch gradients, and how it lies to the curvature.

McCandlish et al. (2018), "An empirical model of large-batch training"; Zhu et al. (2019), "The anisotropic noise in
stochastic gradient descent".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.curvature.eigenpairs import ProgressCallback
from foldscape.curvature.matrices import matrix
from foldscape.curvature.objective import MAX_DENSE, Objective, objective_of
from foldscape.curvature.trace import Estimate
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

BATCH = 16


@dataclass(frozen=True)
class GradientNoise:
    """The spread of the samples' gradients g_i around their mean g.

    Attributes:
        covariance_trace: Tr C = mean of ||g_i||^2 minus ||g||^2, exact.
        squared_gradient: ||g||^2.
        samples: Number of samples N.
    """

    covariance_trace: float
    squared_gradient: float
    samples: int

    @property
    def noise_scale(self) -> float:
        """B_simple = Tr C / ||g||^2, in samples: far smaller batches are mostly noise, far larger ones waste work."""
        return self.covariance_trace / self.squared_gradient if self.squared_gradient > 0 else np.inf

    def batch_variance(self, size: int, *, replace: bool = False) -> float:
        """Give the expected squared distance of a mini-batch's gradient from the full one.

        Args:
            size: Samples in a batch, 1 to N.
            replace: Whether samples are drawn with replacement; a shuffled loader draws without.

        Returns:
            Tr C / S, times (N - S) / (N - 1) without replacement.

        Raises:
            InvalidInput: If there is no such batch.
        """
        if not 1 <= size <= self.samples:
            raise InvalidInput(f"A batch of {size} of {self.samples} samples does not exist.", hint="Give 1 to N.")
        factor = 1.0 if replace or self.samples == 1 else (self.samples - size) / (self.samples - 1)
        return self.covariance_trace / size * factor


@dataclass(frozen=True)
class NoiseCurvature:
    """How the gradient covariance C lies to the Hessian H.

    Attributes:
        product: Tr(H C).
        cosine: Tr(H C) / (||H||_F ||C||_F), between -1 and 1.
        hessian_norm: ||H||_F.
        covariance_norm: ||C||_F.
    """

    product: Estimate
    cosine: Estimate
    hessian_norm: Estimate
    covariance_norm: Estimate


def gradient_noise(
    objective: Objective | Any, *data: Any, loss: LossLike = "cross_entropy", theta: ArrayLike | None = None
) -> GradientNoise:
    """Measure the noise of mini-batch gradients from the gradients of all samples.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The noise.
    """
    objective = objective_of(objective, data, loss)
    gradient = objective.gradient(theta)
    squared = float(gradient @ gradient)
    second = float(objective.at(theta).squared_norms().mean())
    return GradientNoise(max(second - squared, 0.0), squared, objective.samples)


def noise_curvature(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    probes: int = 100,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    progress: ProgressCallback | None = None,
) -> NoiseCurvature:
    """Measure Tr(H C) and the cosine between H and C: exact up to 1500 parameters, else from random signs z.

    The means of (H z).(C z), ||H z||^2 and ||C z||^2 are Tr(H C) and the two squared norms.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        probes: Random vectors, at least 2.
        rng: Generator or seed of those.
        theta: Point to measure at; the net's own parameters if None.
        progress: Told the probes done and their number.

    Returns:
        The numbers with their errors; those of the norms and the cosine to first order.

    Raises:
        InvalidInput: If there are fewer than 2 probes.
    """
    objective = objective_of(objective, data, loss)
    hessian, covariance = matrix(objective, "hessian", theta), matrix(objective, "gradient_covariance", theta)
    if objective.size <= MAX_DENSE:
        whole, spread = objective.dense_hessian(theta), covariance.dense()
        product = float(np.vdot(whole, spread))
        norms = float(np.linalg.norm(whole)), float(np.linalg.norm(spread))
        cosine = product / (norms[0] * norms[1]) if min(norms) > 0 else 0.0
        return NoiseCurvature(*(Estimate(value, 0.0, 0) for value in (product, cosine, *norms)))
    if probes < 2:
        raise InvalidInput(f"{probes} probes give no standard error.", hint="Use at least 2.")
    generator = np.random.default_rng(rng)
    forms = []
    for first in range(0, probes, BATCH):
        signs = generator.choice((-1.0, 1.0), size=(min(BATCH, probes - first), objective.size))
        one, other = hessian.products(signs), covariance.products(signs)
        forms.append([np.einsum("kp,kp->k", a, b) for a, b in ((one, other), (one, one), (other, other))])
        if progress is not None:
            progress(min(first + BATCH, probes), probes)
    return _estimated(np.concatenate(forms, axis=1))


def _estimated(forms: np.ndarray) -> NoiseCurvature:
    """Give means with errors from draws of (H z).(C z), ||H z||^2, ||C z||^2, shape (3, probes)."""
    probes = forms.shape[1]
    product, one, other = forms.mean(axis=1)
    errors = forms.std(axis=1, ddof=1) / np.sqrt(probes)
    cosine = product / np.sqrt(one * other) if min(one, other) > 0 else 0.0
    shares = forms[0] / product - 0.5 * forms[1] / one - 0.5 * forms[2] / other if product and cosine else np.zeros(2)
    return NoiseCurvature(
        Estimate(float(product), float(errors[0]), probes),
        Estimate(float(cosine), float(abs(cosine) * shares.std(ddof=1) / np.sqrt(probes)), probes),
        Estimate(float(np.sqrt(one)), float(errors[1] / (2 * np.sqrt(one))) if one > 0 else 0.0, probes),
        Estimate(float(np.sqrt(other)), float(errors[2] / (2 * np.sqrt(other))) if other > 0 else 0.0, probes),
    )
