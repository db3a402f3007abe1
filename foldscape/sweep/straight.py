"""Which runs of a sweep need no run loop; known from the spec, so that the estimate knows it too."""

from __future__ import annotations

from foldscape.averaging import NoAverage
from foldscape.cost.growing import sized
from foldscape.engine.choose import engine_name, why_not_compiled
from foldscape.growth.schedule import ByHand
from foldscape.net.modular_spec import ModularSpec
from foldscape.spec import RunSpec


def trains_straight(run: RunSpec) -> bool:
    """Whether a run does nothing but train a chain of layers with the compiled engine to its last epoch."""
    return _is_steady(run) and not why_not_compiled(run) and _is_compiled(run)


def trains_stacked(run: RunSpec) -> bool:
    """Whether a run does nothing but train what a torch module computes, on a card, to its last epoch.

    Runs that differ from it in their seeds alone are then trained as one program.

    Returns:
        Whether it does.
    """
    inputs = run.input_noise or run.input_dropout or run.adversarial is not None or run.augment
    plain = run.device == "cuda" and isinstance(run.net, ModularSpec) and not run.net.is_random
    return plain and _is_steady(run) and not run.stop.watches and not inputs


def _is_steady(run: RunSpec) -> bool:
    """Whether nothing but the updates changes the net."""
    schedule, repair = run.growth.schedule, run.growth.repair
    steady = isinstance(schedule, ByHand) and repair is None and not run.commands and run.stop.plateau is None
    steady = steady and isinstance(run.average, NoAverage) and not run.other_terms and run.optimizer.sharpest is None
    return steady and run.start is None


def _is_compiled(run: RunSpec) -> bool:
    size = sized(run)
    return bool(run.net.can.many) and engine_name(run, size.parameters) == "compiled"
