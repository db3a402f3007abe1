"""Corrupted training points: the right share, the right moments, the truth beside, and nothing else touched."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape.data.corruption import Corruption, corrupted, places, random_inputs, random_labels
from foldscape.errors import FieldRefused

KINDS = ["rings", "gaussian_blobs", "digits", "ag_news_lite", "cola_lite"]


def spec(kind="digits", seed=7, share=0, **corrupt):
    plain = {"data": {"kind": kind}, "seed": seed, "validation_share": share, "corrupt": corrupt}
    return foldscape.RunSpec.model_validate(plain)


def test_random_labels_of_what_is_no_class_are_refused_beside_their_field():
    split = replace(spec().load(), train_y=np.linspace(0, 1, 1437))
    with pytest.raises(FieldRefused, match="labels of these data are no classes") as caught:
        corrupted(split, Corruption(labels=0.5), seed=0)
    assert caught.value.field["path"] == "corrupt.labels"


@pytest.mark.parametrize("p", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("classes", [2, 10])
def test_the_wrong_share_of_random_labels_is_p_times_all_classes_but_one(p, classes):
    """T-B4-4: within three standard deviations of p (K - 1) / K; the same seed draws the same labels."""
    points, wrong = 20_000, p * (classes - 1) / classes
    y = np.arange(points) % classes
    drawn = random_labels(y, p, classes, seed=3)
    assert abs((drawn != y).mean() - wrong) <= 3 * np.sqrt(wrong * (1 - wrong) / points)
    assert (drawn == random_labels(y, p, classes, seed=3)).all()
    assert (drawn != random_labels(y, p, classes, seed=4)).any()
    assert abs(np.bincount(drawn[drawn != y]) / (drawn != y).sum() - 1 / classes).max() < 0.02


def test_no_share_touches_nothing():
    """T-B4-4: p = 0 leaves labels and inputs as they are, and the spec as it was written before."""
    split = spec("digits").load()
    assert (random_labels(split.train_y, 0, 10, seed=3) == split.train_y).all()
    assert random_inputs(split.train_x, 0, "covariance", seed=3)[0] is split.train_x
    assert split.corruption is None
    assert "corrupt" not in spec("digits").model_dump(mode="json")
    assert split.digest == spec("digits", labels=0).load().digest


@pytest.mark.parametrize("kind", KINDS)
def test_only_training_points_are_corrupted_and_their_truth_is_kept(kind):
    clean, split = spec(kind, share=0.2).load(), spec(kind, share=0.2, labels=0.5, inputs=0.3).load()
    for name in ("test_x", "test_y", "validation_x", "validation_y"):
        assert (getattr(split, name) == getattr(clean, name)).all()
    assert (split.true_y == clean.train_y).all()
    assert ((split.train_x != clean.train_x).any(axis=1) == split.noise).all()
    assert (split.mislabelled == (split.train_y != clean.train_y)).all()
    assert (split.corrupted == (split.noise | split.mislabelled)).all()
    assert 0 < split.noise.sum() < len(split.train_y)


def test_a_larger_share_corrupts_the_same_points_and_more():
    few, many = spec(labels=0.2, inputs=0.1).load(), spec(labels=0.5, inputs=0.4).load()
    assert (few.noise <= many.noise).all()
    assert (few.mislabelled <= many.mislabelled).all()
    assert (few.train_y[few.mislabelled] == many.train_y[few.mislabelled]).all()
    assert (few.train_x[few.noise] == many.train_x[few.noise]).all()


def test_noise_has_the_moments_that_its_name_says():
    rng = np.random.default_rng(0)
    mixing = np.array([[1.0, 0.0, 0.0], [0.8, 0.5, 0.0], [0.0, 0.0, 0.0]])
    x = (rng.normal(size=(40_000, 3)) @ mixing.T + [1, 2, 3]).astype(np.float32)
    moments = np.cov(x.T, bias=True)
    drawn = {noise: random_inputs(x, 1, noise, seed=1)[0] for noise in ("covariance", "diagonal", "pixels")}
    assert np.allclose(np.cov(drawn["covariance"].T), moments, atol=0.02)  # singular in its third place
    assert np.allclose(np.cov(drawn["diagonal"].T), np.diag(np.diag(moments)), atol=0.02)
    for noise in ("covariance", "diagonal"):
        assert np.allclose(drawn[noise].mean(axis=0), x.mean(axis=0), atol=0.02)
    assert np.allclose(drawn["pixels"].mean(axis=0), x.mean(), atol=0.02)
    assert np.allclose(np.cov(drawn["pixels"].T), x.var() * np.eye(3), atol=0.03)


def test_fewer_points_than_places_span_the_noise():
    """With N points in d > N places the covariance has rank N - 1, and noise stays in the span."""
    x = np.random.default_rng(0).normal(size=(5, 40)).astype(np.float32)
    drawn, _ = random_inputs(x, 1, "covariance", seed=1)
    basis = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:4]
    off = (drawn - x.mean(axis=0)) - (drawn - x.mean(axis=0)) @ basis.T @ basis
    assert abs(off).max() < 1e-5


def test_shuffled_inputs_keep_their_values_each_in_an_order_of_its_own():
    x = np.arange(60, dtype=np.float32).reshape(3, 20)
    drawn, _ = random_inputs(x, 1, "shuffled", seed=1)
    assert (np.sort(drawn, axis=1) == x).all()
    assert ((drawn - x[:, :1])[0] != (drawn - x[:, :1])[1]).any()


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_pixels_change_places_in_every_part_alike_and_no_point_counts_as_corrupted(share):
    clean, split = spec(share=0.2).load(), spec(share=0.2, pixels=share).load()
    order = places(64, share, seed=7)
    assert sorted(order) == list(range(64))
    assert (order != np.arange(64)).sum() <= 64 * share
    for part in ("train_x", "validation_x", "test_x"):
        assert (getattr(split, part) == getattr(clean, part)[:, order]).all()
    assert not split.corrupted.any()


@pytest.mark.parametrize("kind", ["rings", "digits", "cola_lite"])
def test_examples_are_shown_as_the_net_is_given_them_with_the_truth_beside(kind):
    one = spec(kind, share=0.2, labels=0.6, inputs=0.5)
    split, at = one.load(), [0, 5, 2, 9, 11]
    found = one.examples("train", at)
    assert found.labels.tolist() == split.train_y[at].tolist()
    assert found.true_labels.tolist() == split.true_y[at].tolist()
    assert found.noise.tolist() == split.noise[at].tolist()
    if found.inputs is not None:
        assert (found.inputs == split.train_x[at]).all()
    for part in ("validation", "test"):
        assert one.examples(part, at).true_labels is None
    with pytest.raises(foldscape.errors.InvalidInput, match="no point"):
        one.examples("train", [len(split.train_y)])


def test_runs_and_sweeps_learn_the_same_corrupted_points():
    base = {"data": {"kind": "digits"}, "net": {"hidden": [4]}, "stop": {"epochs": 2}, "probes": []}
    base |= {"engine": "compiled", "corrupt": {"labels": 0.4, "inputs": 0.2}}
    swept = foldscape.sweep.run({"base": base, "vary": {"corrupt.labels": [0.4, 0.0]}, "seeds": [7]})
    for row, labels in zip(swept.rows, (0.4, 0.0), strict=True):
        one = foldscape.RunSpec.model_validate(base | {"corrupt": {"labels": labels, "inputs": 0.2}})
        alone = [event.values for event in foldscape.run(one) if event.kind == "metrics"]
        assert row.curve.last("train_loss") == float(alone[-1][1])
        assert row.data == one.load().digest


@pytest.mark.parametrize("field", ["labels", "inputs", "pixels"])
@pytest.mark.parametrize("share", [1.5, -0.1])
def test_a_share_beyond_0_to_1_is_refused_beside_its_field(field, share):
    with pytest.raises(ValidationError) as refused:
        spec(**{field: share})
    assert refused.value.errors()[0]["loc"] == ("corrupt", field)
    assert Corruption(**{field: 1.0})
