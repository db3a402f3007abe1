"""Loss and curvature of nets that read characters, by the way of any torch module."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.curvature.module import ModuleObjective
from foldscape.curvature.objective import Objective
from foldscape.engine.char_cnn.module import CharCnnModule, ids_of
from foldscape.losses import Loss, loss_of
from foldscape.net.char_cnn import CharCnn
from foldscape.net.passes import Scores

AT_ONCE = 1024
"""Sentences differentiated at once: those that curvature is measured on are two parts, which keep their graph."""


def objective_of_characters(
    net: CharCnn, x: np.ndarray, y: np.ndarray, loss: str | Loss = "cross_entropy"
) -> Objective:
    """Give the mean loss on some sentences as a function of the parameters, in the net's precision."""
    return ModuleObjective(CharCnnModule(net), ids_of(x), y, loss, chunk=AT_ONCE)


def scores_of(net: CharCnn, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    """Measure the net on some sentences (length, N); see ``foldscape.net.passes.scores``."""
    x = columns.T
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is told by its loss
        logits = net.logits(x)
        mean = float(loss_of(loss).values(np.asarray(logits, np.float64), y).mean())
    gradient = objective_of_characters(net, x, y, loss).gradient()
    return Scores(mean, float((logits.argmax(axis=1) == y).mean()), gradient)
