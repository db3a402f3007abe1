"""A convolutional net over characters as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.data.encoders.base import PADDING
from foldscape.data.encoders.characters import SYMBOLS
from foldscape.lazy import lazy
from foldscape.net.abilities import Abilities
from foldscape.net.kinds.char_cnn import EMBEDDED, WIDTHS, CharCnnSpec, flops
from foldscape.net.mlp import Weights

AT_ONCE = 128
"""Sentences that go through it together: what their filters see stays in cache."""


@dataclass(frozen=True)
class CharCnn(Weights):
    """The parameters of a net that reads the numbers of characters, (N, length).

    ``weights`` are those of the filters, (F, 16 · width) for each width with the embedding's axis first, and then the
    output layer's (K, 3 F). Sentences are padded by zeros on both sides, so that every filter has an answer at each
    character; the character that fills a short sentence is embedded as zero and stays so.

    Attributes:
        embedding: (symbols, 16) what each character becomes; that of padding counts as zero.
        length: Characters that it reads.
    """

    can: ClassVar[Abilities] = CharCnnSpec.can

    embedding: FloatArray = field(kw_only=True)
    length: int = field(kw_only=True)

    @lazy
    def hidden(self) -> tuple[int, ...]:
        """One hidden layer: the largest answers of all filters."""
        return (sum(len(bias) for bias in self.biases[:-1]),)

    @property
    def features(self) -> int:
        """Characters that it reads."""
        return self.length

    @property
    def flops_per_sample(self) -> float:
        """Floating point operations of one step of training, forward and back, by sample."""
        return float(flops(self.parameters, len(self.biases[0]), self.length))

    @lazy
    def is_wide(self) -> bool:
        """No layer receives the activations of all before it."""
        return False

    def parts(self) -> Iterator[tuple[int, str, FloatArray]]:
        """Give the embedding, then weights and bias of each width and of the output layer."""
        yield 0, "embedding", self.embedding
        yield from super().parts()

    def state(self) -> dict[str, tuple[FloatArray, ...]]:
        """Give every array that ``restored`` needs, by name."""
        return {**super().state(), "embedding": (self.embedding,)}

    def restored(self, state: Mapping[str, tuple[FloatArray, ...]]) -> CharCnn:
        """Give the net whose ``state`` this is, of the same activation and length."""
        return replace(self, weights=state["weights"], biases=state["biases"], embedding=state["embedding"][0])

    def astype(self, dtype: npt.DTypeLike) -> CharCnn:
        """Give a copy in another precision."""
        return replace(
            self,
            weights=tuple(part.astype(dtype) for part in self.weights),
            biases=tuple(part.astype(dtype) for part in self.biases),
            embedding=self.embedding.astype(dtype),
        )

    def layer_inputs(self, x: FloatArray, layer: int) -> FloatArray:
        """Give what a layer receives: the output layer the largest answers (N, 3 F), filters the characters."""
        if layer < len(self.weights) - 1:
            return x
        return self.activate(self.largest_answers(x))

    def logits(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K) for numbers of characters (N, length)."""
        return self.layer_inputs(x, len(self.weights) - 1) @ self.weights[-1].T + self.biases[-1]

    def logits_in_order(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K), float64."""
        return self.astype(np.float64).logits(x)

    def outgoing(self, layer: int) -> FloatArray:
        """Give the weights out of the filters of one width, (F, K)."""
        first = sum(len(bias) for bias in self.biases[:layer])
        return self.weights[-1][:, first : first + len(self.biases[layer])].T

    def active_counts(self, x: FloatArray) -> list[npt.NDArray[np.int64]]:
        """Count the sentences in which each filter finds an answer above 0."""
        return [np.count_nonzero(self.largest_answers(x) > 0, axis=0)]

    def largest_answers(self, x: FloatArray) -> FloatArray:
        """Give the largest answer of each filter along each sentence, before the activation, (N, 3 F)."""
        table = self.embedding.copy()
        table[PADDING] = 0
        parts = [self._passed(table[part]) for part in np.array_split(x.astype(np.int64), -(-len(x) // AT_ONCE) or 1)]
        return np.concatenate(parts)

    def _passed(self, embedded: FloatArray) -> FloatArray:
        """Pass the filters over embedded sentences (n, length, 16)."""
        found = []
        for width, weight, bias in zip(WIDTHS, self.weights, self.biases, strict=False):
            side = width // 2
            padded = np.pad(embedded, ((0, 0), (side, side), (0, 0)))
            seen = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)  # (n, length, 16, width)
            answers = seen.reshape(-1, EMBEDDED * width) @ weight.T
            found.append(answers.reshape(len(embedded), -1, len(bias)).max(axis=1) + bias)
        return np.concatenate(found, axis=1)


def first_cnn(spec: CharCnnSpec, features: int, classes: int, rng: np.random.Generator) -> CharCnn:
    """Draw first weights: the embedding standard normal, everything else uniform in ±1/sqrt(fan_in) or ±1/2.

    Args:
        spec: Filters, activation and how to draw.
        features: Characters that it reads.
        classes: Number of outputs.
        rng: The only source of chance.

    Returns:
        The net.
    """
    filters = spec.hidden[0]
    embedding = rng.normal(size=(SYMBOLS, EMBEDDED)).astype(np.float32)
    embedding[PADDING] = 0
    weights, biases = [], []
    shapes = [*((filters, EMBEDDED * width) for width in WIDTHS), (classes, len(WIDTHS) * filters)]
    for out, fan_in in shapes:
        bound = 0.5 if spec.first_weights == "uniform" else 1 / np.sqrt(fan_in)
        weights.append(rng.uniform(-bound, bound, (out, fan_in)).astype(np.float32))
        biases.append(rng.uniform(-bound, bound, out).astype(np.float32))
    weights[-1] *= np.float32(spec.output_scale)
    return CharCnn(
        tuple(weights), tuple(biases), spec.activation, spec.negative_slope, embedding=embedding, length=features
    )
