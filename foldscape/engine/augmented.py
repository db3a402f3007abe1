"""The pictures of an update as augmentation changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from foldscape.augmentation import Augmentation
from foldscape.device import Device, torch_device

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class Augmenter:
    """Changes the inputs of mini-batches.

    Args:
        kinds: The ways to change them, one after another.
        shape: (channels, rows, columns) of a picture.
        seed: Seed of the run.
        points: Number N of training points.
        device: Where they are changed.
    """

    def __init__(
        self, kinds: Sequence[Augmentation], shape: tuple[int, ...], seed: int, points: int, device: Device = "cpu"
    ) -> None:
        self._kinds, self._shape, self._seed, self._points = tuple(kinds), shape, seed, points
        self._device = torch_device(device)
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Draw what the points are changed by in an epoch."""
        drawn = [kind.drawn(self._seed, epoch, self._points) for kind in self._kinds]
        self._drawn = [torch.from_numpy(numbers).to(self._device) for numbers in drawn]

    def changed(self, x: Tensor, chosen: Tensor) -> Tensor:
        """Change some points.

        Args:
            x: (n, d) their inputs.
            chosen: (n,) their places among the training points.

        Returns:
            (n, d) what the update learns from.
        """
        pictures = x.reshape(len(x), *self._shape)
        for kind, drawn in zip(self._kinds, self._drawn, strict=True):
            pictures = kind.changed(pictures, drawn[chosen])
        return pictures.reshape(len(x), -1)


def augmenter_of(spec: RunSpec, split: Split) -> Augmenter | None:
    """Give what changes the pictures of a run's updates; ``None`` where nothing does."""
    if not spec.augment:
        return None
    return Augmenter(spec.augment, split.shape, spec.chance, len(split.train_x), spec.device)
