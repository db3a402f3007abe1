"""What a run is foreseen to cost: how long it trains, how often it measures, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass

from foldscape.cost.engines import epoch_seconds
from foldscape.cost.growing import births_of, sized, units_born
from foldscape.cost.rates import Rates
from foldscape.cost.work import Size
from foldscape.spec import FRAMES_PER_SECOND, RunSpec

MOST_SHARE = 0.4
"""Share of the time that measuring takes at most where nothing but the queue says how often."""
NEAREST = 16
"""Measurements an epoch at most, there."""
EPOCH = 3e-4
"""Seconds an epoch takes besides its updates and scores."""
BEGINNING = 1e-8
"""Seconds a number of the data takes once, before the first row."""


@dataclass(frozen=True)
class RunCost:
    """What a run takes on one processor, if nobody interrupts it.

    Attributes:
        epochs: Epochs.
        updates: Updates.
        births: Births by its schedule, at most.
        training: Seconds of training.
        measurements: How often it measures.
        rows: Seconds of the rows of losses and accuracies, one a measurement.
        probes: Seconds of its probes.
        paced: Seconds at the pace it was given; ``None`` where it goes as fast as it can.
        seconds: Seconds from its first update to its last, pace and cost reckoned.
    """

    epochs: int
    updates: int
    births: int
    training: float
    measurements: float
    rows: float
    probes: float
    paced: float | None
    seconds: float

    @property
    def probe_share(self) -> float:
        """Share of its time that its probes take."""
        return min(1.0, self.probes / self.seconds) if self.seconds else 0.0

    @property
    def is_too_slow(self) -> bool:
        """Whether it cannot keep the pace it was given."""
        return self.paced is not None and self.seconds > self.paced


def foresee(run: RunSpec, rates: Rates | None = None) -> RunCost:
    """Foresee what a run takes.

    A measurement takes a row and the probes. On the interactive queue without a pace they fall so many times a second
    (``workers.pacing.Steering``); at a pace as many, and where it is not kept, all probes but the frame give way to it
    (``workers.pacing.Sparing``); on other queues once an epoch.

    Args:
        run: The run.
        rates: Speed of the machine; that of the shipped costs if ``None``.

    Returns:
        Its parts, and how long it takes in all.

    Example:
        >>> foresee(RunSpec.model_validate({"speed": 20, "stop": {"epochs": 300}})).seconds
        15.0
    """
    rates = rates or Rates()
    epochs, updates = run.stop.epochs, run.updates
    size = size_of(run)
    begun = rates.reading * sum(probe.first_seconds(run.data) for probe in run.probes)
    row, frames, others = rates.reading * row_seconds(run, size), 0.0, 0.0
    for probe in run.probes:
        each = rates.curvature * probe.work.on(size) / probe.every
        frames, others = (frames + each, others) if probe.kind == "frame" else (frames, others + each)
    training, once = training_seconds(run, 0, rates), row + frames + others
    paced = run.stop.epochs / run.speed if run.speed else None
    if paced is not None:
        measurements = min(updates, FRAMES_PER_SECOND * paced)
        seconds = max(paced, training + begun + measurements * (row + frames))
        others = min(others, max(0.0, (seconds - training - begun) / measurements - row - frames))
    else:
        measurements = _steered(training / epochs, once) * epochs if run.queue == "interactive" else epochs
        seconds = training + begun + measurements * once
    probes = begun + measurements * (frames + others)
    return RunCost(
        epochs=epochs, updates=updates, births=births_of(run), training=training, measurements=measurements,
        rows=measurements * row, probes=probes, paced=paced, seconds=seconds,
    )  # fmt: skip


def size_of(run: RunSpec) -> Size:
    """Give the size of a run's net at half of its growth, with its training points."""
    return sized(run, units_born(run) // 2)


def row_seconds(run: RunSpec, size: Size) -> float:
    """Foresee a row of losses and accuracies, on all points."""
    return size.whole_seconds * run.data.size / run.train_size


def training_seconds(run: RunSpec, rows: float, rates: Rates, epoch: float = EPOCH) -> float:
    """Foresee the seconds of training a run, with so many rows of losses and accuracies.

    Args:
        run: The run.
        rows: Number of rows.
        rates: Speed of the machine.
        epoch: Seconds an epoch takes besides its updates and scores.

    Returns:
        Seconds on one processor.
    """
    size, epochs = size_of(run), run.stop.epochs
    updates, laid_out = epoch_seconds(run, size)
    read = BEGINNING * size.features * run.data.size + epochs * laid_out + rows * row_seconds(run, size)
    return rates.training * epochs * (epoch + updates) + rates.reading * read


def _steered(epoch: float, once: float) -> float:
    """Give the measurements an epoch for which there are so many a second, within share and distance."""
    within_share = MOST_SHARE / (1 - MOST_SHARE) * epoch / once
    spare = 1 - FRAMES_PER_SECOND * once
    wanted = FRAMES_PER_SECOND * epoch / spare if spare > 0 else within_share
    return min(NEAREST, within_share, wanted)
