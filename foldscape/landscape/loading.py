"""Data as people have it: a pair of arrays, or a loader of batches."""

from __future__ import annotations

from typing import Any

import torch

from foldscape.errors import InvalidInput


def loaded(data: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Take inputs and labels from a pair or a loader.

    Args:
        data: The pair (X, y) of arrays or tensors, or an iterable of such pairs. A loader should not shuffle or
            augment, or two calls measure on different data.

    Returns:
        All inputs and all labels, in the loader's order.

    Raises:
        InvalidInput: If it is neither, or empty.
    """
    if isinstance(data, tuple | list) and len(data) == 2 and all(hasattr(part, "shape") for part in data):
        return torch.as_tensor(data[0]), torch.as_tensor(data[1])
    try:
        batches = [(torch.as_tensor(batch[0]), torch.as_tensor(batch[1])) for batch in data]
    except (TypeError, IndexError, KeyError) as wrong:
        raise InvalidInput(
            f"Data of type {type(data).__name__} cannot be read.", hint="Give (X, y) or a loader of such pairs."
        ) from wrong
    if not batches:
        raise InvalidInput("The loader gave no batch.", hint="Give at least one sample.")
    return torch.cat([inputs for inputs, _ in batches]), torch.cat([labels for _, labels in batches])
