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
    epochs, parameters = np.array([0, 1, 1, 2, 4]), [10, 10, 14, 14, 14]
    done = compute.operations_along(48 * epochs, compute.per_sample(parameters))
    assert done.tolist() == [0, 48 * 60, 48 * 60, 48 * (60 + 84), 48 * (60 + 3 * 84)]


def test_a_moment_that_tells_no_net_changes_nothing():
    told = compute.operations_along([0, 50, 100, 200], [60, 60, 120, 120])
    silent = compute.operations_along([0, 20, 50, 70, 100, 150, 200], [60, np.nan, 60, np.nan, 120, np.nan, 120])
    assert silent[[0, 2, 4, 6]].tolist() == pytest.approx(told.tolist())
    assert np.isnan(compute.operations_along([0, 50], [np.nan, np.nan])).all()
    assert compute.operations_along([], []).shape == (0,)
