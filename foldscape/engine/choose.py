"""Which engine carries out a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from foldscape.data.base import Split
from foldscape.engine.base import Engine
from foldscape.engine.training_noise import TrainingNoise
from foldscape.net.dag import Dag
from foldscape.net.mlp import Weights

if TYPE_CHECKING:
    from foldscape.spec import RunSpec

MOST_PARAMETERS = 32_000
"""Up to here compiled code on one thread is faster than torch on two at any batch; see ``benchmarks.engine``."""


def engine_for(spec: RunSpec, net: Weights, split: Split) -> Engine:
    """Give the engine that a spec names, or for "auto" the one that is faster on its first net.

    The answer follows from the spec alone, so that a run taken up again trains on with the same bits; a net with
    batch normalisation and a loss other than cross-entropy always take torch, and a graph always compiled code.

    Args:
        spec: What decides the run.
        net: Its first net.
        split: Its data.

    Returns:
        An engine that holds the net.

    Raises:
        NotPossible: If the compiled engine is to train a net with batch normalisation.
    """
    if isinstance(net, Dag):
        from foldscape.engine.dag.engine import DagEngine

        return DagEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.loss)
    if engine_name(spec, net.parameters, is_normed=net.is_normed) == "compiled":
        from foldscape.engine.compiled import CompiledEngine

        return CompiledEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch)
    from foldscape.engine.torch_engine import TorchEngine

    noise = TrainingNoise(spec.seed, spec.net.dropout, spec.input_noise)
    return TorchEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.device, spec.loss, noise)


def why_not_compiled(spec: RunSpec) -> str:
    """Say what a spec asks for that compiled code cannot do: the one place that decides it.

    Args:
        spec: What decides the run.

    Returns:
        The end of a sentence, "compiled code ..."; empty when compiled code can carry out the run.
    """
    if spec.device != "cpu":
        return f"trains on the processor, not on {spec.device}"
    if spec.net.wiring == "layers" and spec.loss != "cross_entropy":
        return f"trains on cross_entropy, not on {spec.loss}"
    if spec.net.dropout:
        return f"leaves no unit out, so it cannot train with dropout {spec.net.dropout:g}"
    if spec.input_noise:
        return f"takes the inputs as they are, so it cannot train with input_noise {spec.input_noise:g}"
    return ""


def engine_name(spec: RunSpec, parameters: int, *, is_normed: bool = False) -> Literal["compiled", "torch"]:
    """Name the engine that carries out a run.

    Args:
        spec: What decides the run.
        parameters: Parameters of its first net.
        is_normed: Whether that has batch normalisation.

    Returns:
        Its name; graphs are trained by compiled code of their own.
    """
    if spec.net.wiring == "dag" or spec.engine == "compiled":
        return "compiled"
    small = parameters <= MOST_PARAMETERS and not is_normed and not why_not_compiled(spec)
    return "compiled" if spec.engine == "auto" and small else "torch"
