"""Which runs of a sweep need no run loop; known from the spec, so that the estimate knows it too."""

from __future__ import annotations

from foldscape.averaging import NoAverage
from foldscape.cost.growing import sized
from foldscape.engine.choose import engine_name, why_not_compiled
from foldscape.growth.schedule import ByHand
from foldscape.spec import RunSpec


def trains_straight(run: RunSpec) -> bool:
    """Whether a run does nothing but train a chain of layers with the compiled engine to its last epoch."""
    schedule, repair = run.growth.schedule, run.growth.repair
    steady = isinstance(schedule, ByHand) and repair is None and not run.commands and run.stop.plateau is None
    steady = steady and isinstance(run.average, NoAverage) and not run.other_terms and run.optimizer.sharpest is None
    return steady and run.start is None and not why_not_compiled(run) and _is_compiled(run)


def _is_compiled(run: RunSpec) -> bool:
    size = sized(run)
    return bool(run.net.can.many) and engine_name(run, size.parameters) == "compiled"
