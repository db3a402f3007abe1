"""Which engine carries out a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.data.base import Split
from foldscape.engine.base import Engine
from foldscape.lazy import load_reference
from foldscape.net.abilities import EngineName
from foldscape.net.mlp import Weights

if TYPE_CHECKING:
    from foldscape.spec import RunSpec

MOST_PARAMETERS = 32_000
"""Up to here compiled code on one thread is faster than torch on two at any batch; see ``benchmarks.engine``."""


def engine_for(spec: RunSpec, net: Weights, split: Split) -> Engine:
    """Give the engine that a spec names, or for "auto" the one that is faster on its first net.

    The answer follows from the spec alone, so that a run taken up again trains on with the same bits; a net with
    batch normalisation, and what ``why_not_compiled`` names, take torch, and a kind with one engine takes that one.

    Args:
        spec: What decides the run.
        net: Its first net.
        split: Its data.

    Returns:
        An engine that holds the net.

    Raises:
        InvalidInput: If it is to train on a device that is not there.
        NotPossible: If the compiled engine is to train a net with batch normalisation.
    """
    name = engine_name(spec, net.parameters, is_normed=net.is_normed)
    found: Engine = load_reference(net.can.engines[name])(net, spec, split)
    found.weight_decay = spec.weight_decay
    return found


def why_not_compiled(spec: RunSpec) -> str:
    """Say what a spec asks for that compiled code cannot do: the one place that decides it.

    Args:
        spec: What decides the run.

    Returns:
        The end of a sentence, "compiled code ..."; empty when compiled code can carry out the run.
    """
    if spec.device != "cpu":
        return f"trains on the processor, not on {spec.device}"
    can = spec.net.can
    if "compiled" not in can.engines:
        return f"does not train {can.words}"
    if not can.compiles(spec.loss):
        return f"has no kernel for the loss {spec.loss.label}"
    if spec.optimizer.compiled() is None:
        return f"does not know the optimizer {spec.optimizer.kind}"
    if strange := [term.kind for term in spec.other_terms if not term.is_fused]:
        return f"does not know the term {strange[0]}"
    if spec.precision != "float32":
        return f"multiplies in float32 only, not in {spec.precision}"
    if spec.net.dropout:
        return f"leaves no unit out, so it cannot train with dropout {spec.net.dropout:g}"
    if spec.input_noise:
        return f"takes the inputs as they are, so it cannot train with input_noise {spec.input_noise:g}"
    if spec.input_dropout:
        return f"takes the inputs as they are, so it cannot train with input_dropout {spec.input_dropout:g}"
    if spec.adversarial is not None:
        return f"takes the inputs as they are, so it cannot train with adversarial {spec.adversarial.kind}"
    if spec.augment:
        return f"takes the inputs as they are, so it cannot train with augment {spec.augment[0].kind}"
    return ""


def engine_name(spec: RunSpec, parameters: int, *, is_normed: bool = False) -> EngineName:
    """Name the engine that carries out a run.

    Args:
        spec: What decides the run.
        parameters: Parameters of its first net.
        is_normed: Whether that has batch normalisation.

    Returns:
        Its name; a kind of net that one engine alone trains takes it.
    """
    if len(engines := spec.net.can.engines) == 1:
        return next(iter(engines))
    if spec.engine == "compiled":
        return "compiled"
    small = parameters <= MOST_PARAMETERS and not is_normed and not why_not_compiled(spec)
    return "compiled" if spec.engine == "auto" and small else "torch"
