"""Who is learnt first over many runs: the counts of single runs added, and the binomial curve beside them."""

import numpy as np
import pytest

import foldscape
from foldscape.training import Loop
from foldscape.training.learnt_first import LearntFirst, learnt_first

BASE = {"data": {"kind": "digits"}, "net": {"hidden": [12]}, "batch": 50, "stop": {"epochs": 2}, "probes": []}


def test_counts_are_those_of_the_runs_one_by_one():
    """On digits, whose points do not follow the seed, the runs are those that anybody starts."""
    counts = 0
    for seed in (3, 4):
        loop = Loop(foldscape.RunSpec.model_validate(BASE | {"seed": seed}))
        list(loop.events())
        split = loop.subject.split
        counts = counts + (loop.subject.net.logits(split.train_x).argmax(axis=1) == split.train_y)
    found = learnt_first(foldscape.RunSpec.model_validate(BASE | {"seed": 3}), runs=2, epochs=2)
    assert found.counts.tolist() == counts.tolist()


def test_points_without_anything_to_tell_them_apart_are_binomial():
    counts = np.random.default_rng(0).binomial(30, 0.3, 5000)
    found = LearntFirst(30, 1, counts, np.zeros(5000, bool))
    assert found.excess == pytest.approx(1, abs=0.1)
    assert np.abs(np.sort(found.shares) - found.binomial()).max() <= 0.1
    assert np.abs(np.sort(found.shares) - found.binomial()).mean() < 0.01


def test_some_real_points_are_easier_than_others():
    found = learnt_first(foldscape.RunSpec.model_validate(BASE | {"corrupt": {"labels": 0.3}}), runs=5, epochs=2)
    assert found.excess > 2
    assert found.shares[~found.corrupted].mean() > found.shares[found.corrupted].mean() + 0.2
