"""A fully connected net as plain arrays: forward pass, gradients by hand, and growth in place.

``Weights`` is what a frame carries and what growth rules read. It is small, exact and needs no torch; the engines
train their own copies of it. Axes are written as in ``inputs: (N, d)``.

A layer is *plain* when it receives the activations of the layer before, and *wide* when it receives the inputs and the
activations of all hidden layers before, in this order; the number of its columns tells which.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.errors import NotPossible
from foldscape.lazy import lazy
from foldscape.losses.cross_entropy import output_error
from foldscape.net import compute, norm
from foldscape.net.abilities import Abilities
from foldscape.net.kinds.layers import LayersSpec
from foldscape.net.norm import BatchNorm
from foldscape.net.spec import BENDING, Activation, NetSpec

if TYPE_CHECKING:
    from foldscape.curvature.objective import Objective
    from foldscape.device import Device
    from foldscape.geometry import Partition
    from foldscape.losses import Loss
    from foldscape.net.input_gradient import AnyPassed

SMALL = 2000
"""Parameters up to which compiled passes in double precision are quicker than matrix products."""


@dataclass(frozen=True)
class Weights:
    """The parameters of a net: a chain of layers, and the base of all other kinds.

    Attributes:
        can: What nets of this kind can do.
        weights: One (out, in) array a layer, the output layer last; ``in`` is the width of the layer before, or of a
            wide layer the number of inputs and of all hidden units before it.
        biases: One (out,) array a layer.
        activation: Activation of the hidden layers.
        negative_slope: Slope of leaky ReLU on its inactive side.
        norms: Batch normalisation of each hidden layer's pre-activations, or ``None``; not given, there is none.
    """

    can: ClassVar[Abilities] = LayersSpec.can

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    activation: Activation = "relu"
    negative_slope: float = 0.1
    norms: tuple[BatchNorm | None, ...] = ()

    def __post_init__(self) -> None:
        if not self.norms:
            object.__setattr__(self, "norms", (None,) * (len(self.biases) - 1))

    @lazy
    def hidden(self) -> tuple[int, ...]:
        """Width of each hidden layer."""
        return tuple(len(bias) for bias in self.biases[:-1])

    @property
    def neurons(self) -> int:
        """Hidden units in all."""
        return sum(self.hidden)

    @lazy
    def parameters(self) -> int:
        """Number of parameters P."""
        return sum(part.size for part in self.flat())

    @property
    def features(self) -> int:
        """Number of inputs."""
        return int(self.weights[0].shape[1])

    @property
    def classes(self) -> int:
        """Number of outputs K."""
        return len(self.biases[-1])

    @property
    def has_bias(self) -> bool:
        """Whether its units have biases."""
        return True

    @property
    def flops_per_sample(self) -> float:
        """Floating point operations of one step of training, forward and back, by sample."""
        return float(compute.per_sample(self.parameters))

    def objective(self, x: npt.NDArray[Any], y: npt.NDArray[Any], loss: str | Loss = "cross_entropy") -> Objective:
        """Give the mean loss on some points as a function of the parameters, in float64: the way to its curvature.

        Args:
            x: (N, d) inputs.
            y: (N,) classes.
            loss: What is measured.

        Returns:
            The objective; batch normalisation counts as folded in.

        Raises:
            NotPossible: If nets of this kind have none.
        """
        found: Objective = self.can.part("objective")(self, x, y, loss)
        return found

    def evaluator(
        self,
        x: npt.NDArray[Any],
        y: npt.NDArray[Any],
        loss: str | Loss = "cross_entropy",
        threads: int = 2,
        device: Device = "cpu",
        renewed_on: npt.NDArray[Any] | None = None,
    ) -> Any:
        """Give what measures mean loss and accuracy at points of a plane of parameters: the way to its landscape.

        Args:
            x: (N, d) inputs.
            y: (N,) classes.
            loss: What is measured.
            threads: Threads to measure with.
            device: Where to measure.
            renewed_on: (N, d) points, usually the training ones, on which a net that keeps running statistics has
                them computed anew at every point of parameters: between different solutions those of none hold.

        Returns:
            The ``foldscape.landscape.Evaluator``.

        Raises:
            NotPossible: If nets of this kind have none.
        """
        renewed = () if renewed_on is None or not self.keeps_statistics else (renewed_on,)
        return self.can.part("evaluator")(self, x, y, loss, threads, device, *renewed)

    def pieces(self, box: tuple[float, float, float, float]) -> Partition:
        """Cut a box of the plane into the cells on which the net is affine, exactly and in float64.

        Args:
            box: (xmin, xmax, ymin, ymax), in data units.

        Returns:
            Cells, folds, boundary and fold points.

        Raises:
            NotPossible: If the net has none, because of its kind or because its activation bends everywhere.
        """
        if why := self.why_no_folds:
            raise NotPossible(f"{why[0].upper()}{why[1:]}.", hint="Use relu or leaky_relu, and wiring layers.")
        found: Partition = self.can.part("pieces")(self, box)
        return found

    @property
    def why_no_folds(self) -> str:
        """Why its pieces cannot be computed, as a sentence without its end; empty when they can."""
        if self.activation in BENDING:
            bends = f"{self.activation} bends everywhere a little"
            return f"{bends}, so its units have no fold lines and the boundary has no fold points"
        return "" if self.can.pieces else f"the folds of {self.can.words} cannot be computed"

    @property
    def inactive_slope(self) -> float:
        """Slope of a piecewise-linear activation below 0."""
        return self.negative_slope if self.activation == "leaky_relu" else 0.0

    @lazy
    def is_normed(self) -> bool:
        """Whether any layer has batch normalisation."""
        return any(self.norms)

    @property
    def keeps_statistics(self) -> bool:
        """Whether it is measured with running statistics beside its parameters; else they are folded into these."""
        return False

    @property
    def is_folded(self) -> bool:
        """Whether curvature and landscapes are of other parameters than it trains: running statistics become part."""
        return self.is_normed and not self.keeps_statistics

    @lazy
    def is_wide(self) -> bool:
        """Whether any layer receives the activations of all layers before it."""
        return any(w.shape[1] != len(b) for w, b in zip(self.weights[1:], self.biases[:-1], strict=True))

    @property
    def starts(self) -> tuple[int, ...]:
        """Where inputs and activations of each hidden layer start in what a wide layer receives, and where they end."""
        return tuple(itertools.accumulate((self.weights[0].shape[1], *self.hidden), initial=0))

    def parts(self) -> Iterator[tuple[int, str, FloatArray]]:
        """Give each parameter array with its layer and its name there: weight, bias, then gamma and beta if any."""
        for layer, (weight, bias, normed) in enumerate(
            zip(self.weights, self.biases, (*self.norms, None), strict=True)
        ):
            yield layer, "weight", weight
            yield layer, "bias", bias
            if normed:
                yield layer, "gamma", normed.gamma
                yield layer, "beta", normed.beta

    def flat(self) -> list[FloatArray]:
        """List the parameter arrays in the order weight, bias, gamma, beta, layer by layer."""
        return [part for _, _, part in self.parts()]

    def with_flat(self, parts: Sequence[FloatArray]) -> Weights:
        """Give the same net with other parameters, in the order of ``flat``; running statistics stay."""
        left = iter(parts)
        weights, biases, norms = [], [], []
        for normed in (*self.norms, None):
            weights.append(next(left))
            biases.append(next(left))
            norms.append(replace(normed, gamma=next(left), beta=next(left)) if normed else None)
        return replace(self, weights=tuple(weights), biases=tuple(biases), norms=tuple(norms[:-1]))

    def places(self) -> list[tuple[int, str]]:
        """Name the arrays of ``flat``: layer and which of its arrays."""
        return [(layer, name) for layer, name, _ in self.parts()]

    def in_order(self, parts: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        """Give arrays like the parameters of each layer in the order of ``flat``: here it is the same."""
        return tuple(parts)

    def vector(self) -> npt.NDArray[np.float64]:
        """Give all parameters as one vector (P,), float64, in the order of ``flat``."""
        return np.concatenate([part.ravel() for part in self.flat()]).astype(np.float64)

    @lazy
    def theta(self) -> npt.NDArray[np.float64]:
        """All parameters as ``vector`` gives them, kept with the net: for small nets, and not to be changed."""
        return self.vector()

    def with_vector(self, theta: npt.NDArray[np.float64]) -> Weights:
        """Give the same net with the parameters of a vector (P,), in its own precision; statistics stay."""
        parts = self.flat()
        pieces = zip(np.split(theta, np.cumsum([part.size for part in parts])[:-1]), parts, strict=True)
        return self.with_flat([piece.reshape(part.shape).astype(part.dtype) for piece, part in pieces])

    def connections(self) -> dict[str, Any]:
        """Name the connections, where shapes do not tell them, as frames do; here they do."""
        return {}

    def layout(self) -> dict[str, Any]:
        """Tell in plain JSON how ``vector`` lies in weights and biases, where it is not layer by layer; here it is."""
        return {}

    def about(self) -> dict[str, Any]:
        """Tell in plain JSON what a file of weights has to say besides their arrays; here shapes say it."""
        return {}

    def found(self) -> dict[str, Any]:
        """Tell what only the net itself says of its tensors, as ``foldscape.events.NetMade``; its spec says it here."""
        return {}

    def refuse_other_tensors(self) -> None:
        """Refuse arrays that are those of another net than the spec makes; a chain may have grown to any widths."""

    def unit_ids(self) -> list[npt.NDArray[np.int32]]:
        """Give every hidden unit of a first net its lasting id, one (width,) array a hidden layer."""
        ids = np.arange(self.neurons, dtype=np.int32)
        ends = np.cumsum((0, *self.hidden))
        return [ids[a:b] for a, b in itertools.pairwise(ends)]

    @property
    def next_unit(self) -> int:
        """The first lasting id that is free after ``unit_ids``."""
        return self.neurons

    def folded(self) -> Weights:
        """Give the plain net that does the same: running statistics become part of weights and biases."""
        if not self.is_normed:
            return self
        layers = zip(self.weights, self.biases, (*self.norms, None), strict=True)
        weights, biases = zip(*(normed.folded(w, b) if normed else (w, b) for w, b, normed in layers), strict=True)
        return replace(self, weights=weights, biases=biases, norms=())

    def with_statistics_of(self, x: FloatArray) -> Weights:
        """Give the net with the running statistics that it has on points (N, d); see ``foldscape.net.averaging``."""
        from foldscape.net.averaging import renewed_by_layer

        return renewed_by_layer(self, x)

    def why_apart(self, other: Weights) -> str:
        """Say what keeps parameters from meaning the same one by one in another net; empty where nothing does."""
        if self.can is not other.can:
            return f"one is {self.can.words}, and the other {other.can.words}"
        if self.activation != other.activation:
            return f"one has the activation {self.activation}, and the other {other.activation}"
        if [part.shape for part in self.flat()] != [part.shape for part in other.flat()]:
            return "their layers have other shapes"
        its = other.connections()
        same = all(np.array_equal(part, its[name]) for name, part in self.connections().items())
        return "" if same else "they have other edges"

    def shares_space(self, other: Weights) -> bool:
        """Whether parameters mean the same one by one in another net: one kind, one shape, the same edges."""
        return not self.why_apart(other)

    def state(self) -> dict[str, tuple[FloatArray, ...]]:
        """Give every array that ``restored`` needs, by name."""
        return {"weights": self.weights, "biases": self.biases, "norms": norm.to_rows(self.norms)}

    def restored(self, state: Mapping[str, tuple[FloatArray, ...]]) -> Weights:
        """Give the net whose ``state`` this is, of the same activation; its shape may be another."""
        norms = norm.from_rows(state["norms"])
        return replace(self, weights=state["weights"], biases=state["biases"], norms=norms)

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        if self.parameters <= SMALL:
            return bool(np.isfinite(self.theta).all())
        return all(np.isfinite(part).all() for part in self.flat())

    def astype(self, dtype: npt.DTypeLike) -> Weights:
        """Give a copy in another precision."""
        return replace(
            self,
            weights=tuple(part.astype(dtype) for part in self.weights),
            biases=tuple(part.astype(dtype) for part in self.biases),
            norms=tuple(normed and normed.astype(dtype) for normed in self.norms),
        )

    def activate(self, z: FloatArray) -> FloatArray:
        """Apply the hidden activation."""
        if self.activation == "tanh":
            return np.tanh(z)
        if self.activation == "relu":
            return np.maximum(z, 0)
        return np.where(z >= 0, z, z.dtype.type(self.negative_slope) * z)

    def derivative(self, z: FloatArray) -> FloatArray:
        """Give the activation's derivative at pre-activations z; a ReLU's at 0 is 1, for GradMax (arXiv 2201.05125)."""
        if self.activation == "tanh":
            return 1 - np.tanh(z) ** 2
        if self.activation == "relu":
            return (z >= 0).astype(z.dtype)
        return np.where(z >= 0, z.dtype.type(1), z.dtype.type(self.negative_slope))

    def passed(self, x: FloatArray) -> AnyPassed:
        """Pass points (N, d) through, ready for the way back to the inputs: see ``foldscape.net.input_gradient``."""
        from foldscape.net.input_gradient import Passed

        return Passed.through(self, x)

    def layer_inputs(self, x: FloatArray, layer: int) -> FloatArray:
        """Give what layer ``layer`` receives for inputs x: (N, fan_in)."""
        plain = self.folded()
        seen = [x.astype(self.weights[0].dtype, copy=False)]
        for w, b in list(zip(plain.weights, plain.biases, strict=True))[:layer]:
            seen.append(self.activate(received(seen, w) @ w.T + b))
        return received(seen, plain.weights[layer])

    def representation(self, x: FloatArray) -> FloatArray:
        """Give what the output layer receives for inputs x, (N, units)."""
        return self.layer_inputs(x, len(self.weights) - 1)

    @property
    def output_weight(self) -> FloatArray | None:
        """The (K, units) weights that make outputs of ``representation``; ``None`` where outputs are no such sums."""
        return self.weights[-1] if self.can.layered else None

    def preactivations(self, x: FloatArray, layer: int) -> FloatArray:
        """Give what the units of a layer weigh up for inputs x, before normalisation: (N, fan_out)."""
        return self.layer_inputs(x, layer) @ self.weights[layer].T + self.biases[layer]

    def logits(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K) for inputs (N, d)."""
        return self.preactivations(x, len(self.weights) - 1)

    def logits_in_order(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K), float64, summed term by term.

        A last term of zero then changes no bit, as it may in BLAS.

        Args:
            x: (N, d) inputs.

        Returns:
            The outputs.
        """
        exact = self.astype(np.float64).folded()
        seen: list[FloatArray] = [x.astype(np.float64)]
        for w, b in zip(exact.weights, exact.biases, strict=True):
            h = received(seen, w)
            z = np.broadcast_to(b, (len(h), len(b))).copy()
            for column in range(h.shape[1]):
                z += h[:, column, None] * w[:, column]
            seen.append(exact.activate(z))
        return z

    def active_signs(self, x: FloatArray) -> npt.NDArray[np.bool_]:
        """Say which hidden units weigh up more than 0 on points (N, d), (N, units) layer by layer, in float64."""
        plain = self.astype(np.float64).folded()
        seen: list[FloatArray] = [x.astype(np.float64)]
        active = [np.zeros((len(x), 0), bool)]
        for weight, bias in zip(plain.weights[:-1], plain.biases[:-1], strict=True):
            z = received(seen, weight) @ weight.T + bias
            active.append(z > 0)
            seen.append(plain.activate(z))
        return np.concatenate(active, axis=1)

    def active_counts(self, x: FloatArray) -> list[npt.NDArray[np.int64]]:
        """Count the points (N, d) on which each hidden unit weighs up more than 0: (width,) for each hidden layer."""
        net = self.folded()
        seen = [x.T.astype(net.weights[0].dtype)]  # (features, N): counting runs along the points
        counts: list[npt.NDArray[np.int64]] = []
        for weight, bias in zip(net.weights[:-1], net.biases[:-1], strict=True):
            z = weight @ (seen[-1] if len(seen[-1]) == weight.shape[1] else np.concatenate(seen))
            z += bias[:, None]
            counts.append(np.count_nonzero(z > 0, axis=1))
            if len(counts) < len(net.hidden):
                seen.append(net.activate(z))
        return counts

    def outgoing(self, layer: int) -> FloatArray:
        """Give the weights out of a hidden layer's units into all later layers, (width, fan_out)."""
        starts = self.starts
        mine = slice(starts[layer + 1], starts[layer + 2])
        found = []
        for later, weight in enumerate(self.weights[layer + 1 :], layer + 1):
            if weight.shape[1] == starts[later + 1]:
                found.append(weight[:, mine])
            elif later == layer + 1:
                found.append(weight)
        return np.concatenate(found).T

    def mean_row_norm(self, layer: int) -> float:
        """Mean norm of the units' incoming weights in a layer; 1 when they are all zero."""
        norm = float(np.linalg.norm(self.weights[layer], axis=1).mean())
        return norm if norm > 0 else 1.0

    def mean_column_norm(self, layer: int) -> float:
        """Mean norm of the weights out of each unit that a layer reads; 1 when they are all zero."""
        norm = float(np.linalg.norm(self.weights[layer], axis=0).mean())
        return norm if norm > 0 else 1.0

    def with_unit(self, layer: int, incoming: FloatArray, bias: float, outgoing: FloatArray) -> Weights:
        """Give the net with one more unit at the end of a hidden layer.

        Args:
            layer: Hidden layer, from 0.
            incoming: (fan_in,) weights into the unit.
            bias: Its bias.
            outgoing: (fan_out,) weights out of it; all zero keeps the function.

        Returns:
            The wider net; this one stays as it is.
        """
        weights, biases = list(self.weights), list(self.biases)
        dtype = weights[layer].dtype
        weights[layer] = np.vstack([weights[layer], np.asarray(incoming, dtype)[None]])
        biases[layer] = np.append(biases[layer], dtype.type(bias))
        weights[layer + 1] = np.hstack([weights[layer + 1], np.asarray(outgoing, dtype)[:, None]])
        norms = list(self.norms)
        if (normed := norms[layer]) is not None:
            norms[layer] = normed.with_channel()
        return replace(self, weights=tuple(weights), biases=tuple(biases), norms=tuple(norms))


def initial(spec: NetSpec, features: int, classes: int, rng: np.random.Generator) -> Weights:
    """Draw first weights and biases uniform in ±1/sqrt(fan_in), as PyTorch's linear layer does, or in ±1/2."""
    sizes = [features, *spec.hidden, classes]
    weights, biases = [], []
    for fan_in, fan_out in itertools.pairwise(sizes):
        bound = 0.5 if spec.first_weights == "uniform" else 1 / np.sqrt(fan_in)
        weights.append(rng.uniform(-bound, bound, (fan_out, fan_in)).astype(np.float32))
        biases.append(rng.uniform(-bound, bound, fan_out).astype(np.float32))
    weights[-1] *= np.float32(spec.output_scale)
    return Weights(tuple(weights), tuple(biases), spec.activation, spec.negative_slope)


def received(seen: Sequence[FloatArray], weight: FloatArray) -> FloatArray:
    """Give what a layer receives of inputs and activations before it.

    Args:
        seen: Inputs and activations of each hidden layer before, (N, width) each.
        weight: The layer's weights (out, in).

    Returns:
        (N, in): the last of ``seen``, or for a wide layer all of them side by side.
    """
    return seen[-1] if seen[-1].shape[1] == weight.shape[1] else np.concatenate(seen, axis=1)


@dataclass(frozen=True)
class Backward:
    """One backward pass of the mean loss.

    Attributes:
        net: The net.
        inputs: What each layer receives, (N, fan_in) each.
        errors: Gradient of the mean loss by each layer's pre-activation times N, (N, fan_out) each.
        weight_gradients: Gradient of the mean loss by each weight array.
        bias_gradients: Gradient of the mean loss by each bias array.
        norm_gradients: The same by gamma and beta of each layer; nothing where it is not normalised.
    """

    net: Weights
    inputs: tuple[FloatArray, ...]
    errors: tuple[FloatArray, ...]
    weight_gradients: tuple[FloatArray, ...]
    bias_gradients: tuple[FloatArray, ...]
    norm_gradients: tuple[tuple[FloatArray, ...], ...]

    @property
    def gradients(self) -> tuple[FloatArray, ...]:
        """Gradient of the mean loss by each parameter array, in the order of ``Weights.flat``."""
        layers = zip(self.weight_gradients, self.bias_gradients, self.norm_gradients, strict=True)
        parts = [part for by_weight, by_bias, by_norm in layers for part in (by_weight, by_bias, *by_norm)]
        return self.net.in_order(parts)

    @property
    def norm(self) -> float:
        """Norm of the whole gradient."""
        return norm_of(self.gradients)


def backward(
    net: Weights,
    x: FloatArray,
    y: npt.NDArray[np.int64],
    error: Callable[[FloatArray, npt.NDArray[np.int64]], FloatArray] = output_error,
) -> Backward:
    """Differentiate the mean loss by every parameter, with running statistics held where there are any.

    Args:
        net: The network.
        x: (N, d) inputs.
        y: (N,) classes.
        error: Gradient of each example's loss by its logits; that of the cross-entropy if not given.

    Returns:
        A gradient in the shape of each parameter, with the inputs and errors of each layer.
    """
    plain = net.folded()
    seen, inputs, slopes = [x.astype(net.weights[0].dtype, copy=False)], [], []
    for w, b in zip(plain.weights[:-1], plain.biases[:-1], strict=True):
        inputs.append(received(seen, w))
        z = inputs[-1] @ w.T + b
        slopes.append(net.derivative(z))
        seen.append(net.activate(z))
    inputs.append(received(seen, plain.weights[-1]))
    errors = carried_back(plain, error(inputs[-1] @ plain.weights[-1].T + plain.biases[-1], y), slopes)
    share = 1 / len(x)
    by_weight: list[FloatArray] = [share * (e.T @ h) for e, h in zip(errors, inputs, strict=True)]
    by_bias: list[FloatArray] = [share * e.sum(axis=0) for e in errors]
    by_norm: list[tuple[FloatArray, ...]] = [()] * len(errors)
    for layer, normed in enumerate(net.norms):
        if normed:
            errors[layer] = errors[layer] * normed.factor
            by_weight[layer], by_bias[layer], *rest = normed.pulled_back(
                net.weights[layer], net.biases[layer], by_weight[layer], by_bias[layer]
            )
            by_norm[layer] = tuple(rest)
    return Backward(net, tuple(inputs), tuple(errors), tuple(by_weight), tuple(by_bias), tuple(by_norm))


def carried_back(net: Weights, error: FloatArray, slopes: Sequence[FloatArray]) -> list[FloatArray]:
    """Give each layer's errors (N, fan_out), from those of the outputs and the slopes of the activations."""
    starts, errors = net.starts, [error]
    by_activation: list[FloatArray | float] = [0.0] * len(slopes)
    for layer in range(len(slopes), 0, -1):
        weight = net.weights[layer]
        if weight.shape[1] == net.hidden[layer - 1]:
            by_activation[layer - 1] += errors[-1] @ weight
        else:
            back = errors[-1] @ weight[:, starts[1] :]
            for below in range(layer):
                by_activation[below] += back[:, starts[below + 1] - starts[1] : starts[below + 2] - starts[1]]
        errors.append(by_activation[layer - 1] * slopes[layer - 1])
    return errors[::-1]


def norm_of(parts: Sequence[FloatArray]) -> float:
    """Norm of several arrays taken as one vector, summed in float64."""
    return float(np.sqrt(sum(float(np.square(part, dtype=np.float64).sum()) for part in parts)))
