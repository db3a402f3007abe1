"""Events: what a run says, stamped with the training step.

Each event is a frozen dataclass. Fields that are arrays travel raw, all others as JSON (see ``foldscape.wire``).
``step`` counts updates; ``seq`` tells events of one step apart, so that (step, seq) names an event for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from foldscape.block_measurements import IterativeMeasured
from foldscape.event import Event, of_some
from foldscape.measurements import (
    CriticalCounted,
    Curvature,
    Density,
    Directions,
    HillSlice,
    HillsMeasured,
    Memorisation,
    Noise,
    NoveltyMeasured,
    Nudged,
    Oscillation,
    Scalars,
    SharpnessMeasured,
    SliceMeasured,
    Traces,
)
from foldscape.surface_measurements import LayerGradients, PlaneTopology, Saddle, Tunnel

__all__ = [
    "COLUMNS",
    "FRAME_KINDS",
    "KINDS",
    "CommandTaken",
    "CriticalCounted",
    "Curvature",
    "Density",
    "Directions",
    "Event",
    "Frame",
    "Grown",
    "HillPut",
    "HillSlice",
    "HillsMeasured",
    "IterativeMeasured",
    "LayerGradients",
    "Memorisation",
    "Metrics",
    "NetMade",
    "Noise",
    "NoveltyMeasured",
    "Nudged",
    "Oscillation",
    "PlaneTopology",
    "Predictions",
    "Proposal",
    "Restored",
    "Saddle",
    "Scalars",
    "SharpnessMeasured",
    "SliceMeasured",
    "Status",
    "Traces",
    "Tunnel",
    "Undone",
    "Unmeasured",
    "Validation",
]

COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "gradient_norm",
    "lr",
    "neurons",
    "parameters",
)
"""The columns of a metrics row."""


@dataclass(frozen=True, kw_only=True)
class Metrics(Event):
    """One row of scalars, at most one a step.

    Attributes:
        values: (len(COLUMNS),) float32; NaN where there is nothing to measure (no test points).
    """

    kind: ClassVar[str] = "metrics"
    values: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Validation(Event):
    """How a net does on the validation part of the training points; told beside a metrics row by runs that have one.

    Attributes:
        epoch: Epochs done.
        loss: Mean loss, nats for cross-entropy; ``None`` where it is no finite number.
        accuracy: Share of the points whose class is right.
        matthews: Correlation of answers and truth (Matthews 1975), of uneven data sets; else ``None``.
    """

    kind: ClassVar[str] = "validation"
    epoch: float
    loss: float | None
    accuracy: float
    matthews: float | None = None


@dataclass(frozen=True, kw_only=True)
class Frame(Event):
    """The network of one moment, with its exact geometry in the plane when the data are plane.

    Attributes:
        epoch: Epochs done.
        weights: One (out, in) float32 array a layer, the output layer last.
        biases: One (out,) float32 array a layer.
        units: One (width,) int32 array a hidden layer: the lasting id of each unit.
        why_no_folds: A sentence when the activation has no folds, else empty.
        regions: Number of linear pieces in the box, or -1 when not counted.
        folds: (S, 2, 2) float32 end points of the fold lines' pieces, data units.
        fold_unit: (S, 2) int32 hidden layer and row of the unit of each piece.
        fold_normal: (S, 2) float32 unit normal towards the active side.
        boundary: (B, 2, 2) float32 end points of the decision boundary's pieces; exact, but for tanh traced on a grid.
        fold_points: (F, 2) float32 points where the boundary crosses a fold.
        fold_point_unit: (F, 2) int32 hidden layer and row of the unit whose fold is crossed.
        active_share: One (width,) float32 array a hidden layer: share of the training points on which each unit is
            active; a unit with 0 is dead.
        edges: (E, 2) int32 source and target of each edge of a net that is a graph, by their lasting numbers: inputs
            first, then the constant 1 if there is one, outputs, hidden nodes (as in ``units``); else empty.
        primary: (E,) uint8, 1 for its primary edges.
        beyond: (B, 2, 2) float32 end points of the boundary's pieces just outside the box, where the probe was asked
            for them; else not told.
        structure: Inner widths of the blocks of a net that has blocks, a 0 behind each stage, int32; else not told.
        outputs: (K, 48, 48) float32 outputs over the box, for each class rows from its top down, both edges included;
            of a net whose outputs do not follow from ``weights`` and ``biases``, else not told.
    """

    kind: ClassVar[str] = "frame"
    epoch: float
    why_no_folds: str
    regions: int
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    units: tuple[np.ndarray, ...]
    folds: np.ndarray
    fold_unit: np.ndarray
    fold_normal: np.ndarray
    boundary: np.ndarray
    fold_points: np.ndarray
    fold_point_unit: np.ndarray
    active_share: tuple[np.ndarray, ...]
    edges: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    primary: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    beyond: np.ndarray | None = None
    structure: np.ndarray | None = None
    outputs: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Predictions(Event):
    """How a net does on each class, for data that are not plane.

    Attributes:
        epoch: Epochs done.
        split: Which points: ``test``, or ``train`` when none are held out.
        confusion: (K, K) int32, true class by predicted class.
        missed: (m,) int32 indices of the examples missed most often so far, worst first.
        missed_count: (m,) int32 how many of the measurements missed each.
        missed_as: (m,) int32 the class predicted now.
        units: One (width,) int32 array a hidden layer: the lasting id of each unit.
        active_share: One (width,) float32 array a hidden layer: share of the training points on which each unit is
            active; a unit with 0 is dead.
        edges: (E, 2) int32 source and target of each edge of a net that is a graph, by their lasting numbers: inputs
            first, then the constant 1 if there is one, outputs, hidden nodes (as in ``units``); else empty.
        primary: (E,) uint8, 1 for its primary edges.
        structure: Inner widths of the blocks of a net that has blocks, a 0 behind each stage, int32; else not told.
    """

    kind: ClassVar[str] = "predictions"
    epoch: float
    split: str
    measurements: int
    confusion: np.ndarray
    missed: np.ndarray
    missed_count: np.ndarray
    missed_as: np.ndarray
    units: tuple[np.ndarray, ...]
    active_share: tuple[np.ndarray, ...]
    edges: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    primary: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    structure: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Grown(Event):
    """The record of one growth.

    Attributes:
        epoch: Epochs done.
        method: Kind of the growth rule.
        layer: Hidden layer that received the unit, from 0.
        unit: Lasting id of the first new unit; -1 if none was added.
        k_new: Number of units added; their ids follow one another.
        parameters_before: Parameters before the growth.
        parameters_after: Parameters after it.
        kept: Largest change of the function over the probe grid, ``max |f_new - f_old|``.
        loss_change: Change of the training loss at the growth; of a net that a torch module computes, on the points
            that curvature is measured on.
        score: The rule's own criterion.
        lambda_before: Largest Hessian eigenvalue before; NaN of nets of blocks, whose curvature probes measure.
        lambda_after: Largest Hessian eigenvalue after.
        gradient_norm_new: Norm of the gradient of the new parameters.
        gain: Fall of the training loss, in nats, that the new unit's outgoing weights alone promise, to second order;
            ``None`` when the growth is not of that sort.
        explanation: What the rule looked at.
        seed: Words of the seed that this growth's chance was drawn from.
        kept_in_training: Largest change of the function on up to 512 training points, taken as one batch that is
            normalised by its own statistics; ``None`` for nets without batch normalisation, and for chains.
        flops_before: Operations a sample of one step of training before the growth; ``None`` where they follow from
            the number of parameters.
        flops_after: The same after it.
        seconds: Time that choosing and carrying it out took, s; ``None`` where nobody had a clock. No function of
            the spec.
    """

    kind: ClassVar[str] = "grown"
    epoch: float
    method: str
    layer: int
    unit: int
    k_new: int
    parameters_before: int
    parameters_after: int
    kept: float
    loss_change: float
    score: float
    lambda_before: float
    lambda_after: float
    gradient_norm_new: float
    gain: float | None
    explanation: dict[str, Any]
    seed: list[int]
    kept_in_training: float | None = of_some()
    flops_before: float | None = of_some()
    flops_after: float | None = of_some()
    seconds: float | None = of_some(compare=False)


@dataclass(frozen=True, kw_only=True)
class Proposal(Event):
    """What a growth rule would do now: the answer to a ``preview`` command.

    Attributes:
        epoch: Epochs done.
        token: The command's token.
        method: Kind of the growth rule.
        layer: Hidden layer that would receive the unit, from 0.
        refused: Why there is nothing to propose, in a sentence; the rest is then empty.
        gain: Fall of the training loss, in nats, that it promises; ``None`` when not of that sort.
        explanation: What the rule looked at.
        box: (4,) float64 square of the plane that the arrays below speak of, (xmin, xmax, ymin, ymax); empty for
            other data.
        fold: (S, 2, 2) float32 end points of the pieces of the fold it would lay, data units.
        fold_normal: (S, 2) float32 unit normal of each piece towards the active side.
        gain_map: (rows, columns) float32 gain of the best fold through the centre of each tile of the box, rows from
            ymin up; empty when it was not asked for.
    """

    kind: ClassVar[str] = "proposal"
    epoch: float
    token: str
    method: str
    layer: int
    refused: str
    gain: float | None
    explanation: dict[str, Any]
    box: np.ndarray
    fold: np.ndarray
    fold_normal: np.ndarray
    gain_map: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Undone(Event):
    """A growth was taken back.

    Attributes:
        epoch: Epochs done.
        birth_step: Step of the growth.
        birth_seq: Its place among the events of that step.
        unit: Lasting id of its first unit, which is not used again; -1 if it added none.
        left: Number of growths that can still be taken back.
    """

    kind: ClassVar[str] = "undone"
    epoch: float
    birth_step: int
    birth_seq: int
    unit: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Restored(Event):
    """Early stopping brought back the net and the optimiser's memory of the best moment, with which the run ends.

    Growths after that moment are told as taken back right behind this.

    Attributes:
        epoch: Epochs done.
        best_step: Step of the best moment.
        best_epoch: Epochs done at the best moment.
        on: The measure that was watched.
        value: What it was at the best moment.
    """

    kind: ClassVar[str] = "restored"
    epoch: float
    best_step: int
    best_epoch: float
    on: str
    value: float


@dataclass(frozen=True, kw_only=True)
class NetMade(Event):
    """What the run has found its net to be, told once at its beginning where the spec does not say it.

    Attributes:
        names: Its trained parameters, each under one name.
        shapes: Their shapes.
        parameters: How many numbers these are.
        untrained: What is kept beside them: parameters that are frozen, then buffers.
        multiplications: Multiplications of one sample's way forward; ``None`` where not all of them could be counted.
    """

    kind: ClassVar[str] = "net"
    names: list[str]
    shapes: list[list[int]]
    parameters: int
    untrained: list[str]
    multiplications: int | None


@dataclass(frozen=True, kw_only=True)
class Unmeasured(Event):
    """A probe cannot measure this run; told once for each probe, and the run goes on.

    Attributes:
        probe: Kind of the probe.
        why: What keeps it from measuring, with the way out.
    """

    kind: ClassVar[str] = "unmeasured"
    probe: str
    why: str


@dataclass(frozen=True, kw_only=True)
class HillPut(Event):
    """A hill was put where the net stood.

    Attributes:
        epoch: Epochs done.
        number: Which hill of the run it is, from 0.
        standing: Hills that stand now.
        sigma: Its width, parameter units.
        reference: Way that the net had come in the last epochs, parameter units; ``None`` where the width is absolute.
        strength: Its height, in the unit of the loss.
        kernel: Its shape, see the term ``hills``.
        scope: The parameters in which distance is measured.
        by: ``command``, ``epoch`` or ``plateau``.
        top: The net's float32 parameter arrays, as ``Weights.flat`` has them.
    """

    kind: ClassVar[str] = "hill_put"
    epoch: float
    number: int
    standing: int
    sigma: float
    reference: float | None
    strength: float
    kernel: str
    scope: str
    by: str
    top: tuple[np.ndarray, ...]


@dataclass(frozen=True, kw_only=True)
class CommandTaken(Event):
    """A command took effect.

    Attributes:
        command: The command as JSON.
        refused: Why it had no effect, or empty.
    """

    kind: ClassVar[str] = "command"
    command: dict[str, Any]
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class Status(Event):
    """The run's state changed by itself.

    Attributes:
        state: ``running``, ``paused``, ``done``, ``stopped`` or ``failed``.
        reason: Why, as one word: ``epochs``, ``train_loss``, ``train_accuracy``, ``early_stop``, ``plateau``,
            ``accuracy``, ``command``, ``blew_up``, ``out_of_memory`` or empty.
        message: The same for people, with what to try.
    """

    kind: ClassVar[str] = "status"
    state: str
    reason: str = ""
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)


MEASUREMENTS = (
    Curvature,
    SliceMeasured,
    Traces,
    Density,
    Noise,
    SharpnessMeasured,
    Directions,
    HillsMeasured,
    Memorisation,
    LayerGradients,
    Tunnel,
    Saddle,
    PlaneTopology,
    Nudged,
    Oscillation,
    HillSlice,
    CriticalCounted,
    IterativeMeasured,
    NoveltyMeasured,
    Scalars,
)

FRAME_KINDS = frozenset({Frame.kind, Predictions.kind})
"""Kinds of events beside which the net can be kept."""
KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        Metrics,
        Validation,
        Frame,
        Predictions,
        *MEASUREMENTS,
        Grown,
        Proposal,
        Undone,
        Restored,
        NetMade,
        Unmeasured,
        HillPut,
        CommandTaken,
        Status,
    )
}
