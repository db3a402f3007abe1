"""The net that reads characters as a torch module; its parameters lie as ``CharCnn.flat`` has them.

Of all places of a sentence only the one with a filter's largest answer counts. Filters pass along whole sentences once,
without derivatives, to find it; there the answer is a sum over the filter's width of what each character adds, looked
up in a table of characters, filters and offsets. Derivatives pass through that sum alone, so that they cost no more
for a long sentence than for a short one: a Hessian product takes a hundredth of that through the convolution.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from foldscape.data.encoders.base import PADDING
from foldscape.data.encoders.characters import SYMBOLS
from foldscape.net.char_cnn import CharCnn
from foldscape.net.kinds.char_cnn import EMBEDDED, WIDTHS
from foldscape.net.relu import relu
from foldscape.net.spec import Activation

AT_ONCE = 128
"""Sentences that filters pass along together: what they see stays in cache."""


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
    known = embedding * (torch.arange(SYMBOLS, device=ids.device) != PADDING)[:, None]
    filters = zip(WIDTHS, rest[::2], rest[1::2], strict=False)
    z = torch.cat(
        [_largest(known, weight.reshape(-1, EMBEDDED, width), ids) + bias for width, weight, bias in filters], dim=1
    )
    if activation == "relu":
        h = relu(z)
    elif activation == "tanh":
        h = z.tanh()
    else:
        h = torch.where(z >= 0, z, slope * z)
    return functional.linear(h, rest[-2], rest[-1])


def _largest(embedding: Tensor, filters: Tensor, ids: Tensor) -> Tensor:
    """Give the largest answer of each filter (F, 16, width) along each sentence, (N, F)."""
    count, _, width = filters.shape
    with torch.no_grad():
        place = torch.cat([_place(embedding, filters, part) for part in torch.split(ids, AT_ONCE)])
    padded = functional.pad(ids, (width // 2, width // 2), value=PADDING)
    offsets = torch.arange(width, device=ids.device)
    seen = padded[:, None].expand(-1, count, -1).gather(2, place[..., None] + offsets)  # (N, F, width)
    adds = torch.einsum("se,fek->fks", embedding, filters)
    first = SYMBOLS * (width * torch.arange(count, device=ids.device)[:, None] + offsets)
    return adds.flatten().index_select(0, (first + seen).flatten()).view(seen.shape).sum(dim=2)


def _place(embedding: Tensor, filters: Tensor, ids: Tensor) -> Tensor:
    along = functional.embedding(ids, embedding).transpose(1, 2)
    return functional.conv1d(along, filters, padding=filters.shape[2] // 2).argmax(dim=2)


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
