"""The net that reads characters as a torch module; its parameters lie as ``CharCnn.flat`` has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from foldscape.data.encoders.characters import PADDING
from foldscape.net.char_cnn import CharCnn
from foldscape.net.kinds.char_cnn import EMBEDDED, WIDTHS
from foldscape.net.spec import Activation


def outputs_of(parameters: Sequence[Tensor], ids: Tensor, activation: Activation, slope: float) -> Tensor:
    """Give the outputs for numbers of characters.

    Args:
        parameters: Embedding, then weight and bias of each width and of the output layer, as ``CharCnn.flat``.
        ids: (N, length) int64 numbers of characters.
        activation: Activation of the filters.
        slope: Slope of leaky ReLU on its inactive side.

    Returns:
        (N, K) outputs.
    """
    embedding, *rest = parameters
    embedded = functional.embedding(ids, embedding) * (ids != PADDING)[..., None]
    along = embedded.transpose(1, 2)
    largest = []
    for width, weight, bias in zip(WIDTHS, rest[::2], rest[1::2], strict=False):
        answers = functional.conv1d(along, weight.reshape(-1, EMBEDDED, width), padding=width // 2)
        largest.append(answers.amax(dim=2) + bias)
    z = torch.cat(largest, dim=1)
    if activation == "relu":
        h = z.clamp_min(0)
    elif activation == "tanh":
        h = z.tanh()
    else:
        h = torch.where(z >= 0, z, slope * z)
    return functional.linear(h, rest[-2], rest[-1])


class CharCnnModule(nn.Module):
    """A net as a module, for everything that measures modules.

    Args:
        net: The net.
    """

    def __init__(self, net: CharCnn) -> None:
        super().__init__()
        names = ["embedding", *(f"width_{width}" for width in WIDTHS), "output"]
        embedding, *rest = (nn.Parameter(torch.from_numpy(np.array(part))) for part in net.flat())
        self.layers = nn.ParameterDict()
        self.layers[names[0]] = embedding
        for name, weight, bias in zip(names[1:], rest[::2], rest[1::2], strict=True):
            self.layers[f"{name}_weight"], self.layers[f"{name}_bias"] = weight, bias
        self._shape = net.activation, net.negative_slope

    def forward(self, ids: Tensor) -> Tensor:
        """Give the outputs (N, K) for numbers of characters (N, length)."""
        return outputs_of(list(self.layers.values()), ids, *self._shape)


def ids_of(x: np.ndarray) -> Tensor:
    """Give inputs (N, length) as numbers of characters, int64."""
    return torch.from_numpy(np.ascontiguousarray(x, np.int64))
