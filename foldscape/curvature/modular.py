"""Loss and curvature of nets that a torch module computes."""

from __future__ import annotations

from functools import partial, reduce

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.curvature.module import ModuleObjective
from foldscape.curvature.objective import Objective
from foldscape.losses import Loss, loss_of
from foldscape.net.blocks.modules.passing import dense_gradients, samples_in_parts
from foldscape.net.modular import ModularNet
from foldscape.net.passes import Scores


def objective_of_module(net: ModularNet, x: np.ndarray, y: np.ndarray, loss: str | Loss = "cross_entropy") -> Objective:
    """Give the mean loss on some points as a function of the parameters, in the net's precision and at rest."""
    from foldscape.net.blocks.modules.whole import PlanModule

    module = net.placed()
    points = np.ascontiguousarray(x, net.arrays[0].dtype)
    return ModuleObjective(module, points, y, loss, known=isinstance(module, PlanModule))


def scores_of(net: ModularNet, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    """Measure the net on some points, (numbers, N); see ``foldscape.net.passes.scores``.

    Loss, right answers and gradient come from one pass over each part of the points.

    Returns:
        Mean loss, share of right answers, gradient.
    """
    with net.running():
        return _scores(net, columns, y, loss_of(loss))


def _scores(net: ModularNet, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    import torch

    from foldscape.curvature.lanes_of_torch import added_up

    module = net.placed()
    parameters = [part for part in module.parameters() if part.requires_grad]

    def score(start: int, x: torch.Tensor) -> torch.Tensor:
        labels = y[start : start + len(x)]
        logits, share = module(x), len(labels) / len(y)
        slopes = dense_gradients(loss.mean_of(logits, torch.from_numpy(labels).to(x.device)), parameters)
        answers = np.asarray(logits.detach().cpu().numpy(), np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is told by its loss
            mean = float(loss.values(answers, labels).mean())
        told = [share * mean, float((answers.argmax(axis=1) == labels).sum())]
        return torch.cat([x.new_tensor(told, dtype=torch.float64), *(share * one.double().ravel() for one in slopes)])

    parts, start, works = list(samples_in_parts(net, columns.T)), 0, []
    for x in parts:
        works.append(partial(score, start, x))
        start += len(x)
    shared = getattr(module, "is_shared", False)
    found = (added_up(works) if shared else reduce(torch.add, (work() for work in works))).cpu().numpy()
    return Scores(float(found[0]), float(found[1]) / len(y), found[2:].astype(net.arrays[0].dtype))
