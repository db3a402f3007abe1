"""The saddle index against the loss along the kept nets of a run that measured neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from foldscape.curvature import SaddleIndex, probe_subset, saddle_index
from foldscape.errors import InvalidInput
from foldscape.events import Event
from foldscape.landscape.recorded.measured import record_of
from foldscape.landscape.recorded.moments import RecordedRun
from foldscape.landscape.recorded.run_record import RunRecord
from foldscape.spec import RunSpec


@dataclass(frozen=True)
class SaddlePoint:
    """One kept net of a run.

    Attributes:
        step: Updates done.
        epoch: Epochs done.
        index: Its saddle index, with the training loss there.
        gradient_norm: Norm of the gradient of that loss.
    """

    step: int
    epoch: float
    index: SaddleIndex
    gradient_norm: float


def saddle_path(
    run: RunRecord | Iterable[Event],
    *,
    spec: RunSpec | None = None,
    moments: int = 25,
    steps: int = 80,
    runs: int = 8,
) -> list[SaddlePoint]:
    """Measure the saddle index along the nets that a run kept, on the points that its curvature is measured on.

    Args:
        run: What the run left behind, or its events.
        spec: What decided the run; needed with events.
        moments: Nets at most, evenly along the way that training went, its ends among them.
        steps: Lanczos steps of a run from a random vector; nets of at most 300 parameters are counted.
        runs: Such runs.

    Returns:
        The moments in their order; those whose loss has no finite gradient are left out.

    Raises:
        InvalidInput: If fewer than two moments are asked for, or events come without the spec of their run.

    Example:
        >>> import foldscape
        >>> spec = foldscape.RunSpec(stop={"epochs": 4})
        >>> path = saddle_path(foldscape.run(spec), spec=spec, moments=3)
        >>> [point.epoch for point in path]
        [0.0, 2.0, 4.0]
    """
    if moments < 2:
        raise InvalidInput(f"A path of {moments} moments is none.", hint="Ask for at least 2.")
    recorded = RecordedRun(record_of(run, spec))
    split = recorded.spec.load()
    chosen = probe_subset(len(split.train_x)).indices
    kept = recorded.path(recorded.net(None).moment.step)
    places = np.unique(np.round(np.linspace(0, len(kept) - 1, min(moments, len(kept)))).astype(int))
    found = []
    for one in (kept[place] for place in places):
        objective = one.net.objective(split.train_x[chosen], split.train_y[chosen], recorded.spec.loss)
        if objective.at().finite:
            index = saddle_index(objective, steps=steps, runs=runs)
            found.append(SaddlePoint(one.moment.step, one.epoch, index, float(np.linalg.norm(objective.gradient()))))
    return found
