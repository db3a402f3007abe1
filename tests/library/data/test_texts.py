"""Sentences and the frozen encoders that turn them into inputs (docs/paper.md)."""

import numpy as np
import pytest

from foldscape.data import texts as texts_module
from foldscape.data.ag_news import AgNews
from foldscape.data.cola import Cola
from foldscape.data.encoders.hashed import HashedWords
from foldscape.data.encoders.learnt import CharacterCnn, MeanEmbedding
from foldscape.data.encoders.transformer import Transformer
from foldscape.data.lite import AgNewsLite, ColaLite
from foldscape.data.mnist import Mnist
from foldscape.errors import NotOnDisk

FEW = ("the cat sleeps", "a dog runs", "the cat the sees", "a dog dog") * 20
LABELS = np.array([1, 1, 0, 0] * 20)
ENCODERS = [HashedWords(dims=32), MeanEmbedding(dims=8, epochs=2), CharacterCnn(dims=8, epochs=1, length=32)]


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda one: one.kind)
def test_an_encoder_gives_the_same_bits_and_the_shape_it_says(encoder):
    train, test = encoder.encode(FEW, LABELS, FEW[:3])
    again, _ = encoder.encode(FEW, LABELS, FEW[:3])
    assert train.shape == (len(FEW), encoder.dims)
    assert train.dtype == np.float32
    assert np.array_equal(train, again)
    assert np.array_equal(train[:3], test)


def test_hashed_sentences_have_length_one():
    train, _ = HashedWords(dims=64).encode(FEW, LABELS, FEW)
    assert np.allclose(np.linalg.norm(train, axis=1), 1)


def test_features_are_made_once_and_never_change(load, monkeypatch):
    """T-A6-1: what a net is trained on is the encoder's frozen answer, kept on disk."""
    one = ColaLite(encoder=HashedWords(dims=48))
    first = load(one).train_x.tobytes()
    texts_module._encoded.cache_clear()
    monkeypatch.setattr(HashedWords, "encode", lambda *_: pytest.fail("encoded twice"))
    assert load(one).train_x.tobytes() == first


def test_a_learnt_encoder_is_frozen():
    """T-A6-1: no parameter of it asks for a gradient once it is trained."""
    import torch

    encoder = MeanEmbedding(dims=4, epochs=1)
    ids = torch.from_numpy(encoder.ids(FEW, encoder.vocabulary(FEW)))
    module = encoder._trained(ids, torch.from_numpy(LABELS), 20)
    assert not any(part.requires_grad for part in module.parameters())


def test_a_transformer_that_is_not_here_says_what_to_do():
    with pytest.raises(NotOnDisk, match=r"hash, embbag or charcnn"):
        Transformer(name="no-such-model").encode(FEW, LABELS, FEW)


def test_made_topics_are_about_as_hard_as_said(load):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    made = AgNewsLite().texts()
    words = CountVectorizer(token_pattern=r"\S+")
    learnt = LogisticRegression().fit(words.fit_transform(made.train), made.train_y)
    assert 0.85 <= learnt.score(words.transform(made.test), made.test_y) <= 0.95


def test_seven_of_ten_made_sentences_are_acceptable():
    made = ColaLite().texts()
    assert abs(made.train_y.mean() - 0.7) < 0.02
    fine = {text for text, label in zip(made.train, made.train_y, strict=True) if label}
    assert not fine & {text for text, label in zip(made.train, made.train_y, strict=True) if not label}


def test_cola_has_the_published_rows(load):
    split = load(Cola(encoder=HashedWords(dims=16)))
    assert (len(split.train_y), len(split.test_y)) == (8551, 1043)
    assert (split.train_y.sum(), split.test_y.sum()) == (6023, 365 + 354)


def test_the_part_of_ag_news_is_balanced_and_its_test_set_whole(load):
    split = load(AgNews(part="subset", encoder=HashedWords(dims=16)))
    assert np.bincount(split.train_y).tolist() == [1259, 1257, 1280, 1203]
    assert np.bincount(split.test_y).tolist() == [1900] * 4


def test_mnist_has_the_published_numbers(load):
    split = load(Mnist())
    assert (len(split.train_y), len(split.test_y)) == (60_000, 10_000)
    assert split.train_y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert abs(split.train_x.mean() - 0.1307) < 1e-4
    part = load(Mnist(train=1000))
    assert len(part.train_y) == 1000


def test_threads_that_want_the_same_features_encode_them_once(load, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    said = []
    encode = HashedWords.encode
    monkeypatch.setattr(HashedWords, "encode", lambda *given: said.append(1) or encode(*given))
    one = ColaLite(encoder=HashedWords(dims=40))
    texts_module._encoded.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        splits = list(pool.map(load, [one] * 4))
    assert len(said) == 1
    assert len({split.train_x.tobytes() for split in splits}) == 1
