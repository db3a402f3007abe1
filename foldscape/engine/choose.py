"""Which engine carries out a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from foldscape.data.base import Split
from foldscape.engine.base import Engine
from foldscape.errors import InvalidInput
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
        InvalidInput: If the compiled engine is to train on a GPU, or there is none.
        NotPossible: If it is to train a net with batch normalisation.
    """
    if spec.engine == "compiled" and spec.device != "cpu":
        raise InvalidInput(
            f"The compiled engine trains on the processor, not on {spec.device}.",
            hint='Set device to "cpu", or engine to "torch" or "auto".',
        )
    if isinstance(net, Dag):
        from foldscape.engine.dag.engine import DagEngine

        return DagEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.loss)
    if engine_name(spec, net.parameters, is_normed=net.is_normed) == "compiled":
        from foldscape.engine.compiled import CompiledEngine

        return CompiledEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch)
    from foldscape.engine.torch_engine import TorchEngine

    return TorchEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.device, spec.loss)


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
    plain = spec.loss == "cross_entropy" and not is_normed
    small = spec.device == "cpu" and parameters <= MOST_PARAMETERS and plain
    return "compiled" if spec.engine == "auto" and small else "torch"
