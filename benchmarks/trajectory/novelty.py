"""The nearest training point of each test point: ``python -m benchmarks.trajectory novelty``.

Ours, exact to the last digit, beside the plain PyTorch ways in single precision: ``torch.cdist`` with ``min``, and a
matrix product in parts of the test points; for sentences the dense product of rows of length 1. All on one thread, in
process time, so that a shared machine matters less. Sets that are not on this machine are left out.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.preprocessing import normalize

from benchmarks.machine import describe
from foldscape.errors import NotOnDisk
from foldscape.neighbours.distances import nearest
from foldscape.neighbours.representation import distance_of, representation_for, represented
from foldscape.spec import RunSpec

SETS: dict[str, dict[str, Any]] = {
    "digits": {"kind": "digits"},
    "AG News, part data": {"kind": "ag_news", "part": "subset"},
    "MNIST": {"kind": "mnist"},
}
TABLE = 2**24
"""Distances held at once, as ours holds."""
LARGE = 10**7
"""Pairs from which once is enough."""


def by_cdist(train: torch.Tensor, test: torch.Tensor) -> torch.Tensor:
    """Search as it is written most often, in parts that fit into memory."""
    return torch.cat([torch.cdist(part, train).min(dim=1).indices for part in test.split(max(1, TABLE // len(train)))])


def by_product(train: torch.Tensor, test: torch.Tensor) -> torch.Tensor:
    """Search by half the squared distance, less what is the row's alone."""
    halves = train.square().sum(dim=1) / 2
    parts = test.split(max(1, TABLE // len(train)))
    return torch.cat([(halves - part @ train.T).min(dim=1).indices for part in parts])


def by_cosine(train: torch.Tensor, test: torch.Tensor) -> torch.Tensor:
    """Search by the product of rows of length 1."""
    parts = test.split(max(1, TABLE // len(train)))
    return torch.cat([(part @ train.T).max(dim=1).indices for part in parts])


def seconds(search: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Give the median process time of a search, and what it found."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        found = search()
        spent.append(time.process_time() - began)
    return statistics.median(spent), found


def told(name: str, plain: dict[str, Any]) -> None:
    """Print the figures of one set."""
    split = RunSpec.model_validate({"data": plain, "probes": []}).load()
    kind = representation_for("auto", split)
    train, test = represented(kind, split)
    pairs = train.shape[0] * test.shape[0]
    times = 1 if pairs > LARGE else 5
    ours, found = seconds(lambda: nearest(train, test, distance_of(kind)), times)
    print(f"{name}: {train.shape[0]} x {test.shape[0]} by {kind}, {train.shape[1]} numbers; ours {ours:.3f} s")
    if kind == "words":
        rows = [torch.from_numpy(normalize(part).astype(np.float32).toarray()) for part in (train, test)]
        peers: dict[str, Callable[..., torch.Tensor]] = {"dense product": by_cosine}
    else:
        rows = [torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in (train, test)]
        peers = {"torch.cdist": by_cdist, "product in parts": by_product}
    for words, search in peers.items():
        took, other = seconds(lambda search=search: search(*rows), times)  # type: ignore[misc]
        same = float((other.numpy() == found.index).mean())
        print(f"  {words:16} {took:.3f} s   ratio {took / ours:.1f}   same neighbour {same:.2%}", flush=True)


def main() -> None:
    """Print the figures and the ratios."""
    torch.set_num_threads(1)
    print(f"# {describe()}; numpy {np.__version__}, torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    for name, plain in SETS.items():
        try:
            told(name, plain)
        except NotOnDisk as error:
            print(f"{name}: left out, {error}")


if __name__ == "__main__":
    main()
