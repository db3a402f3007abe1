"""Changing the pictures of an update: ``python -m benchmarks.modular augment``.

A batch of 128 pictures of CIFAR-10's size, cropped, flipped and with a square cut out: ours, all at once; plainly,
picture by picture in torch and in numpy, as data loaders do it. Beside them an update of ResNet-8 on that batch, with
augmentation and without. Medians of rounds in turn, processor time on one thread, so that a shared machine matters
less. Then the memory of a whole CIFAR-10: numbers of its size, read and normalised.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.augmentation import Augmentation
from foldscape.augmentation.crop import Crop
from foldscape.augmentation.cutout import Cutout
from foldscape.augmentation.flip import Flip
from foldscape.engine.augmented import Augmenter
from foldscape.engine.modular import ModularEngine
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Momentum

BATCH, SHAPE, ROUNDS = 128, (3, 32, 32), 15
KINDS: dict[str, tuple[Augmentation, ...]] = {
    "crop": (Crop(),),
    "flip": (Flip(),),
    "cutout": (Cutout(),),
    "all three": (Crop(), Flip(), Cutout()),
}
PEAK = """
import resource
import numpy as np
from foldscape.data.base import Split
from foldscape.data.pictures import scaled
from foldscape.data.scaling import as_read
pixels = np.full((60_000, 3072), 7, np.uint8)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
before = peak()
y = np.zeros(60_000, np.int64)
split = Split(scaled(pixels[:50_000]), y[:50_000], scaled(pixels[50_000:]), y[50_000:], 10, (3, 32, 32))
read = peak()
as_read(split, "channels")
print(f"bytes {before:.0f} MB, read {read:.0f} MB, normalised too {peak():.0f} MB")
"""


def one_by_one_torch(x: Tensor, kinds: tuple[Augmentation, ...], rng: np.random.Generator) -> Tensor:
    """Change pictures as a data loader in torch does, with its own draws."""
    changed = []
    for picture in x.reshape(-1, *SHAPE):
        for kind in kinds:
            if isinstance(kind, Crop):
                top, left = rng.integers(0, 2 * kind.padding + 1, 2)
                picture = functional.pad(picture, (kind.padding,) * 4)[:, top : top + 32, left : left + 32]
            elif isinstance(kind, Flip):
                picture = picture.flip(2) if rng.random() < kind.share else picture
            elif isinstance(kind, Cutout):
                top, left = rng.integers(0, 32, 2) - kind.side // 2
                picture = picture.clone()
                picture[:, max(top, 0) : top + kind.side, max(left, 0) : left + kind.side] = 0
        changed.append(picture)
    return torch.stack(changed).reshape(len(x), -1)


def one_by_one_numpy(x: np.ndarray, kinds: tuple[Augmentation, ...], rng: np.random.Generator) -> np.ndarray:
    """Change pictures in numpy, one after another."""
    changed = np.empty_like(x).reshape(-1, *SHAPE)
    for row, picture in enumerate(x.reshape(-1, *SHAPE)):
        for kind in kinds:
            if isinstance(kind, Crop):
                framed = np.pad(picture, ((0, 0), (kind.padding,) * 2, (kind.padding,) * 2))
                top, left = rng.integers(0, 2 * kind.padding + 1, 2)
                picture = framed[:, top : top + 32, left : left + 32]
            elif isinstance(kind, Flip):
                picture = picture[:, :, ::-1] if rng.random() < kind.share else picture
            elif isinstance(kind, Cutout):
                top, left = rng.integers(0, 32, 2) - kind.side // 2
                picture = picture.copy()
                picture[:, max(top, 0) : top + kind.side, max(left, 0) : left + kind.side] = 0
        changed[row] = picture
    return changed.reshape(len(x), -1)


def medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Give the median milliseconds of each way, rounds in turn."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            spent[name].append(1e3 * (time.process_time() - began))
    return {name: median(each[2:]) for name, each in spent.items()}


def engine(augmenter: Augmenter | None, x: np.ndarray, y: np.ndarray) -> ModularEngine:
    """Give the engine of ResNet-8 at the beginning of an epoch."""
    spec = NetSpec(wiring="resnet", n=1, width=16)  # type: ignore[call-arg]
    net = spec.first_on(SHAPE, 10, np.random.default_rng(0))
    made = ModularEngine(net, Momentum(lr=0.05), x, y, BATCH, augmenter=augmenter)  # type: ignore[arg-type]
    made.begin_epoch(np.arange(len(x)))
    return made


def main() -> None:
    """Print ours beside the others."""
    print(f"# {describe()}; torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    x, y = rng.random((BATCH, 3072), np.float32), rng.integers(0, 10, BATCH)
    tensor, chosen = torch.from_numpy(x), torch.arange(BATCH)
    for name, kinds in KINDS.items():
        augmenter = Augmenter(kinds, SHAPE, 0, BATCH)
        found = medians(
            {
                "ours": lambda augmenter=augmenter: augmenter.changed(tensor, chosen),
                "torch": lambda kinds=kinds: one_by_one_torch(tensor, kinds, rng),
                "numpy": lambda kinds=kinds: one_by_one_numpy(x, kinds, rng),
            }
        )
        ours = found["ours"]
        print(
            f"{name}: ours {ours:.2f} ms, torch one by one {found['torch']:.2f} ms ({found['torch'] / ours:.1f}), "
            f"numpy {found['numpy']:.2f} ms ({found['numpy'] / ours:.1f})"
        )
    plain, changing = engine(None, x, y), engine(Augmenter(KINDS["all three"], SHAPE, 0, BATCH), x, y)
    found = medians({"without": lambda: plain.train(0, 1), "with": lambda: changing.train(0, 1)})
    print(f"an update of ResNet-8: {found['without']:.1f} ms, with all three {found['with']:.1f} ms")
    points = Augmenter(KINDS["all three"], SHAPE, 0, 50_000)
    drawn = medians({"draws": lambda: points.begin_epoch(1)})
    print(f"draws of an epoch of 50,000 pictures: {drawn['draws']:.1f} ms")
    print(subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True).stdout, end="")


if __name__ == "__main__":
    main()
