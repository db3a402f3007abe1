"""The Matthews correlation against scikit-learn (T-A6-2)."""

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from foldscape.net.matthews import matthews


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("seed", range(10))
def test_it_is_that_of_scikit_learn(classes, seed):
    rng = np.random.default_rng(seed)
    truth, answer = rng.integers(classes, size=(2, 200))
    answer = np.where(rng.random(200) < 0.5, truth, answer)
    assert abs(matthews(truth, answer, classes) - matthews_corrcoef(truth, answer)) <= 1e-12


def test_one_answer_throughout_gives_nothing():
    assert matthews(np.array([0, 1, 1, 1]), np.ones(4, int), 2) == 0.0
