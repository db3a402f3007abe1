"""Loss and curvature of nets that a torch module computes."""

from __future__ import annotations

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
    """Measure the net on some points, (numbers, N); see ``foldscape.net.passes.scores``."""
    with net.running():
        return _scores(net, columns, y, loss_of(loss))


def _scores(net: ModularNet, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    import torch

    module = net.placed()
    parameters = [part for part in module.parameters() if part.requires_grad]
    gradient = [torch.zeros_like(part) for part in parameters]
    total, right, start = 0.0, 0, 0
    for x in samples_in_parts(net, columns.T):
        labels = y[start : start + len(x)]
        start += len(x)
        logits = module(x)
        mean = loss.mean_of(logits, torch.from_numpy(labels).to(x.device))
        share = len(labels) / len(y)
        torch._foreach_add_(gradient, dense_gradients(mean, parameters), alpha=share)
        answers = logits.detach().cpu().numpy()
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is told by its loss
            total += share * float(loss.values(np.asarray(answers, np.float64), labels).mean())
        right += int((answers.argmax(axis=1) == labels).sum())
    flat = np.concatenate([part.cpu().numpy().ravel() for part in gradient])
    return Scores(total, right / len(y), flat)
