"""Points of a plane through the parameters of any module: several nets at once where each has little to do.

Nets whose operations are small are stacked (``torch.func.vmap``): a call then costs as much for many as for one. What
cannot be stacked is measured net by net, and so are nets whose operations are large; their samples are cut so that what
one layer gives the next stays in cache. Layers that read the data alone are not run at all (``first_layers``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

from foldscape.curvature.lanes_of_torch import added_up
from foldscape.landscape.first_layers import Answers, first_layers
from foldscape.landscape.rows import rows_of
from foldscape.landscape.scores import scored
from foldscape.landscape.traced import traced
from foldscape.losses import Loss
from foldscape.modules.arithmetic import differentiating
from foldscape.modules.batch_loss import LossLike, known_loss
from foldscape.modules.mean_loss import Chunk, MeanLoss
from foldscape.modules.reading import classes_of
from foldscape.modules.room import keep_memory
from foldscape.modules.samples import Batch
from foldscape.modules.torch_threads import one_torch_thread

TRIED = 16
"""Samples on which it is tried out what a net allows."""
CACHED = 2**19
"""Numbers of the largest tensor of a pass, on a processor."""
LARGE = 2**26
"""The same elsewhere."""
FEWEST, MOST = 4, 32
"""Nets worth stacking."""
LITTLE = 2**24
"""Multiplications of a pass up to which nets are stacked: beyond, they take longer than the calls."""
PAYS = 128
"""Multiplications for one answer of a first layer from which adding up three answers is quicker than working it out."""
AGREE = 1e-4
"""Relative difference of two losses in single precision that are the same."""

Vectors = Sequence[torch.Tensor]
"""One tensor of numbers for each block of the parameters."""


class StackedNets:
    """Losses at points origin + a first + b second.

    Args:
        mean: The loss of the net.
        loss: The same, as it was asked for.

    Attributes:
        at_once: Nets that are stacked.
    """

    def __init__(self, mean: MeanLoss, loss: LossLike) -> None:
        self.mean, self.net = mean, mean.net
        self._traced: dict[int, Callable[..., Any]] = {}
        keep_memory()
        with differentiating(), one_torch_thread():
            self.first = first_layers(mean, TRIED)
            self.chunks = self._cut()
            self.known = self._known(loss)
            self.at_once = self._nets()
            if self.at_once == 1:
                self.first.layers = tuple(layer for layer in self.first.layers if _multiplications(layer) >= PAYS)
            if self.at_once > 1 and not self._agrees():
                self.at_once = 1
            if self.at_once == 1 and self.first.layers and not self._agrees():
                self.first.layers = ()

    def scores(
        self, a: torch.Tensor, b: torch.Tensor, origin: torch.Tensor, first: torch.Tensor, second: torch.Tensor | None
    ) -> torch.Tensor:
        """Measure at some points.

        Args:
            a: (points,) coordinates along ``first``.
            b: (points,) coordinates along ``second``.
            origin: (P,) where both are 0.
            first: (P,) first direction.
            second: (P,) second direction, or ``None``.

        Returns:
            (points, 3): mean loss, right answers, and of how many; float64.
        """
        with differentiating():
            return self._over(self.chunks, self.at_once, a, b, [origin, first, *([] if second is None else [second])])

    def _over(
        self, chunks: Sequence[Chunk], at_once: int, a: torch.Tensor, b: torch.Tensor, plane: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        counting = [chunk for chunk in chunks if chunk.share > 0]
        measure = self._stacked if at_once > 1 else self._one_by_one
        with self.net.placed(plane[0]):
            read = [self.first.inputs(self.mean, chunk.batch) for chunk in counting]
        answers = list(zip(*[list(self._answers(vector, read)) for vector in plane], strict=True))
        parts = [self.net.vectors(vector) for vector in plane]
        blocks = zip(torch.split(a, at_once), torch.split(b, at_once), strict=True)
        return torch.cat([measure(_Points(*block, parts), counting, answers) for block in blocks])

    def _answers(self, vector: torch.Tensor, read: Sequence[Answers]) -> Iterator[list[torch.Tensor]]:
        with self.net.placed(vector):
            for inputs in read:
                found = self.first.answers(inputs)
                yield [one.t().contiguous().t() if one.ndim == 2 and self.at_once > 1 else one for one in found]

    def _one_by_one(self, at: _Points, chunks: Sequence[Chunk], answers: Sequence[Sequence[Answers]]) -> torch.Tensor:
        def part(chunk: Chunk, planes: Sequence[Answers]) -> torch.Tensor:
            with self.first.answering(at.single(planes)):
                return _weighed(chunk, self.mean.score(chunk.batch))

        with self.net.placed(at.single(at.parts)), self.first.given():
            works = [partial(part, chunk, planes) for chunk, planes in zip(chunks, answers, strict=True)]
            total = added_up(works) if self.net.is_shared else sum((work() for work in works), torch.zeros(()))
        return total[None]

    def _stacked(self, at: _Points, chunks: Sequence[Chunk], answers: Sequence[Sequence[Answers]]) -> torch.Tensor:
        nets = at.many(at.parts)
        total = torch.zeros(())
        for chunk, planes in zip(chunks, answers, strict=True):
            if self.known is None:
                scores = torch.func.vmap(self._on(chunk.batch, self.mean.score))(nets, at.many(planes))
            else:
                outputs = self._pass_of(chunk, len(at.a))(nets, at.many(planes))
                scores = _scores(outputs, chunk.batch, self.known)
            total = total + _weighed(chunk, scores)
        return total

    def _pass_of(self, chunk: Chunk, points: int) -> Callable[..., Any]:
        """Give the outputs of nets on a chunk as a function; for as many as there usually are, one that was traced."""
        key = chunk.span.start
        if points == self.at_once and key in self._traced:
            return self._traced[key]
        plainly = torch.func.vmap(self._on(chunk.batch, self.mean.outputs))
        if points != self.at_once:
            return plainly

        def first(nets: Vectors, answers: Answers) -> Any:
            try:
                quick = traced(plainly, nets, answers)
                quick([one.clone() for one in nets], [one.clone() for one in answers])
            except Exception:  # What looks into its numbers, or does what cannot be written down, runs as it is.
                quick = plainly
            self._traced[key] = quick
            return quick(nets, answers)

        return first

    def _on(self, batch: Batch, of: Callable[[Batch], Any]) -> Callable[[Vectors, Answers], Any]:
        def run(vectors: Vectors, answers: Answers) -> Any:
            with self.net.placed(vectors), self.first.given(), self.first.answering(answers):
                return of(batch)

        return run

    def _known(self, loss: LossLike) -> Loss | None:
        """Give the loss where that of many nets can be had at once: of one class a sample, and a score for each."""
        known, batch = known_loss(loss), self.mean.data.some(TRIED)
        if known is None or classes_of(self.mean.data) is None:
            return None
        with self.net.placed(self.net.tensor(self.net.theta)):
            outputs = self.mean.outputs(batch)
        return known if isinstance(outputs, torch.Tensor) and outputs.ndim == 2 and outputs.shape[1] > 1 else None

    def _cut(self) -> tuple[Chunk, ...]:
        """Cut the samples so that the largest tensor of a pass stays in cache."""
        if not self.mean.is_apart:
            return self.mean.chunks
        room = CACHED if self.net.device.type == "cpu" else LARGE
        most = max(1, min(self.mean.chunk, int(room / self.first.widest)))
        count = -(-self.mean.samples // most)
        count += count % 2 if count > 1 else 0  # as many on each of two threads
        return self.mean.cut(-(-self.mean.samples // count))

    def _nets(self) -> int:
        """Say how many nets are stacked."""
        samples = max(chunk.batch.size for chunk in self.chunks)
        room = 2 * CACHED if self.net.device.type == "cpu" else LARGE
        nets = int(room / (self.first.widest * samples))
        return min(nets, MOST) if nets >= FEWEST and self.first.work * samples <= LITTLE else 1

    def _agrees(self) -> bool:
        """Tell whether a few nets on a few samples get the losses that they have one by one, as they are."""
        few = Chunk(slice(-1, 0), self.mean.data.some(TRIED), 1.0)
        along = 0.01 * self.net.tensor(self.net.theta).abs()
        across = along * torch.linspace(-1, 1, len(along), dtype=along.dtype, device=along.device)
        at = torch.tensor([0.5, -1.0], dtype=along.dtype, device=along.device)
        plane = [self.net.tensor(self.net.theta), along, across]
        with _slow_refused():
            try:
                found = self._over([few], self.at_once, at, at.flip(0), plane)
            except Exception:  # What a module's code says to tensors of several nets may be anything.
                return False
        return all(
            torch.allclose(one, self._plainly(few.batch, plane, float(i), float(j)), rtol=AGREE, equal_nan=True)
            for one, i, j in zip(found, at, at.flip(0), strict=True)
        )

    def _plainly(self, batch: Batch, plane: Sequence[torch.Tensor], a: float, b: float) -> torch.Tensor:
        with self.net.placed(plane[0] + a * plane[1] + b * plane[2]):
            return self.mean.score(batch)


class _Points:
    """Some points of a plane, and what stands at its origin and along its axes, block by block.

    Args:
        a: (points,) coordinates.
        b: (points,) coordinates.
        parts: For the origin and each axis the tensors of all blocks.
    """

    def __init__(self, a: torch.Tensor, b: torch.Tensor, parts: Sequence[Vectors]) -> None:
        self.a, self.b, self.parts = a, b, parts
        self.rows = list(rows_of(b.tolist()))

    def many(self, planes: Sequence[Sequence[torch.Tensor]]) -> list[torch.Tensor]:
        """Give each tensor at all the points, stacked."""
        return [self._stack(*corner) for corner in zip(*planes, strict=True)]

    def single(self, planes: Sequence[Sequence[torch.Tensor]]) -> list[torch.Tensor]:
        """Give each tensor at the first of the points."""
        scales = (float(self.a[0]), float(self.b[0]))
        found = [corner[0] for corner in zip(*planes, strict=True)]
        for scale, axis in zip(scales, planes[1:], strict=False):
            found = [torch.add(one, along, alpha=scale) for one, along in zip(found, axis, strict=True)]
        return found

    def _stack(self, start: torch.Tensor, along: torch.Tensor, across: torch.Tensor | None = None) -> torch.Tensor:
        a = self.a.view(-1, *(1,) * start.ndim)
        if across is None:
            return torch.addcmul(start, a, along)
        found = (
            start.new_empty(len(a), *start.mT.shape).mT if _is_turned(start) else start.new_empty(len(a), *start.shape)
        )
        for row, b in self.rows:
            base = torch.add(start, across, alpha=b)
            torch.addcmul(base, a[row.start : row.stop], along, out=found[row.start : row.stop])
        return found


def _multiplications(layer: torch.nn.Module) -> int:
    """Count those of one answer of a layer."""
    weight: Any = layer.weight
    return int(weight[0].numel())


def _is_turned(table: torch.Tensor) -> bool:
    """Tell whether samples, the first of two axes, stand last in memory."""
    return table.ndim == 2 and table.stride(0) == 1


def _scores(outputs: torch.Tensor, batch: Batch, loss: Loss) -> torch.Tensor:
    """Give mean loss, right answers, and of how many, of each net's outputs (nets, samples, classes)."""
    assert batch.labels is not None
    samples = batch.size
    own = batch.labels * samples + torch.arange(samples, device=outputs.device)
    lost, right = scored(outputs.transpose(1, 2).contiguous(), batch.labels, own, loss)
    return torch.stack([lost / samples, right.double(), torch.full_like(lost, samples)], 1)


def _weighed(chunk: Chunk, scores: torch.Tensor) -> torch.Tensor:
    """Count a chunk's mean loss by its share."""
    return scores * torch.tensor([chunk.share, 1.0, 1.0], dtype=scores.dtype, device=scores.device)


@contextmanager
def _slow_refused() -> Iterator[None]:
    """Fail where nets could only be stacked in a loop, of which torch warns."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*performance drop.*")
        yield
