"""The nearest training points are those of brute force, however they are found."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from foldscape.errors import InvalidInput
from foldscape.neighbours import distances
from foldscape.novelty import nearest


def brute(train, test, distance):
    train, test = np.asarray(train, np.float64), np.asarray(test, np.float64)
    if distance == "euclidean":
        table = np.sqrt(np.square(test[:, None] - train[None]).sum(axis=2))
    else:
        lengths = np.linalg.norm(test, axis=1)[:, None] * np.linalg.norm(train, axis=1)
        table = 1 - np.divide(test @ train.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return table.argmin(axis=1), table.min(axis=1)


def points(n, d=20, seed=0, shift=0.0):
    return (np.random.default_rng(seed).normal(size=(n, d)) + shift).astype(np.float32)


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("shift", [0, 1000])
def test_in_chunks_it_is_brute_force(monkeypatch, rows, shift):
    """T-B6-3, with points far from zero too, where products in single precision tell nothing apart."""
    train, test = points(200, shift=shift), points(50, seed=1, shift=shift)
    monkeypatch.setattr(distances, "TABLE", 200 * rows)
    found = nearest(train, test)
    index, distance = brute(train, test, "euclidean")
    np.testing.assert_array_equal(found.index, index)
    np.testing.assert_allclose(found.distance, distance, rtol=1e-14)


@pytest.mark.parametrize("rows", [3, 1000])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_cosines_are_those_of_brute_force(monkeypatch, rows, form):
    """T-B6-3."""
    train, test = np.maximum(points(150), 0), np.maximum(points(40, seed=2), 0)
    monkeypatch.setattr(distances, "TABLE", 150 * rows)
    found = nearest(form(train), form(test), "cosine")
    index, distance = brute(train, test, "cosine")
    np.testing.assert_array_equal(found.index, index)
    np.testing.assert_allclose(found.distance, distance, atol=1e-13)


@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
def test_a_copy_of_a_training_point_has_novelty_zero(distance):
    """T-B6-1."""
    train = points(300, d=50, shift=10)
    found = nearest(train, train[[5, 250]], distance)
    assert found.index.tolist() == [5, 250]
    assert found.distance.tolist() == [0, 0]


def test_a_copied_sentence_has_novelty_zero():
    """T-B6-1, for the words of sentences."""
    train = [f"the {noun} often {verb} a {noun}" for noun in ("cat", "dog", "king") for verb in ("sees", "hears")]
    words = TfidfVectorizer()
    found = nearest(words.fit_transform(train), words.transform(train[::-1]), "cosine")
    assert found.index.tolist() == list(range(6))[::-1]
    assert found.distance.tolist() == [0] * 6


def test_of_equally_near_points_it_is_the_first():
    train = np.array([[1.0, 0], [0, 1], [-1, 0], [0, 1]])
    assert nearest(train, np.zeros((1, 2))).index.tolist() == [0]
    assert nearest(train, np.array([[0, 2.0]])).index.tolist() == [1]


def test_zero_is_one_away_from_everything_but_zero_by_cosine():
    train = np.array([[1.0, 1], [0, 0], [2, 0]])
    found = nearest(train, np.array([[0.0, 0], [1, 0], [0, 1]]), "cosine")
    assert found.index.tolist() == [1, 2, 0]
    np.testing.assert_allclose(found.distance, [0, 0, 1 - np.sqrt(0.5)], atol=1e-15)
    alone = nearest(train[[0, 2]], np.zeros((1, 2)), "cosine")
    assert alone.distance.tolist() == [1]


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (np.zeros((0, 3)), np.zeros((2, 3)), "no training point"),
        (np.zeros((2, 3)), np.zeros((2, 4)), "3 numbers .* of 4"),
        (np.full((2, 3), np.nan), np.zeros((2, 3)), "training point is not finite"),
        (np.zeros((2, 3)), np.full((2, 3), np.inf), "test point is not finite"),
    ],
)
def test_what_cannot_be_searched_is_refused(train, test, said):
    with pytest.raises(InvalidInput, match=said):
        nearest(train, test)
