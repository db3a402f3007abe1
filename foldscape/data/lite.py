"""Made sentences that stand in for the two sets of texts where nothing can be downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from foldscape.data.texts import Texts, TextSet

TOPICS, TOPIC_WORDS, SHARED_WORDS, TOPIC_SHARE = 4, 200, 300, 0.25
_SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "wa", "xe")

Rng = np.random.Generator


class AgNewsLite(TextSet):
    """5,000 made texts in four topics; a quarter of the words are of the topic, the others are shared by all."""

    kind: Literal["ag_news_lite"] = "ag_news_lite"

    def texts(self) -> Texts:
        """Make the texts."""
        return _topics()

    @property
    def size(self) -> int:
        """Number of texts."""
        return 5000

    @property
    def train_size(self) -> int:
        """Number of training texts."""
        return 4000

    @property
    def classes(self) -> int:
        """Four topics."""
        return TOPICS

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(f"topic {number}" for number in range(1, TOPICS + 1))


class ColaLite(TextSet):
    """7,000 made sentences; three in ten have one fault: words swapped or doubled, a verb missing or not agreeing."""

    kind: Literal["cola_lite"] = "cola_lite"

    def texts(self) -> Texts:
        """Make the sentences."""
        return _sentences()

    @property
    def size(self) -> int:
        """Number of sentences."""
        return 7000

    @property
    def train_size(self) -> int:
        """Number of training sentences."""
        return 6000

    @property
    def classes(self) -> int:
        """Not acceptable, acceptable."""
        return 2

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return "not acceptable", "acceptable"

    @property
    def uneven(self) -> bool:
        """Seven of ten sentences are acceptable."""
        return True


@lru_cache(maxsize=1)
def _topics() -> Texts:
    rng = np.random.default_rng(0xA6)
    made = ["".join(rng.choice(_SYLLABLES, 3)) + str(number) for number in range(TOPICS * TOPIC_WORDS + SHARED_WORDS)]
    shared, own = made[:SHARED_WORDS], np.reshape(made[SHARED_WORDS:], (TOPICS, TOPIC_WORDS))

    def text(topic: int) -> str:
        of_topic = rng.random(rng.integers(5, 26)) < TOPIC_SHARE
        return " ".join(str(rng.choice(own[topic] if on else shared)) for on in of_topic)

    y = rng.permutation(np.repeat(np.arange(TOPICS), 5000 // TOPICS))
    texts = tuple(text(topic) for topic in y)
    return Texts(texts[:4000], y[:4000], texts[4000:], y[4000:])


_NOUNS = ("cat", "dog", "teacher", "child", "bird", "farmer", "painter", "king", "river", "train", "doctor", "singer")
_VERBS = ("sees", "likes", "finds", "follows", "hears", "helps", "paints", "calls", "meets", "knows")
_ALONE = ("sleeps", "laughs", "waits", "runs", "sings", "falls")
_ADJECTIVES = ("old", "small", "happy", "quiet", "green", "brave", "tired")
_ADVERBS = ("often", "slowly", "today", "again", "here")


@lru_cache(maxsize=1)
def _sentences() -> Texts:
    rng = np.random.default_rng(0xC01A)
    y = (rng.random(7000) < 0.7).astype(np.int64)
    texts = tuple(_sentence(rng, bool(fine)) for fine in y)
    return Texts(texts[:6000], y[:6000], texts[6000:], y[6000:])


def _sentence(rng: Rng, fine: bool) -> str:
    plural, other = rng.random(2) < 0.5
    verb = int(rng.integers(len(_VERBS) + len(_ALONE)))
    words = _noun_phrase(rng, bool(plural))
    verb_at = len(words)
    words.append(_agreeing((*_VERBS, *_ALONE)[verb], bool(plural)))
    if verb < len(_VERBS):
        words += _noun_phrase(rng, bool(other))
    if rng.random() < 0.4:
        words.append(_pick(rng, _ADVERBS))
    if not fine:
        fault = _FAULTS[int(rng.integers(len(_FAULTS)))]
        words = fault(rng, words, verb_at)
    return " ".join(words)


def _noun_phrase(rng: Rng, plural: bool) -> list[str]:
    noun = _pick(rng, _NOUNS)
    article = "the" if plural or rng.random() < 0.6 else "a"
    adjectives = [_pick(rng, _ADJECTIVES)] if rng.random() < 0.4 else []
    return [article, *adjectives, {"child": "children"}.get(noun, f"{noun}s") if plural else noun]


def _agreeing(verb: str, plural: bool) -> str:
    return verb.removesuffix("s") if plural else verb


def _swapped(rng: Rng, words: list[str], verb_at: int) -> list[str]:
    at = int(rng.integers(verb_at))
    return [*words[:at], words[at + 1], words[at], *words[at + 2 :]]


def _without_verb(rng: Rng, words: list[str], verb_at: int) -> list[str]:
    return [*words[:verb_at], *words[verb_at + 1 :]]


def _not_agreeing(rng: Rng, words: list[str], verb_at: int) -> list[str]:
    verb = words[verb_at]
    wrong = verb.removesuffix("s") if verb in (*_VERBS, *_ALONE) else f"{verb}s"
    return [*words[:verb_at], wrong, *words[verb_at + 1 :]]


def _doubled(rng: Rng, words: list[str], verb_at: int) -> list[str]:
    return [words[0], *words]


_FAULTS: tuple[Callable[[Rng, list[str], int], list[str]], ...] = (_swapped, _without_verb, _not_agreeing, _doubled)


def _pick(rng: Rng, words: Sequence[str]) -> str:
    return words[int(rng.integers(len(words)))]
