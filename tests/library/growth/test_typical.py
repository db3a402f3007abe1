"""The typical mistake (docs/growth.md)."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from foldscape.data.digits import Digits
from foldscape.growth.folds.kernels_clusters import lloyd, seeds
from foldscape.growth.folds.typical import typical_instance
from tests.library.growth.folded import every_case, trained


def planted(seed):
    """400 points of a square, 30 confident mistakes within 0.4 of one place, and a few weak ones anywhere."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-3, 3, (400, 2)), rng.integers(0, 2, 400)
    place = rng.uniform(-2, 2, 2)
    x[:30] = place + rng.uniform(-0.28, 0.28, (30, 2))
    margin = np.full(400, 2.0)
    margin[:30] = -2.0
    margin[30:36] = -0.1
    logits = np.zeros((400, 2))
    logits[np.arange(400), y] = margin
    return x, y, logits, place


@pytest.mark.parametrize("clusters_of", ["all", "wrong"])
@every_case
def test_T_E2_1_the_instance_is_mis_predicted(case, clusters_of):
    net, scene = trained(*case)
    logits = net.logits(scene.x)
    for seed in range(20):
        found = typical_instance(scene.x, scene.y, logits, np.random.default_rng(seed), clusters_of=clusters_of)
        assert logits[found.index].argmax() != scene.y[found.index]
        assert found.index in found.cluster
        assert found.size == len(set(found.cluster.tolist()))


def test_T_E2_2_a_planted_cluster_of_mistakes_is_found():
    found = 0
    for seed in range(100):
        x, y, logits, place = planted(seed)
        instance = typical_instance(x, y, logits, np.random.default_rng(seed))
        found += np.linalg.norm(x[instance.index] - place) <= 0.4
    assert found >= 95


def test_T_E2_3_equal_weights_are_ordinary_k_means():
    rng = np.random.default_rng(3)
    points = np.concatenate([rng.normal(size=(60, 2)) + place for place in ((0, 0), (4, 1), (1, 5))])
    first = seeds(points, np.full(180, 0.7), rng.random(3))
    labels, centres = lloyd(points, np.full(180, 0.7), first, 50, 1e-6)
    theirs = KMeans(3, init=first, n_init=1, max_iter=50, tol=1e-12).fit(points)
    assert np.array_equal(labels, theirs.labels_)
    np.testing.assert_allclose(centres, theirs.cluster_centers_, atol=1e-12)


def test_k_means_seeds_are_drawn_by_weight_times_squared_distance():
    points, weights = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 2.0, 0.5])
    drawn = np.array([seeds(points, weights, draw)[:, 0] for draw in np.random.default_rng(0).random((20_000, 2))])
    first = [(drawn[:, 0] == place).mean() for place in (0, 1, 3)]
    np.testing.assert_allclose(first, weights / weights.sum(), atol=0.012)
    after_one = drawn[drawn[:, 0] == 1, 1]
    assert (after_one == 3).mean() == pytest.approx(0.5 * 4 / (0.5 * 4 + 1 * 1), abs=0.015)


def test_seeds_end_where_no_other_point_is_left():
    assert len(seeds(np.zeros((5, 2)), np.ones(5), np.array([0.1, 0.5, 0.9]))) == 1


def test_T_E2_4_the_same_generator_gives_the_same_instance():
    x, y, logits, _ = planted(0)
    one, two = (typical_instance(x, y, logits, np.random.default_rng(8)) for _ in range(2))
    assert one.index == two.index
    assert np.array_equal(one.cluster, two.cluster)
    assert np.array_equal(one.centroid, two.centroid)


def test_T_E2_5_nothing_wrong_gives_none():
    y = np.arange(30) % 3
    assert typical_instance(np.zeros((30, 2)), y, 1e4 * np.eye(3)[y], np.random.default_rng(0)) is None


def test_the_cluster_is_the_worst_that_holds_a_mistake_and_its_centroid_is_weighted():
    x, y, logits, _ = planted(4)
    found = typical_instance(x, y, logits, np.random.default_rng(0))
    losses = np.log1p(np.exp(logits[np.arange(400), 1 - y] - logits[np.arange(400), y]))
    assert found.loss == pytest.approx(losses[found.cluster].mean())
    weight = losses[found.cluster] / losses[found.cluster].sum()
    np.testing.assert_allclose(found.centroid, weight @ x[found.cluster])
    mistaken = [i for i in found.cluster if logits[i].argmax() != y[i]]
    distance = np.linalg.norm(x[mistaken] - found.centroid, axis=1)
    assert found.index == mistaken[distance.argmin()]


def test_a_rare_mistake_among_many_examples_is_not_missed():
    x, y = np.random.default_rng(0).normal(size=(5000, 2)), np.zeros(5000, np.int64)
    logits = np.tile([1.0, 0.0], (5000, 1))
    logits[1234] = [0.0, 1.0]
    assert typical_instance(x, y, logits, np.random.default_rng(1)).index == 1234


def test_the_nearest_example_need_not_be_wrong_without_restriction():
    x = np.array([[0.0, 0.0], [0.2, 0.0], [-0.2, 0.0]])
    logits = np.array([[1.0, 0.9], [0.9, 1.0], [1.0, 0.9]])
    y = np.zeros(3, np.int64)
    pick = {r: typical_instance(x, y, logits, np.random.default_rng(0), k=1, restrict=r).index for r in (True, False)}
    assert pick == {True: 1, False: 0}


def test_pictures_are_clustered_in_their_leading_components():
    split = Digits().load(0)
    logits = np.random.default_rng(0).normal(size=(len(split.train_x), 10))
    found = typical_instance(split.train_x, split.train_y, logits, np.random.default_rng(0))
    assert logits[found.index].argmax() != split.train_y[found.index]
    assert found.centroid.shape == (64,)
