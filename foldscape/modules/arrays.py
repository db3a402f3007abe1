"""Arrays as people have them, as tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from foldscape.errors import InvalidInput

Tree = Any
"""A tensor, or tuples, lists and dicts of them; numbers and None may stand among them."""

SHOWN = 4
"""Entries of a tuple that are told in an error."""


def is_array(value: Any) -> bool:
    """Tell whether something is one array: a tensor, an array, a table, or nested lists of numbers."""
    if isinstance(value, list | tuple):
        return len(value) > 0 and all(
            is_number(one) or (isinstance(one, list | tuple) and is_array(one)) for one in value
        )
    return hasattr(value, "shape") and not isinstance(value, Mapping)


def is_number(value: Any) -> bool:
    """Tell whether something is one number: of Python, of numpy, or a tensor without axes."""
    return isinstance(value, bool | int | float) or getattr(value, "shape", None) == ()


def tensor_of(value: Any, what: str) -> torch.Tensor:
    """Take an array as a tensor that asks for no gradient.

    Args:
        value: What ``is_array`` knows.
        what: What it is for, in the error.

    Returns:
        The tensor, of the array's own shape; a tensor as it is, on its device, all else in memory.

    Raises:
        InvalidInput: If it holds no numbers, or rows of unequal length.
    """
    if isinstance(value, torch.Tensor):
        return value.detach()
    try:
        array = np.asarray(value)
    except ValueError as ragged:
        raise InvalidInput(
            f"The {what} are rows of unequal length.",
            hint="Pad them, or give a loader whose batches are of one length.",
        ) from ragged
    if array.dtype.kind not in "biufc":
        raise InvalidInput(
            f"The {what} are a {type(value).__name__} of {array.dtype}, not numbers.", hint="Give numbers of one shape."
        )
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.int64)
    plain = array.dtype.newbyteorder("=") if array.dtype != np.longdouble else np.dtype(np.float64)
    own = not array.flags.writeable or any(stride < 0 for stride in array.strides)
    return torch.from_numpy(np.array(array, plain) if own else array.astype(plain, copy=False))


def tree_of(value: Any, what: str) -> Tree:
    """Take arrays within tuples, lists and dicts as tensors, in the same order and under the same names.

    Returns:
        The tree; lists have become tuples, plain numbers and ``None`` stay.

    Raises:
        InvalidInput: If something among them is neither an array nor a number.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_array(value):
        return tensor_of(value, what)
    if isinstance(value, Mapping):
        return {name: tree_of(one, f"{what} {name!r}") for name, one in value.items()}
    if isinstance(value, list | tuple):
        return tuple(tree_of(one, what) for one in value)
    raise InvalidInput(
        f"Among the {what} is a {type(value).__name__}.", hint="Give arrays of numbers, in tuples or dicts if several."
    )


def mapped(tree: Tree, change: Callable[[torch.Tensor], torch.Tensor]) -> Tree:
    """Change every tensor of a tree."""
    if isinstance(tree, torch.Tensor):
        return change(tree)
    if isinstance(tree, dict):
        return {name: mapped(one, change) for name, one in tree.items()}
    return type(tree)(mapped(one, change) for one in tree) if type(tree) in (tuple, list) else tree


def leaves(tree: Tree) -> Iterator[torch.Tensor]:
    """Give every tensor of a tree."""
    if isinstance(tree, torch.Tensor):
        yield tree
    elif isinstance(tree, dict | tuple | list):
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(one)


def joined(trees: list[Tree]) -> Tree:
    """Lay the tensors of trees of one form end to end along their first axis."""
    first = trees[0]
    if isinstance(first, torch.Tensor):
        return torch.cat(trees) if len(trees) > 1 else first
    if isinstance(first, dict):
        return {name: joined([tree[name] for tree in trees]) for name in first}
    return tuple(joined(list(ones)) for ones in zip(*trees, strict=True)) if isinstance(first, tuple) else first


def form(tree: Tree) -> object:
    """Give what two trees have in common that can be joined: names, dtypes, and shapes but for the first axis."""
    if isinstance(tree, torch.Tensor):
        return tree.dtype, tree.shape[1:], tree.ndim
    if isinstance(tree, dict):
        return tuple((name, form(one)) for name, one in tree.items())
    return tuple(form(one) for one in tree) if isinstance(tree, tuple) else tree


def form_of(tree: Tree) -> str:
    """Say what a tree holds: shapes and dtypes."""
    if isinstance(tree, torch.Tensor):
        return f"{tuple(tree.shape)} {str(tree.dtype).removeprefix('torch.')}"
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{name}: {form_of(one)}" for name, one in tree.items()) + "}"
    if isinstance(tree, tuple | list):
        return "(" + ", ".join([form_of(one) for one in tree[:SHOWN]] + ["..."] * (len(tree) > SHOWN)) + ")"
    return str(tree) if isinstance(tree, bool | int | float) else type(tree).__name__
