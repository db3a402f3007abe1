"""The one reader of data: pairs, tables, data sets and loaders, read once.

=====================================  ==========================================================================
what is given                          what is read
=====================================  ==========================================================================
``X, y`` or the pair ``(X, y)``        arrays, tensors, tables or lists; ``X`` a tuple for a net of several inputs,
                                       a dict for one of named inputs
a dict                                 one batch: its labels under a name in ``LABELS``, the rest are inputs
a data set                             all its samples, in order
a loader, a list, any iterable         its batches ``(inputs, labels)``, further entries are left out; or dicts
=====================================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler, TensorDataset, default_collate

from foldscape.errors import InvalidInput
from foldscape.modules.arrays import form_of, is_array, is_number, leaves, tensor_of, tree_of
from foldscape.modules.samples import Batch, Samples

LABELS = ("labels", "label", "targets", "target", "y")
"""Names under which a dict holds its labels; the first that is there counts."""

READ_AT_ONCE = 256
"""Samples of a data set that are collated together."""

WANTED = "Give (X, y), a data set, or a loader of pairs (inputs, labels) or of dicts with 'labels'."


def read_samples(data: Any, y: Any = None, *, whole: bool = False) -> Samples:
    """Read data once, into memory.

    A loader that shuffles its data set is read in the data set's own order: two calls see the same samples in the same
    places.

    Args:
        data: Inputs if ``y`` is given; else what the table of this module lists, or samples that were read before.
        y: Labels, first axis as the inputs'.
        whole: Whether the loss takes whole batches (``BatchLoss``), which then have no labels apart.

    Returns:
        All samples, in as few batches as their shapes allow.

    Raises:
        InvalidInput: If it is none of those, empty, or inputs and labels do not go together; it says what came.
    """
    if isinstance(data, Samples):
        return data
    if whole:
        given = data if y is None else (data, y)
        return Samples.of([_whole(batch) for batch in ([given] if _is_one_batch(given) else _iterated(given))])
    if y is not None:
        return Samples.of([_pair(data, y)])
    if isinstance(data, Mapping) or _is_pair(data):
        return Samples.of([_batch(data)])
    if is_array(data):
        raise InvalidInput(f"Inputs came without labels: {_named(data)}.", hint=WANTED)
    return Samples.of([_batch(batch) for batch in _iterated(data)])


def inputs_of(data: Any) -> Samples:
    """Read inputs alone; labels are left out where there are some.

    Returns:
        The samples.

    Raises:
        InvalidInput: As for ``read_samples``.
    """
    if is_array(data) or (isinstance(data, Mapping) and not any(name in data for name in LABELS)):
        return Samples.of([_whole(data)])
    return read_samples(data)


def classes_of(samples: Samples) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Give inputs and classes where the data are one tensor of samples with a class each, as plain nets take them.

    Args:
        samples: The data.

    Returns:
        Inputs (N, ...) and labels (N,), or ``None`` where there is anything that plain nets do not know.
    """
    if len(samples.batches) != 1:
        return None
    inputs, labels = samples.batches[0].inputs, samples.batches[0].labels
    if not isinstance(inputs, torch.Tensor) or not inputs.is_floating_point() or labels is None or labels.ndim != 1:
        return None
    return None if labels.is_floating_point() or bool((labels < 0).any()) else (inputs, labels.long())


def _is_one_batch(given: Any) -> bool:
    if given is None or is_array(given) or isinstance(given, Mapping):
        return True
    return isinstance(given, tuple | list) and len(given) > 0 and all(is_array(one) for one in given)


def _is_pair(data: Any) -> bool:
    """Tell the pair (X, y) from a list of two batches: the second is an array, the first one or several of them."""
    if not isinstance(data, tuple | list) or len(data) != 2 or not is_array(data[1]):
        return False
    return _axes(data[1]) > 0 and (isinstance(data[0], Mapping | tuple | list) or is_array(data[0]))


def _axes(value: Any) -> int:
    return len(getattr(value, "shape", (0,)))


def _iterated(data: Any) -> Iterator[Any]:
    """Give the batches of a data set, a loader, or anything that can be iterated over."""
    if isinstance(data, TensorDataset):
        yield data.tensors
        return
    batches = list(_ordered(data))
    if not batches:
        raise InvalidInput(
            f"The data are empty: a {type(data).__name__} gave no batch.", hint="Give at least one sample."
        )
    if not isinstance(data, Dataset) and not all(map(_is_sample, batches)):
        yield from batches
        return
    for first in range(0, len(batches), READ_AT_ONCE):
        yield _collated(batches[first : first + READ_AT_ONCE])


def _ordered(data: Any) -> Iterable[Any]:
    if isinstance(data, DataLoader) and _shuffles(data):
        return DataLoader(data.dataset, batch_size=data.batch_size, collate_fn=data.collate_fn)
    if isinstance(data, Dataset) and hasattr(data, "__len__"):
        return (data[i] for i in range(len(data)))
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return data
    raise InvalidInput(f"Data of type {type(data).__name__} cannot be read.", hint=WANTED)


def _shuffles(loader: DataLoader[Any]) -> bool:
    """Tell whether a loader draws its data set in random order, each sample once."""
    sampler = loader.sampler
    each_once = type(sampler) is RandomSampler and not sampler.replacement and len(sampler) == len(loader.dataset)  # type: ignore[arg-type]
    return each_once and loader.batch_size is not None and not loader.drop_last


def _is_sample(entry: Any) -> bool:
    """Tell a single sample from a batch: its label has no axis."""
    if isinstance(entry, Mapping):
        found = [entry[name] for name in LABELS if name in entry]
        return bool(found) and is_number(found[0])
    return isinstance(entry, tuple | list) and len(entry) >= 2 and is_number(entry[1])


def _collated(samples: list[Any]) -> Any:
    try:
        return default_collate(samples)
    except (RuntimeError, TypeError, KeyError) as complaint:
        raise InvalidInput(
            f"Samples could not be put together to batches: {str(complaint).splitlines()[0][:120]}",
            hint="Give a loader whose collate_fn pads them.",
        ) from complaint


def _batch(batch: Any) -> Batch:
    """Take inputs and labels from a batch as a loader gives it."""
    if isinstance(batch, Mapping):
        name = next((name for name in LABELS if name in batch), None)
        if name is None:
            raise InvalidInput(
                f"A batch with {', '.join(map(repr, batch)) or 'nothing'} has no labels.",
                hint=f"Name them {' or '.join(map(repr, LABELS))}, or give a BatchLoss, which needs none.",
            )
        return _pair({key: value for key, value in batch.items() if key != name}, batch[name])
    if isinstance(batch, tuple | list) and len(batch) >= 2:
        return _pair(batch[0], batch[1])
    raise InvalidInput(f"A batch is {_named(batch)}, without labels.", hint=WANTED)


def _pair(X: Any, y: Any) -> Batch:
    if not is_array(y):
        raise InvalidInput(f"The labels are {_named(y)}.", hint=f"One array is wanted. {WANTED}")
    inputs, labels = tree_of(X, "inputs"), tensor_of(y, "labels")
    tensors = list(leaves(inputs))
    counts = [len(tensor) if tensor.ndim else 0 for tensor in (*tensors, labels)]
    if not tensors or min(counts) == 0 or len(set(counts)) > 1:
        raise InvalidInput(
            f"Inputs {form_of(inputs)} came with labels {form_of(labels)}.",
            hint="All must have the same first axis, the samples, and at least one. "
            "What cannot be cut by samples goes with a BatchLoss.",
        )
    return Batch(inputs, labels, counts[0])


def _whole(batch: Any) -> Batch:
    tree = tree_of(batch, "data")
    counts = {len(tensor) if tensor.ndim else 0 for tensor in leaves(tree)}
    if 0 in counts and len(counts) == 1 and all(tensor.ndim for tensor in leaves(tree)):
        raise InvalidInput(f"A batch holds no sample: {form_of(tree)}.", hint="Give at least one sample.")
    size = counts.pop() if len(counts) == 1 else 0
    return Batch(tree, None, size or 1, divisible=size > 0)


def _named(value: Any) -> str:
    shown = form_of(value) if isinstance(value, torch.Tensor | Mapping | tuple) else ""
    return f"a {type(value).__name__} {shown}".strip()
