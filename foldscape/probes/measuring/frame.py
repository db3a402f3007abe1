"""Frames: the weights of a moment with their exact geometry, or predictions where there is no plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.events import Frame, Predictions
from foldscape.probes.measuring.traced import outputs_over, traced_boundary
from foldscape.subject import Subject

if TYPE_CHECKING:
    from foldscape.geometry.box import Box
    from foldscape.net.mlp import Weights

MOST_MISSED = 24


def frame(subject: Subject, reach: float = 0.0) -> Frame:
    """Give the net of this moment with fold lines, boundary and fold points, exact in float64.

    Args:
        subject: The run.
        reach: How far outside the box the boundary is told too, where it is exact.

    Returns:
        The frame.
    """
    net = subject.net.folded()
    why_no_folds = net.why_no_folds
    nothing = np.zeros((0, 2, 2), np.float32)
    parts: dict[str, Any] = {
        "folds": nothing,
        "fold_unit": np.zeros((0, 2), np.int32),
        "fold_normal": np.zeros((0, 2), np.float32),
        "boundary": nothing,
        "fold_points": np.zeros((0, 2), np.float32),
        "fold_point_unit": np.zeros((0, 2), np.int32),
    }
    regions = -1
    if why_no_folds:
        parts["boundary"] = traced_boundary(net, subject.box)
    else:
        pieces = net.pieces(subject.box)
        regions = len(pieces.cells)
        parts = {
            "folds": pieces.folds.points.astype(np.float32),
            "fold_unit": np.stack([pieces.folds.layer, pieces.folds.unit], axis=1).astype(np.int32),
            "fold_normal": pieces.folds.active_side.astype(np.float32),
            "boundary": pieces.boundary.points.astype(np.float32),
            "fold_points": pieces.fold_points.xy.astype(np.float32),
            "fold_point_unit": np.stack([pieces.fold_points.layer, pieces.fold_points.unit], axis=1).astype(np.int32),
        }
    return Frame(
        **subject.stamp(),
        epoch=subject.epoch,
        why_no_folds=f"{why_no_folds}; the boundary shown is traced on a grid." if why_no_folds else "",
        regions=regions,
        weights=net.weights,
        biases=net.biases,
        units=tuple(subject.units),
        active_share=subject.active_share(),
        **subject.net.connections(),
        **parts,
        beyond=_beyond(net, subject.box, reach) if reach and not why_no_folds else None,
        outputs=None if net.weights else outputs_over(net, subject.box),
    )


def _beyond(net: Weights, box: Box, reach: float) -> np.ndarray:
    """Give the boundary's pieces outside a box, up to a distance, (B, 2, 2) float32."""
    from foldscape.geometry.around import outside  # with the compiled geometry, which is not always needed

    xmin, xmax, ymin, ymax = box
    wider = net.pieces((xmin - reach, xmax + reach, ymin - reach, ymax + reach))
    return outside(wider.boundary.points, box).astype(np.float32)


def predictions(subject: Subject) -> Predictions:
    """Count right and wrong by class, and who has been missed most often over the measurements so far."""
    held_out = len(subject.split.test_x) > 0
    x, y = (subject.split.test_x, subject.split.test_y) if held_out else (subject.split.train_x, subject.split.train_y)
    answer = subject.net.logits(x).argmax(axis=1)
    confusion = np.zeros((subject.split.classes, subject.split.classes), np.int32)
    np.add.at(confusion, (y, answer), 1)
    missed = subject.notes.get("missed", np.zeros(len(y), np.int32)) + (answer != y)
    measurements = subject.notes.get("measurements", np.zeros(1, np.int32)) + 1
    subject.notes.update(missed=missed.astype(np.int32), measurements=measurements)
    worst = np.argsort(-missed, kind="stable")[:MOST_MISSED]
    worst = worst[missed[worst] > 0].astype(np.int32)
    return Predictions(
        **subject.stamp(),
        epoch=subject.epoch,
        split="test" if held_out else "train",
        measurements=int(measurements[0]),
        confusion=confusion,
        missed=worst,
        missed_count=missed[worst].astype(np.int32),
        missed_as=answer[worst].astype(np.int32),
        units=tuple(subject.units),
        active_share=subject.active_share(),
        **subject.net.connections(),
    )
