"""Every public measurement as numbers of ours beside those of the oracle, each with the size that they are held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from foldscape import curvature, landscape
from foldscape.curvature import Objective
from tests.library.zoo.nets import SAMPLES, Case
from tests.library.zoo.oracle import Oracle, eigenvalues

BATCHES = (np.arange(4), np.arange(3, SAMPLES))
RATE, RHO = 0.1, 0.05
Numbers = tuple[Any, Any, float]
"""Ours, the truth, and the size of which the difference is a share."""
Measurement = Callable[["Subject"], Iterator[Numbers]]
MEASUREMENTS: dict[str, Measurement] = {}


class Subject:
    """One net of the zoo, the data that are handed over with it, and the truth."""

    def __init__(self, case: Case, module: torch.nn.Module) -> None:
        self.case, self.module, self.data = case, module, case.data()
        self._objective: Objective | None = None
        self._truth: Oracle | None = None

    @property
    def objective(self) -> Objective:
        """The objective of the net, made once."""
        if self._objective is None:
            self._objective = Objective.of(self.module, *self.data, loss=self.case.loss)
        return self._objective

    @property
    def truth(self) -> Oracle:
        """The oracle, made once."""
        if self._truth is None:
            self._truth = Oracle(self.case)
        return self._truth

    def direction(self, seed: int = 3) -> np.ndarray:
        """A unit direction, (P,)."""
        drawn = np.random.default_rng(seed).normal(size=len(self.truth.theta))
        return np.asarray(drawn / np.linalg.norm(drawn))


def measurement(name: str) -> Callable[[Measurement], Measurement]:
    """Put a measurement into the list."""

    def put(measure: Measurement) -> Measurement:
        MEASUREMENTS[name] = measure
        return measure

    return put


def norm(values: Any) -> float:
    """Give the size of numbers, never quite 0: a loss is of the order of 1."""
    return float(np.nanmax([np.linalg.norm(values), 1e-2]))


@measurement("loss")
def _(of: Subject) -> Iterator[Numbers]:
    ours, truth = of.objective, of.truth
    yield ours.theta, truth.theta, norm(truth.theta)
    yield ours.samples, SAMPLES, 1.0
    yield ours.loss(), truth.loss(), 1.0
    moved = truth.theta + 0.1 * of.direction()
    yield ours.losses(np.stack([moved, truth.theta])), truth.losses(np.stack([moved, truth.theta])), 1.0


@measurement("gradient")
def _(of: Subject) -> Iterator[Numbers]:
    yield of.objective.gradient(), of.truth.gradient, norm(of.truth.gradient)


@measurement("layer gradients")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.layer_gradients(of.module, *of.data, loss=of.case.loss)
    yield found.norms, [np.linalg.norm(of.truth.gradient[own]) for own in of.truth.layers()], norm(of.truth.gradient)


@measurement("saddle index")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.saddle_index(of.module, *of.data, loss=of.case.loss, method="dense")
    truth = eigenvalues(of.truth.hessian)
    surely = np.mean(truth < -1e-5 * np.abs(truth).max()), np.mean(truth < -1e-8 * np.abs(truth).max())
    yield found.loss, of.truth.loss(), 1.0
    yield np.clip(found.share, *surely), found.share, 1.0


@measurement("hvp")
def _(of: Subject) -> Iterator[Numbers]:
    v = np.stack([of.direction(), of.direction(4)])
    found, hessian = of.objective.hvp(None, v), of.truth.hessian
    yield found, v @ hessian, norm(hessian)
    yield of.objective.dense_hessian(), hessian, norm(hessian)


@measurement("matrix hessian")
def _(of: Subject) -> Iterator[Numbers]:
    yield curvature.matrix(of.objective, "hessian").dense(), of.truth.hessian, norm(of.truth.hessian)


@measurement("matrix gauss_newton")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.matrix(of.objective, "gauss_newton").dense()
    yield found, of.truth.gauss_newton, norm(of.truth.gauss_newton)


@measurement("matrix true_fisher")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.matrix(of.objective, "true_fisher").dense()
    yield found, of.truth.gauss_newton, norm(of.truth.gauss_newton)


@measurement("matrix empirical_fisher")
def _(of: Subject) -> Iterator[Numbers]:
    found, each = curvature.matrix(of.objective, "empirical_fisher").dense(), of.truth.by_sample
    yield found, each.T @ each / SAMPLES, norm(each.T @ each / SAMPLES)


@measurement("matrix gradient_covariance")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.matrix(of.objective, "gradient_covariance").dense()
    yield found, of.truth.covariance, norm(of.truth.covariance)


@measurement("top_eigenpairs")
def _(of: Subject) -> Iterator[Numbers]:
    k = min(3, len(of.truth.theta))
    pairs = curvature.top_eigenpairs(of.module, *of.data, loss=of.case.loss, k=k)
    truth = eigenvalues(of.truth.hessian)[::-1]
    yield pairs.values, truth[:k], norm(truth)
    yield pairs.vectors @ of.truth.hessian, pairs.values[:, None] * pairs.vectors, norm(truth)
    least = curvature.top_eigenpairs(of.objective, which="SA", method="lanczos", tol=1e-7)
    yield least.values, truth[-1:], norm(truth)


@measurement("trace")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.trace(of.module, *of.data, loss=of.case.loss, method="exact")
    yield found.value, np.trace(of.truth.hessian), norm(of.truth.hessian)


@measurement("trace gauss_newton")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.trace(of.objective, name="gauss_newton", method="exact")
    yield found.value, np.trace(of.truth.gauss_newton), norm(of.truth.gauss_newton)


@measurement("by layer")
def _(of: Subject) -> Iterator[Numbers]:
    traces = curvature.trace_by_layer(of.objective, method="exact")
    largest = curvature.top_eigenpairs_by_layer(of.objective)
    blocks = [of.truth.hessian[np.ix_(own, own)] for own in of.truth.layers()]
    size = norm(of.truth.hessian)
    yield [found.value for found in traces.values()], [np.trace(one) for one in blocks], size
    yield [found.values[0] for found in largest.values()], [eigenvalues(one)[-1] for one in blocks], size


@measurement("frobenius")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.frobenius(of.objective, method="exact")
    yield found.value, np.linalg.norm(of.truth.hessian), norm(of.truth.hessian)


@measurement("spectral_density")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.spectral_density(of.objective, steps=len(of.truth.theta), runs=1)
    truth = eigenvalues(of.truth.hessian)
    yield [found.lowest, found.largest], [truth[0], truth[-1]], norm(truth)
    yield np.nansum(found.weights), 1.0, 1.0


def _flatness(granularity: str) -> None:
    @measurement(f"flatness {granularity}")
    def _(of: Subject) -> Iterator[Numbers]:
        scale = of.truth.scale(granularity)
        found = curvature.flatness(of.objective, granularity=granularity)
        yield curvature.flatness_scale(of.objective, granularity), scale, norm(scale)
        whole = norm(scale[:, None] * of.truth.hessian * scale)
        yield found.values[0], of.truth.flatness(granularity), whole
        yield curvature.all_flatness(of.objective, [granularity])[granularity], of.truth.flatness(granularity), whole


for _name in ("none", "tensor", "layer", "block", "element"):
    _flatness(_name)


@measurement("gradient_noise")
def _(of: Subject) -> Iterator[Numbers]:
    found, each = curvature.gradient_noise(of.module, *of.data, loss=of.case.loss), of.truth.by_sample
    spread = np.square(each).sum(axis=1).mean()
    yield found.covariance_trace, np.trace(of.truth.covariance), norm(spread)
    yield found.squared_gradient, np.square(of.truth.gradient).sum(), norm(spread)
    wanted = np.stack([each[batch].mean(axis=0) for batch in BATCHES])
    yield curvature.batch_gradients(of.objective, BATCHES), wanted, norm(wanted)


@measurement("noise_curvature")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.noise_curvature(of.objective)
    hessian, spread = of.truth.hessian, of.truth.covariance
    size = norm(hessian) * norm(spread)
    yield found.product.value, np.vdot(hessian, spread), size
    yield found.hessian_norm.value, np.linalg.norm(hessian), norm(hessian)
    yield found.covariance_norm.value, np.linalg.norm(spread), norm(spread)


@measurement("sharpness")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.sharpness(of.objective, rho=RHO, steps=3, draws=2)
    gradient, theta = of.truth.gradient, of.truth.theta
    step = RHO * gradient / np.linalg.norm(gradient)
    yield found.loss, of.truth.loss(), 1.0
    yield found.one_step, of.truth.loss(theta + step) - of.truth.loss(), 1.0
    yield found.gradient_norm, np.linalg.norm(gradient), norm(gradient)
    yield curvature.perturbation(of.objective, RHO), step, RHO
    yield np.minimum(found.ascent - found.one_step, 0.0), 0.0 * found.one_step, 1.0


@measurement("sharpest_moment")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.sharpest_moment(of.objective, lr=RATE, batches=BATCHES, k=1, tol=1e-8, multiples=(0.0, 1.0))
    gradient, hessian = of.truth.gradient, of.truth.hessian
    (vector,) = found.pairs.vectors
    of_batches = np.stack([of.truth.by_sample[batch].mean(axis=0) for batch in BATCHES])
    lengths = np.linalg.norm(of_batches, axis=1)
    step = float(np.abs(RATE * of_batches @ vector).mean())
    yield found.pairs.values[0], eigenvalues(hessian)[-1], norm(hessian)
    yield hessian @ vector, found.pairs.values[0] * vector, norm(hessian)
    yield found.energy, (gradient @ vector) ** 2 / (gradient @ gradient), 1.0
    yield found.batch_cosines[:, 0], of_batches @ vector / lengths, 1.0
    yield found.step_sizes, [step], norm(step)
    yield found.sections[0], of.truth.losses(of.truth.theta + np.array([[0.0], [step]]) * vector), 1.0


@measurement("loss_slice")
def _(of: Subject) -> Iterator[Numbers]:
    direction, truth = of.direction(), of.truth
    found = curvature.loss_slice(of.objective, 3 * direction, radius=0.5, points=3)
    yield found.losses, truth.losses(truth.theta + np.array([[-0.5], [0.0], [0.5]]) * direction), 1.0
    yield found.slope, truth.gradient @ direction, norm(truth.gradient)
    yield found.curvature, direction @ truth.hessian @ direction, norm(truth.hessian)


@measurement("relative_flatness")
def _(of: Subject) -> Iterator[Numbers]:
    found = curvature.relative_flatness(of.objective, standardised=False)
    yield found.value, of.truth.relative(), norm(of.truth.hessian)


def _line(of: Subject, direction: str) -> Iterator[Numbers]:
    options = of.case.options if direction.startswith("random") else {}
    found = landscape.slice(of.module, of.data, direction, loss=of.case.loss, reach=0.5, points=3, **options)
    along, theta = found.direction.vector, of.truth.theta
    yield found.train.loss, of.truth.losses(theta + np.array([[-0.5], [0.0], [0.5]]) * along), 1.0
    if direction == "v1":
        largest = eigenvalues(of.truth.hessian)[-1]
        yield along @ of.truth.hessian @ along / (along @ along), largest, norm(of.truth.hessian)
    if direction == "gradient":
        cosine = along @ of.truth.gradient / np.linalg.norm(along) / np.linalg.norm(of.truth.gradient)
        yield abs(cosine), 1.0, 1.0


@measurement("slice v1")
def _(of: Subject) -> Iterator[Numbers]:
    yield from _line(of, "v1")


@measurement("slice gradient")
def _(of: Subject) -> Iterator[Numbers]:
    yield from _line(of, "gradient")


@measurement("slice random")
def _(of: Subject) -> Iterator[Numbers]:
    yield from _line(of, "random 2")


@measurement("slice to another net")
def _(of: Subject) -> Iterator[Numbers]:
    other = of.case.make(of.case.refused)
    trained = [one for one in other.parameters() if one.requires_grad]
    with torch.inference_mode(any(one.is_inference() for one in trained)), torch.no_grad():
        for one in trained:
            one.add_(0.25)
    found = landscape.slice(of.module, of.data, other, loss=of.case.loss, reach=(0.0, 1.0), points=3)
    goal = np.concatenate([one.detach().clone().double().reshape(-1).numpy() for one in trained])
    between = of.truth.theta + np.array([[0.0], [0.5], [1.0]]) * (goal - of.truth.theta)
    yield found.train.loss, of.truth.losses(between), 1.0


@measurement("plane")
def _(of: Subject) -> Iterator[Numbers]:
    directions = "random 0", "random 1"
    asked = {"loss": of.case.loss, "reach": 0.5, "resolution": 3, "progress": False, **of.case.options}
    found = landscape.plane(of.module, of.data, directions, **asked)
    steps = np.array([-0.5, 0.0, 0.5])
    grid = of.truth.theta + steps[None, :, None] * found.first.vector + steps[:, None, None] * found.second.vector
    yield found.surface.train_loss, of.truth.losses(grid.reshape(9, -1)).reshape(3, 3), 1.0


@measurement("path")
def _(of: Subject) -> Iterator[Numbers]:
    theta = of.truth.theta
    states = [theta + at * of.direction(seed) for at, seed in ((0.3, 6), (0.2, 7), (0.0, 0))]
    found = landscape.path(of.module, states, of.data, loss=of.case.loss, resolution=3, progress=False)
    yield found.losses, of.truth.losses(np.stack(states)), 1.0
