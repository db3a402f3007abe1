"""Encoders that learn from the training sentences with a linear classifier on top, and are then frozen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from foldscape.arrays import Labels
from foldscape.data.encoders.base import PADDING, UNKNOWN, Encoder, Features, most_frequent, tokens
from foldscape.device import of_data, steady, torch_device

if TYPE_CHECKING:
    import torch

Ids = npt.NDArray[np.int64]
BATCH = 64


class Learnt(Encoder):
    """Base: a module from ids to features, trained with Adam, cross-entropy and a linear classifier."""

    epochs: int = Field(5, ge=1, le=100)
    """Passes over the training sentences."""
    lr: float = Field(0.003, gt=0, le=1)
    """Learning rate."""

    @abstractmethod
    def ids(self, sentences: Sequence[str], vocabulary: dict[str, int]) -> Ids:
        """Give the sentences as ids (N, length), padded with 0 at their ends."""

    @abstractmethod
    def vocabulary(self, sentences: Sequence[str]) -> dict[str, int]:
        """Number what occurs, from 2 on; 0 is padding and 1 is all that is unknown."""

    @abstractmethod
    def module(self, entries: int) -> torch.nn.Module:
        """Give the untrained module from (N, length) ids to (N, dims) features.

        Args:
            entries: Numbers in use, padding and unknown included.
        """

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Train, freeze, encode; features are scaled so that their root mean square over the training set is 1."""
        import torch

        vocabulary, place = self.vocabulary(train), torch_device(of_data())
        train_ids, test_ids = (torch.from_numpy(self.ids(part, vocabulary)).to(place) for part in (train, test))
        with torch.random.fork_rng(devices=[]), steady(place):
            torch.default_generator.manual_seed(0)
            module = self._trained(train_ids, torch.from_numpy(train_y).to(place), len(vocabulary) + 2)
        with torch.no_grad(), steady(place):
            learnt, held = (
                torch.cat([module(part) for part in torch.split(ids, 1024)]).cpu().numpy()
                for ids in (train_ids, test_ids)
            )
        scale = np.float32(1 / max(float(np.sqrt(np.mean(np.square(learnt, dtype=np.float64)))), 1e-12))
        return learnt * scale, held * scale

    def _trained(self, ids: torch.Tensor, y: torch.Tensor, entries: int) -> torch.nn.Module:
        import torch

        module = self.module(entries).to(ids.device)
        top = torch.nn.Linear(self.dims, int(y.max()) + 1).to(ids.device)
        optimizer = torch.optim.Adam([*module.parameters(), *top.parameters()], lr=self.lr)
        for _ in range(self.epochs):
            for batch in torch.split(torch.randperm(len(y)).to(ids.device), BATCH):
                optimizer.zero_grad()
                torch.autograd.backward(torch.nn.functional.cross_entropy(top(module(ids[batch])), y[batch]))
                optimizer.step()
        return module.requires_grad_(False).eval()


class MeanEmbedding(Learnt):
    """The mean of learned vectors of the most frequent words."""

    kind: Literal["embbag"] = "embbag"
    dims: int = Field(128, ge=2, le=1024)
    """Numbers an input gets."""
    words: int = Field(20_000, ge=10, le=200_000)
    """Most frequent words that have a vector of their own; all others share one."""
    length: int = Field(128, ge=4, le=1024)
    """Words of a sentence that are read."""

    def vocabulary(self, sentences: Sequence[str]) -> dict[str, int]:
        """Number the most frequent words."""
        return most_frequent(sentences, self.words)

    def ids(self, sentences: Sequence[str], vocabulary: dict[str, int]) -> Ids:
        """Give the words' numbers."""
        return _padded([[vocabulary.get(w, UNKNOWN) for w in tokens(s)[: self.length]] for s in sentences])

    def module(self, entries: int) -> torch.nn.Module:
        """Give the embedding."""
        import torch

        return torch.nn.EmbeddingBag(entries, self.dims, mode="mean", padding_idx=PADDING)


class CharacterCnn(Learnt):
    """Three convolutions over the characters, and the largest answer of each filter."""

    kind: Literal["charcnn"] = "charcnn"
    dims: int = Field(128, ge=2, le=1024)
    """Numbers an input gets: filters of the last convolution."""
    length: int = Field(160, ge=16, le=1024)
    """Characters of a sentence that are read."""

    def vocabulary(self, sentences: Sequence[str]) -> dict[str, int]:
        """Number the characters."""
        seen = sorted(set("".join(sentences).lower()))
        return {character: number for number, character in enumerate(seen, start=2)}

    def ids(self, sentences: Sequence[str], vocabulary: dict[str, int]) -> Ids:
        """Give the characters' numbers."""
        rows = [[vocabulary.get(c, UNKNOWN) for c in s.lower()[: self.length]] for s in sentences]
        return _padded([*rows, [0] * self.length])[:-1]

    def module(self, entries: int) -> torch.nn.Module:
        """Give the convolutions."""
        from torch import nn

        return nn.Sequential(
            nn.Embedding(entries, 16, padding_idx=PADDING),
            nn.Unflatten(1, (1, self.length)),
            nn.Conv2d(1, 64, (5, 16), padding=(2, 0)), nn.ReLU(), nn.MaxPool2d((2, 1)),
            nn.Conv2d(64, 64, (3, 1), padding=(1, 0)), nn.ReLU(), nn.MaxPool2d((2, 1)),
            nn.Conv2d(64, self.dims, (3, 1), padding=(1, 0)), nn.ReLU(),
            nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        )  # fmt: skip


def _padded(rows: list[list[int]]) -> Ids:
    length = max(1, *map(len, rows))
    padded = np.full((len(rows), length), PADDING, np.int64)
    for row, ids in zip(padded, rows, strict=True):
        row[: len(ids)] = ids
    return padded
