"""Trend of nudged SGD on digits: what a smaller factor along the sharpest directions does to speed and sharpness."""

import numpy as np
import pytest

from foldscape.events import Curvature, Metrics, Traces
from foldscape.spec import RunSpec
from foldscape.training import run

SEEDS = (0, 1)


def trained(gamma, seed):
    """Give the loss after 5 epochs, and the largest eigenvalue and the norm of the Hessian after 40."""
    spec = RunSpec.model_validate(
        {
            "data": {"kind": "digits"}, "net": {"hidden": [64]}, "batch": 32, "seed": seed, "stop": {"epochs": 40},
            "optimizer": {"kind": "nudged", "lr": 0.1, "gamma": gamma, "k": 5, "points": 500},
            "probes": [{"kind": "curvature", "every": 40, "granularities": []}, {"kind": "traces", "every": 40}],
        }
    )  # fmt: skip
    told = list(run(spec))
    losses = [event.values[1] for event in told if isinstance(event, Metrics)]
    last = {kind: [event for event in told if isinstance(event, kind)][-1] for kind in (Curvature, Traces)}
    return losses[5], last[Curvature].lambda_max, last[Traces].frobenius


@pytest.mark.slow
def test_T_B3_5_slower_along_the_sharpest_directions_is_faster_at_first_and_sharper_in_the_end():
    """Over gamma 0.1, 1, 5: sharpness and norm of the Hessian fall, the loss after 5 epochs rises."""
    found = {gamma: np.array([trained(gamma, seed) for seed in SEEDS]) for gamma in (0.1, 1, 5)}
    loss, sharpness, norm = np.array([each.mean(axis=0) for each in found.values()]).T
    assert (np.diff(sharpness) < 0).all(), sharpness
    assert (np.diff(norm) < 0).all(), norm
    assert (np.diff(loss) > 0).all(), loss
