"""The engine of a module of one's own: what it draws in an update is seeded, its faults are told in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from torch import Tensor, nn

from foldscape.chance import seed_words
from foldscape.drawing import drawing
from foldscape.engine.modular import ModularEngine
from foldscape.engine.torch_engine import as_array, given_by
from foldscape.errors import FieldRefused, NotPossible
from foldscape.net.blocks.modules.passing import dense_gradients
from foldscape.net.mlp import Weights
from foldscape.net.norm import MOMENTUM
from foldscape.net.own.making import kept_of, trained_of, unfit_outputs
from foldscape.net.own.net import OwnNet
from foldscape.net.own.passing import in_words

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class OwnEngine(ModularEngine):
    """Mini-batch training of any torch module; see ``TorchEngine``.

    What an update draws follows from the run's seed and the number of the update. Batch normalisation keeps its own
    momentum; a batch of one point, which has no variance, is normalised by the running statistics.
    """

    _net: OwnNet

    @property
    def weights(self) -> OwnNet:
        """A copy of the present tensors."""
        kept = [as_array(tensor) for tensor in kept_of(self._module).values()]
        moved = self._net.with_flat(list(map(as_array, self._params))).with_buffers(kept)
        return cast(OwnNet, moved)

    def _place(self, weights: Weights) -> list[Tensor]:
        self._net = cast(OwnNet, weights)
        self._module = self._net.module().to(self._device)
        self._norms = [part for part in self._module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
        return list(trained_of(self._module).values())

    def _gradients(self, x: Tensor, y: Tensor, momentum: float = MOMENTUM) -> list[Tensor]:
        with self._drawing(), in_words(self._net, "when it is trained"):
            return dense_gradients(self._mean_loss(x, y, momentum), self._params)

    def _logits(self, h: Tensor, factors: Sequence[Tensor | None], momentum: float | None) -> Tensor:
        self._module.train(momentum is not None)
        if momentum is not None and len(h) == 1:
            for norm in self._norms:
                norm.eval()
        with self._drawing(), _buffers_aside(self._module, aside=not momentum):
            answers = self._module(h)
        if why := unfit_outputs(answers, len(h), self._net.shape, self._net.classes):
            raise NotPossible(f"The net of {self._net.spec.factory} {why}.", hint="Look in its forward for squeeze().")
        outputs: Tensor = answers
        return outputs

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        with drawing(seed_words(self._seed, "module", self.step), self._device):
            yield


@contextmanager
def _buffers_aside(module: nn.Module, *, aside: bool) -> Iterator[None]:
    """Let a pass change copies of the buffers, which are gone afterwards."""
    tables = [part._buffers for part in module.modules() if part._buffers] if aside else []
    own = [dict(table) for table in tables]
    for table in tables:
        table.update({name: None if one is None else one.clone() for name, one in table.items()})
    try:
        yield
    finally:
        for table, before in zip(tables, own, strict=True):
            table.update(before)


def engine_of(net: OwnNet, spec: RunSpec, split: Split) -> OwnEngine:
    """Give the engine of a run.

    Args:
        net: Its first net.
        spec: What decides it.
        split: Its data.

    Returns:
        The engine.

    Raises:
        FieldRefused: If batches of one point are to train batch normalisation.
    """
    if net.is_normed and spec.batch == 1:
        raise FieldRefused(
            f"batch 1 has no variance, and the net of {net.spec.factory} has batch normalisation",
            path="batch",
            given=1,
            allowed="2 or more",
            hint="Use 2 or more, or a normalisation of each sample by itself, such as nn.GroupNorm.",
        )
    data = split.train_x, split.train_y, spec.batch
    return OwnEngine(net, spec.optimizer, *data, **given_by(spec, split, dropout=0.0))
