"""The data sets: seeded, split, and of the shape they say."""

import numpy as np
import pytest

import foldscape.spec  # noqa: F401 - fills the registry
from foldscape.data.base import DataSet, SharedOut
from foldscape.data.digits import Digits
from foldscape.data.plane import Moons, Rings, Sine, Xor
from foldscape.registry import kinds

SETS = kinds("foldscape.data", DataSet)


@pytest.mark.parametrize("kind", SETS)
def test_the_same_seed_gives_the_same_bits(kind, load):
    one, same = load(SETS[kind](), 3), load(SETS[kind](), 3)
    for field in ("train_x", "train_y", "test_x", "test_y"):
        assert np.array_equal(getattr(one, field), getattr(same, field))


@pytest.mark.parametrize("kind", SETS)
def test_a_split_has_the_size_and_types_it_says(kind, load):
    one = SETS[kind]()
    split = load(one, 1)
    assert split.train_x.dtype == np.float32
    assert split.train_y.dtype == np.int64
    assert split.features == one.features
    assert len(split.train_x) + len(split.test_x) == one.size
    assert len(split.train_x) == one.train_size
    if isinstance(one, SharedOut):
        assert len(split.test_x) == round(one.test_share * one.size)
    assert set(np.unique(split.train_y)) == set(range(split.classes))


@pytest.mark.parametrize("kind", [kind for kind, cls in SETS.items() if cls().features == 2])
def test_other_seeds_draw_other_points(kind):
    assert not np.array_equal(SETS[kind]().load(1).train_x, SETS[kind]().load(2).train_x)


def test_labels_follow_the_true_boundary_without_noise():
    x, y = _all(Sine(noise=0, n=2000))
    assert np.array_equal(y, x[:, 1] > np.sin(x[:, 0]))
    x, y = _all(Xor(noise=0, n=2000))
    assert np.array_equal(y, x[:, 0] * x[:, 1] < 0)
    x, y = _all(Rings(noise=0, n=2000))
    assert np.array_equal(y, np.hypot(*x.T) > 1.5)


def test_digits_are_the_stratified_split_that_every_run_shares():
    one, other = Digits().load(1), Digits().load(2)
    assert (len(one.train_x), len(one.test_x)) == (1437, 360)
    assert np.array_equal(one.train_x, other.train_x)
    assert (one.train_x.min(), one.train_x.max()) == (0, 1)
    assert one.image_shape == (8, 8)


def _all(dataset):
    split = dataset.load(0)
    return np.concatenate([split.train_x, split.test_x]).astype(np.float64), np.concatenate(
        [split.train_y, split.test_y]
    )


def test_equal_identities_mean_equal_points():
    one, same = Rings(n=40), Rings.model_validate_json(Rings(n=40).model_dump_json())
    assert one.identity == same.identity
    for name in ("train_x", "train_y", "test_x", "test_y"):
        assert np.array_equal(getattr(one.load(4), name), getattr(same.load(4), name))
    others = (Rings(n=41), Rings(n=40, noise=0.2), Rings(n=40, test_share=0.5), Moons(n=40))
    assert len({each.identity for each in (one, *others)}) == 5
    assert Rings().identity == "d2318524dd4b"  # exported comparisons hold it
