"""The samples that a net is measured on, in memory, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from foldscape.modules.arrays import Tree, form, joined, leaves, mapped


@dataclass(frozen=True)
class Batch:
    """Samples that can go through a net together.

    Attributes:
        inputs: What the net is called with: a tensor, a tuple for several inputs, a dict for named ones.
        labels: Labels, first axis as the inputs'; ``None`` for a loss that takes the whole batch.
        size: Number of samples.
        divisible: Whether it can be cut; all its tensors then have ``size`` rows.
    """

    inputs: Tree
    labels: torch.Tensor | None
    size: int
    divisible: bool = True

    def rows(self, which: slice | torch.Tensor) -> Batch:
        """Give some of the samples."""
        labels = None if self.labels is None else self.labels[which]
        size = len(range(*which.indices(self.size))) if isinstance(which, slice) else len(which)
        return Batch(mapped(self.inputs, lambda tensor: tensor[which]), labels, size)

    def changed(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Batch:
        """Change every tensor."""
        labels = None if self.labels is None else change(self.labels)
        return replace(self, inputs=mapped(self.inputs, change), labels=labels)


@dataclass(frozen=True)
class Samples:
    """All samples, as few batches as their shapes allow.

    Attributes:
        batches: The batches; those of one shape that followed one another are one.
    """

    batches: tuple[Batch, ...]

    @staticmethod
    def of(batches: Sequence[Batch]) -> Samples:
        """Join the neighbours that can be joined."""
        groups: list[list[Batch]] = []
        for batch in batches:
            if groups and batch.divisible and groups[-1][0].divisible and _form(groups[-1][0]) == _form(batch):
                groups[-1].append(batch)
            else:
                groups.append([batch])
        return Samples(tuple(_join(group) for group in groups))

    def __len__(self) -> int:
        return sum(batch.size for batch in self.batches)

    def chunks(self, size: int) -> Iterator[tuple[slice, Batch]]:
        """Cut into batches of at most ``size`` samples, each with its place among all samples."""
        at = 0
        for batch in self.batches:
            for first in range(0, batch.size, size if batch.divisible else batch.size):
                part = batch.rows(slice(first, min(first + size, batch.size))) if batch.divisible else batch
                yield slice(at, at + part.size), part
                at += part.size

    def take(self, rows: NDArray[np.int64]) -> Samples:
        """Give some of the samples, by their numbers; the order within a batch is that of the numbers."""
        taken, at = [], 0
        for batch in self.batches:
            within = rows[(rows >= at) & (rows < at + batch.size)] - at
            at += batch.size
            if len(within):
                index = torch.as_tensor(within, device=next(leaves(batch.inputs)).device)
                taken.append(batch.rows(index) if batch.divisible else batch)
        return Samples(tuple(taken))

    def changed(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Samples:
        """Change every tensor."""
        return Samples(tuple(batch.changed(change) for batch in self.batches))

    def labelled(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Samples:
        """Change the labels."""
        return Samples(tuple(b if b.labels is None else replace(b, labels=change(b.labels)) for b in self.batches))

    def some(self, count: int) -> Batch:
        """Give a few samples that go through the net together: spread evenly, and one of each label."""
        batch = max(self.batches, key=lambda one: one.size if one.divisible else 0)
        if not batch.divisible or batch.size <= count:
            return batch
        rows = np.linspace(0, batch.size - 1, count).astype(np.int64)
        if batch.labels is not None and batch.labels.ndim == 1 and not batch.labels.is_floating_point():
            rows = np.union1d(rows, np.unique(batch.labels.cpu().numpy(), return_index=True)[1][:count])
        return batch.rows(torch.as_tensor(rows, device=next(leaves(batch.inputs)).device))


def _form(batch: Batch) -> object:
    return form(batch.inputs), form(batch.labels)


def _join(group: list[Batch]) -> Batch:
    if len(group) == 1:
        return group[0]
    labels = None if group[0].labels is None else torch.cat([one.labels for one in group if one.labels is not None])
    return Batch(joined([one.inputs for one in group]), labels, sum(one.size for one in group))
