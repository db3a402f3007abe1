"""The saddle index against the loss along the kept nets of a run that measured neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from foldscape.curvature import SaddleIndex, probe_subset, saddle_index
from foldscape.errors import InvalidInput
from foldscape.events import Event
from foldscape.landscape.recorded.moments import RecordedRun
from foldscape.landscape.recorded.recording import record_of
from foldscape.landscape.recorded.rows import GROUND, SADDLES, LandscapeProgress, row
from foldscape.landscape.recorded.run_record import RunRecord
from foldscape.landscape.recorded.spec import SaddlesOf
from foldscape.progress import ALMOST
from foldscape.spec import RunSpec

COLUMNS = (
    "step", "epoch", "train_loss", "saddle_index", "saddle_index_error", "saddle_index_low", "saddle_index_high",
    "parameters", "gradient_norm",
)  # fmt: skip
"""What is told of each net; index and bounds are shares of its eigenvalues."""


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
    points = (point for point, _ in _along(recorded, None, moments, steps, runs))
    return [point for point in points if point is not None]


def saddles(record: RunRecord, spec: SaddlesOf) -> Iterator[LandscapeProgress]:
    """Measure the saddle index along the kept nets of a run up to a moment, and tell how far it is.

    Args:
        record: What the run left behind.
        spec: Up to which moment, how many nets, how exactly.

    Yields:
        How far it is, at last with the nets as one row.
    """
    recorded = RecordedRun(record)
    end = recorded.net(spec.step)
    about = {"step": end.moment.step, "epoch": end.epoch, "loss": recorded.spec.loss.model_dump(mode="json")}
    yield LandscapeProgress(share=0, doing="Looking for kept nets", rows=(row(GROUND, about, {}),))
    found = []
    for point, share in _along(recorded, end.moment.step, spec.moments, spec.steps, spec.runs):
        found += [] if point is None else [point]
        yield LandscapeProgress(share=min(ALMOST, share), doing=f"{len(found)} nets")
    lines = np.array([_line(point) for point in found]).reshape(-1, len(COLUMNS))
    columns = dict(zip(COLUMNS, lines.T.copy(), strict=True))
    yield LandscapeProgress(share=1, doing=f"{len(found)} nets", rows=(row(SADDLES, {"moments": len(found)}, columns),))


def _along(
    recorded: RecordedRun, until: int | None, moments: int, steps: int, runs: int
) -> Iterator[tuple[SaddlePoint | None, float]]:
    """Give each net of the path, ``None`` where its loss has no finite gradient, and the share that is done."""
    split = recorded.spec.load()
    chosen = probe_subset(len(split.train_x)).indices
    kept = recorded.path(recorded.net(until).moment.step)
    places = np.unique(np.round(np.linspace(0, len(kept) - 1, min(moments, len(kept)))).astype(int))
    for done, one in enumerate((kept[place] for place in places), 1):
        objective = one.net.objective(split.train_x[chosen], split.train_y[chosen], recorded.spec.loss)
        point = None
        if objective.at().finite:
            index = saddle_index(objective, steps=steps, runs=runs)
            point = SaddlePoint(one.moment.step, one.epoch, index, float(np.linalg.norm(objective.gradient())))
        yield point, done / len(places)


def _line(point: SaddlePoint) -> tuple[float, ...]:
    index = point.index
    told = (index.loss, index.share, index.error, index.low, index.high, index.size, point.gradient_norm)
    return (point.step, point.epoch, *told)
