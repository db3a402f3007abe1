"""The mean loss of a net over samples, cut into chunks in a way that its value does not depend on."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, NamedTuple

import torch

from foldscape.errors import InvalidInput, NotPossible
from foldscape.modules.apart import is_apart
from foldscape.modules.arrays import Tree, leaves, mapped
from foldscape.modules.batch_loss import BatchLoss, LossLike
from foldscape.modules.calling import arguments
from foldscape.modules.criteria import criterion_of
from foldscape.modules.criterion import scalar
from foldscape.modules.derivative import refuse_random
from foldscape.modules.failing import module_errors
from foldscape.modules.net import Net
from foldscape.modules.reading import read_samples
from foldscape.modules.samples import Batch
from foldscape.modules.torch_threads import one_torch_thread

TRIED = 64
"""Samples on which it is tried out whether the loss is a mean over samples."""


class Chunk(NamedTuple):
    """Samples that go through the net together.

    Attributes:
        span: Their place among all samples.
        batch: The samples.
        share: What their mean counts in the mean over all; 0 where all labels are ignored.
    """

    span: slice
    batch: Batch
    share: float


class MeanLoss:
    """The mean loss over samples of a net that stands in place (``Net.placed``).

    Args:
        net: The net.
        data: Inputs, or data in any form that ``read_samples`` takes.
        y: Labels; ``None`` with data that hold them.
        loss: A name in ``CRITERIA``, a callable of outputs and labels, or a ``BatchLoss``.
        chunk: Samples that go through the net together.

    Attributes:
        chunks: The samples, cut.
        chunk: Samples of a chunk at most.
        samples: Number of samples N.
        is_likelihood: Whether the loss is the mean negative log likelihood of labels.
        is_apart: Whether the loss is the mean of losses of single samples. If not, all samples stand in one chunk.

    Raises:
        InvalidInput: If data, labels and loss do not fit, or the loss is a sum.
        NotPossible: If the net fails on the data, is random, or its loss is no mean over samples and they take more
            than one chunk.
    """

    def __init__(self, net: Net, data: Any, y: Any = None, loss: LossLike = "cross_entropy", chunk: int = 1024):
        if chunk < 1:
            raise InvalidInput(f"A chunk of {chunk} holds no sample.", hint="Give at least 1.")
        self.net = net
        self._of_batch = loss if isinstance(loss, BatchLoss) else None
        self.criterion = None if isinstance(loss, BatchLoss) else criterion_of(loss)
        self.data = read_samples(data, y, whole=self.criterion is None).changed(net.cast)
        self.samples = len(self.data)
        self._changes_inputs = False
        with one_torch_thread(), net.placed(net.tensor(net.theta)):
            self._fit_labels()
            self.is_apart = self._is_apart(chunk)
        self.is_likelihood = self.criterion is not None and self.criterion.is_likelihood
        self.chunk, self.chunks = chunk, self.cut(chunk)

    def mean(self, batch: Batch) -> torch.Tensor:
        """Give the mean loss of some samples, a scalar."""
        if self.criterion is None:
            return self._closed(batch)
        return self.judged(self.outputs(batch), batch)

    def at(self, flat: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Give the mean loss of some samples with the parameters of a flat tensor."""
        with self.net.placed(flat):
            return self.mean(batch)

    def of_some(self, net: Net, count: int) -> Callable[[torch.Tensor], torch.Tensor]:
        """Give the mean loss of a few samples as a function of the flat tensor.

        Args:
            net: The net, or the same one in another arithmetic.
            count: About how many samples.

        Returns:
            A function of (P,) parameters that gives the loss, of shape ().
        """
        other = copy(self)
        other.net = net
        if self.criterion is not None and net is not self.net:
            other.criterion = self.criterion.to(net.dtype)
        batch = self.data.some(count).changed(net.cast)
        return lambda flat: other.at(flat, batch)

    def each(self, batch: Batch) -> torch.Tensor:
        """Give losses of single samples, (n,), whose plain mean over all data is the loss.

        Returns:
            (n,) losses.

        Raises:
            NotPossible: If there are none.
        """
        if not self.is_apart or not batch.divisible:
            raise NotPossible(
                "This loss has no gradients of single samples: what a sample adds depends on the others.",
                hint="Ask for the Hessian's measures, which need none.",
            )
        if self.criterion is None:
            return torch.stack([self.mean(batch.rows(slice(i, i + 1))) for i in range(batch.size)])
        assert batch.labels is not None
        return self.criterion.terms(self.outputs(batch), batch.labels) * (self.samples / self._total)

    def outputs(self, batch: Batch) -> Any:
        """Run the net on some samples."""
        inputs = mapped(batch.inputs, torch.clone) if self._changes_inputs else batch.inputs
        args, named = arguments(self.net.module, inputs)
        return self.net.run(*args, **named)

    def run(self, batch: Batch) -> None:
        """Run the net on some samples, as the loss does, for what it leaves in the buffers."""
        if self.criterion is None:
            self._closed(batch)
        else:
            self.outputs(batch)

    def scores(self, batch: Batch) -> Tree:
        """Give the outputs that the loss reads.

        Returns:
            Tensors, tuples or dicts of them, one row a sample.

        Raises:
            NotPossible: If they are no tensors, tuples or dicts of them, or not seen.
        """
        found = None if self.criterion is None else self.criterion.scores(self.outputs(batch))
        if found is None:
            raise NotPossible(
                "The Gauss-Newton matrix needs outputs that are tensors, and a loss of them.",
                hint="Give a loss of outputs and labels, or ask for the Hessian.",
            )
        return found

    def score(self, batch: Batch) -> torch.Tensor:
        """Give the mean loss, and how many answers are right of how many that could be; NaN without classes.

        Returns:
            (3,) numbers.
        """
        if self.criterion is None or batch.labels is None:
            found: tuple[torch.Tensor | float, ...] = (self._closed(batch), float("nan"), 1.0)
        else:
            outputs = self.outputs(batch)
            found = (self.judged(outputs, batch), *self.criterion.hits(outputs, batch.labels))
        return torch.stack([torch.as_tensor(one, device=self.net.device).detach().double() for one in found])

    def mass(self, batch: Batch) -> float:
        """Give what some samples count."""
        if self.criterion is None or batch.labels is None:
            return float(batch.size)
        return float(self.criterion.masses(batch.labels).sum())

    def _closed(self, batch: Batch) -> torch.Tensor:
        assert self._of_batch is not None
        inputs = mapped(batch.inputs, torch.clone) if self._changes_inputs else batch.inputs
        with module_errors(self.net.module, (inputs,)):
            return scalar(self._of_batch.of(self.net.module, inputs))

    def judged(self, outputs: Any, batch: Batch) -> torch.Tensor:
        """Give the mean loss of some samples from their outputs."""
        assert self.criterion is not None
        assert batch.labels is not None
        return self.criterion.mean(outputs, batch.labels)

    def _fit_labels(self) -> None:
        """Run the net once on a few samples; hold all labels against its outputs."""
        some = self.data.some(TRIED).changed(torch.clone)
        before = [tensor._version for tensor in leaves(some.inputs)]
        criterion = self.criterion
        if criterion is None:
            self._closed(some)
        else:
            outputs = self.outputs(some)
            self.data = self.data.labelled(lambda labels: criterion.labels(labels, outputs))
        self._changes_inputs = before != [tensor._version for tensor in leaves(some.inputs)]
        self._total = sum(self.mass(batch) for batch in self.data.batches)
        if not self._total > 0:
            raise InvalidInput("No sample counts: every label is ignored.", hint="Give labels that count.")

    def _is_apart(self, chunk: int) -> bool:
        """Tell whether the loss is a mean over samples; if not, they have to go through the net all together."""
        is_known = self.criterion is not None and self.criterion.is_known
        rounding = torch.finfo(self.net.dtype).eps ** 0.6
        some = self.data.some(TRIED)
        refuse_random(self.net, lambda flat: self.at(flat, some))

        def value(batch: Batch) -> tuple[float, float]:
            return float(self.mean(batch).detach()), self.mass(batch)

        if is_apart(value, some, rounding, is_known=is_known):
            return True
        if self.samples > chunk or len(self.data.batches) > 1:
            raise NotPossible(
                f"The loss is no mean over the samples: {'the net' if is_known else 'the loss or the net'} lets them "
                f"see each other, and {self.samples} do not go through it in one chunk of {chunk}.",
                hint=f"Measure them together: Objective.of_module or Evaluator.of_module with chunk={self.samples}. "
                "Class weights and ignored labels are known of torch's own nn.CrossEntropyLoss, in any chunks.",
            )
        return False

    def cut(self, chunk: int) -> tuple[Chunk, ...]:
        """Cut the samples into chunks of at most so many."""
        parts = ((span, batch, self.mass(batch) / self._total) for span, batch in self.data.chunks(chunk))
        return tuple(Chunk(*part) for part in parts)
