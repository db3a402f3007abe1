"""The engine of nets that read characters: the torch engine with another forward pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from torch import Tensor

from foldscape.engine.char_cnn.module import outputs_of
from foldscape.engine.torch_engine import TorchEngine, as_array
from foldscape.net.char_cnn import CharCnn
from foldscape.net.mlp import Weights

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class CharCnnEngine(TorchEngine):
    """Mini-batch training of a net that reads characters; see ``TorchEngine``."""

    _net: CharCnn

    @property
    def weights(self) -> CharCnn:
        """A copy of the present parameters."""
        embedding, *rest = map(as_array, self._params)
        return replace(self._net, embedding=embedding, weights=tuple(rest[::2]), biases=tuple(rest[1::2]))

    def _place(self, weights: Weights) -> list[Tensor]:
        self._net = cast(CharCnn, weights)
        return [self._tensor(part) for part in weights.flat()]

    def _noisy_logits(self, x: Tensor, y: Tensor, momentum: float) -> Tensor:
        return self._logits_at_rest(x)

    def _logits_at_rest(self, x: Tensor) -> Tensor:
        return outputs_of(self._params, x.long(), self._activation, self._slope)


def engine_of(net: CharCnn, spec: RunSpec, split: Split) -> CharCnnEngine:
    """Give the engine of a run; see ``foldscape.engine.choose.engine_for``."""
    data = split.train_x, split.train_y, spec.batch
    return CharCnnEngine(net, spec.optimizer, *data, spec.device, spec.loss, spec.other_terms, spec.chance)
