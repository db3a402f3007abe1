"""What points are when they are held against each other: pixels, features of a net, or the words of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from foldscape.data.base import Split
from foldscape.data.encoders.base import tokens
from foldscape.errors import InvalidInput, NotPossible
from foldscape.neighbours.distances import Distance, Points

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights

Representation = Literal["auto", "words", "hashed", "inputs", "features"]
"""``auto`` is words for sentences and inputs for everything else."""
PLANE = "the nearest training point says nothing on plane data, where all lie side by side"
HASHED = 2**18
"""Numbers that runs of words are hashed to: so many that different ones hardly ever meet."""


def known_representation(name: str) -> Representation:
    """Give a representation by its name.

    Args:
        name: The name.

    Returns:
        The same name.

    Raises:
        InvalidInput: If there is none of that name.
    """
    names: tuple[Representation, ...] = get_args(Representation)
    if name not in names:
        raise InvalidInput(f"There is no representation {name!r}.", hint=f"Choose one of {', '.join(names)}.")
    return names[names.index(name)]


def representation_for(representation: Representation, split: Split) -> Representation:
    """Say what ``auto`` is on some data, and refuse what there is not.

    Args:
        representation: What was asked for.
        split: The data.

    Returns:
        The representation, never ``auto``.

    Raises:
        NotPossible: If the data are points of the plane, or no sentences where words are asked for.
    """
    if split.is_plane:
        raise NotPossible(f"{PLANE[:1].upper()}{PLANE[1:]}.", hint="Use digits, pictures or texts.")
    if representation == "auto":
        return "words" if split.train_texts else "inputs"
    if representation in ("words", "hashed") and not split.train_texts:
        raise NotPossible(f"These data are no sentences, so they have no {representation}.", hint="Use inputs.")
    return representation


def distance_of(representation: Representation) -> Distance:
    """Say how far apart points of a representation are: words by their cosine, everything else in a straight line."""
    return "cosine" if representation in ("words", "hashed") else "euclidean"


def represented(representation: Representation, split: Split, net: Weights | None = None) -> tuple[Points, Points]:
    """Give training and test points as they are held against each other.

    Args:
        representation: ``words`` is term frequency times inverse document frequency of single words, learnt from the
            training sentences alone (Salton and Buckley 1988, doi 10.1016/0306-4573(88)90021-0); ``hashed`` signed
            counts of runs of one to three words; ``inputs`` the inputs in data units; ``features`` what its last layer
            receives.
        split: The data.
        net: The net; for ``features`` only.

    Returns:
        (N, d) training and (M, d) test points; sparse for sentences.

    Raises:
        NotPossible: If there is no such representation of these data.
    """
    kind = representation_for(representation, split)
    if kind == "words":
        return _weighted_words(split.train_texts, split.test_texts)
    if kind == "hashed":
        return _hashed(split.train_texts), _hashed(split.test_texts)
    if kind == "inputs":
        return split.in_data_units(split.train_x), split.in_data_units(split.test_x)
    if net is None:
        raise NotPossible("Features are those of a net, and none was given.", hint="Give the net, or use inputs.")
    return net.representation(split.train_x), net.representation(split.test_x)


def _weighted_words(train: Sequence[str], test: Sequence[str]) -> tuple[Points, Points]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(tokenizer=tokens, token_pattern=None, lowercase=False, norm=None)
    return words.fit_transform(train), words.transform(test)


def _hashed(sentences: Sequence[str]) -> Points:
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        n_features=HASHED, ngram_range=(1, 3), tokenizer=tokens, token_pattern=None, lowercase=False, norm=None
    )
    found: Points = hashed.transform(sentences)
    return found
