"""Operations counted: of a net, and along a run whose net grows."""

import numpy as np
import pytest

from foldscape.net import compute
from foldscape.net.spec import NetSpec


@pytest.mark.parametrize("wiring", ["layers", "dag"])
def test_a_net_says_its_own_compute(wiring):
    net = NetSpec(hidden=(3,), wiring=wiring).first(2, 2, np.random.default_rng(0))
    assert net.flops_per_sample == 6 * net.parameters


def test_between_two_moments_the_net_was_that_of_the_first():
    updates, parameters = [0, 6, 6, 12, 24], [10, 10, 14, 14, 14]
    done = compute.along(updates, compute.per_sample(parameters), points=48, steps_per_epoch=6)
    assert done.tolist() == [0, 48 * 60, 48 * 60, 48 * (60 + 84), 48 * (60 + 3 * 84)]


def test_a_moment_that_tells_no_net_changes_nothing():
    told = compute.along([0, 5, 10, 20], [60, 60, 120, 120], points=30, steps_per_epoch=3)
    silent = compute.along([0, 2, 5, 7, 10, 15, 20], [60, np.nan, 60, np.nan, 120, np.nan, 120], 30, 3)
    assert silent[[0, 2, 4, 6]].tolist() == pytest.approx(told.tolist())
    assert np.isnan(compute.along([0, 5], [np.nan, np.nan], 30, 3)).all()
    assert compute.along([], [], 30, 3).shape == (0,)
