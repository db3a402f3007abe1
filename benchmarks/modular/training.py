"""Training in a run beside a tight eager loop: ``python -m benchmarks.modular training``.

ResNet-8 and a CNN on pictures of the shape of digits and of CIFAR-10, by momentum, batches of 128. Ours is the engine
as a run drives it, from the order of an epoch to its last update; the plain way is the same net as ``torch.nn`` modules
with ``torch.optim.SGD``, data as one tensor, batches taken by index. Rounds alternate; medians of wall and process
time. Then the first batch: from the spec to the first update done, in a process of its own.
Goal: at least 0.95 of the plain loop's speed; the first batch within 2 s.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.engine.modular import ModularEngine
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Momentum

ROUNDS, BATCH, LR, MOMENTUM = 7, 128, 0.05, 0.9
CASES: dict[str, tuple[dict[str, Any], tuple[int, ...], int]] = {
    "resnet, digits": ({"wiring": "resnet", "n": 1, "width": 8}, (1, 8, 8), 1437),
    "resnet, CIFAR": ({"wiring": "resnet", "n": 1, "width": 16}, (3, 32, 32), 512),
    "cnn, digits": ({"wiring": "cnn"}, (1, 8, 8), 1437),
    "cnn, CIFAR": ({"wiring": "cnn", "channels": (16, 32, 32), "pool": (True, True, False)}, (3, 32, 32), 1024),
}
FIRST = """
import time; began = time.perf_counter()
from foldscape.spec import RunSpec
from foldscape.training import Loop
spec = RunSpec.model_validate({"data": {"kind": "digits"}, "net": {"wiring": "resnet"}, "probes": []})
loop = Loop(spec)
engine = loop.engine
import numpy as np
engine.begin_epoch(np.arange(1437))
engine.train(0, 1)
print(time.perf_counter() - began)
"""


class PlainBlock(nn.Module):
    """A residual block as people write it."""

    def __init__(self, came: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(came, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.norm2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.stride, self.more = stride, out - came

    def forward(self, x: Tensor) -> Tensor:
        """Pass a batch through."""
        h = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        if self.more or self.stride > 1:
            x = functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.more // 2, self.more // 2))
        return functional.relu(h + x)


def plain_resnet(width: int, channels: int) -> nn.Module:
    """Give ResNet-8 as people write it."""
    stem = [nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    blocks = [PlainBlock(width, width, 1), PlainBlock(width, 2 * width, 2), PlainBlock(2 * width, 4 * width, 2)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, 10))


def plain_cnn(channels: tuple[int, ...], pool: tuple[bool, ...], came: int) -> nn.Module:
    """Give a CNN as people write it."""
    layers: list[nn.Module] = []
    for out, pooled in zip(channels, pool, strict=True):
        layers += [nn.Conv2d(came, out, 3, 1, 1), nn.ReLU(), *([nn.MaxPool2d(2)] if pooled else [])]
        came = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(came, 10))


def ours(net: dict[str, Any], shape: tuple[int, ...], x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Give an epoch by the engine of a run."""
    begun = NetSpec(**net).first_on(shape, 10, np.random.default_rng(0))
    engine = ModularEngine(begun, Momentum(lr=LR, momentum=MOMENTUM), x, y, BATCH)
    order = np.random.default_rng(1).permutation(len(y))

    def epoch() -> None:
        engine.begin_epoch(order)
        engine.train(0, -(-len(y) // BATCH))

    return epoch


def plain(net: dict[str, Any], shape: tuple[int, ...], x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Give an epoch by ``torch.optim``."""
    torch.manual_seed(0)
    spec: Any = NetSpec(**net)
    module = (
        plain_resnet(spec.width, shape[0]) if spec.wiring == "resnet" else plain_cnn(spec.channels, spec.pool, shape[0])
    )
    optimizer = torch.optim.SGD(module.parameters(), LR, MOMENTUM)
    samples, labels = torch.from_numpy(x).view(-1, *shape), torch.from_numpy(y)
    order = torch.from_numpy(np.random.default_rng(1).permutation(len(y)))

    def epoch() -> None:
        for chosen in torch.split(order, BATCH):
            loss = functional.cross_entropy(module(samples[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Give wall and process seconds."""
    began = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def main() -> None:
    """Print the table."""
    print(describe())
    print("| net | ours, updates/s | plain loop | ratio (wall) | ratio (process) |\n|---|---|---|---|---|")
    for name, (net, shape, points) in CASES.items():
        rng = np.random.default_rng(0)
        x = rng.random((points, int(np.prod(shape))), dtype=np.float32)
        y = rng.integers(0, 10, points)
        ways = ours(net, shape, x, y), plain(net, shape, x, y)
        for work in ways:
            work()
        rounds = [[timed(work) for work in ways] for _ in range(ROUNDS)]
        wall, process = ([median(each[way][of] for each in rounds) for way in (0, 1)] for of in (0, 1))
        updates = -(-points // BATCH)
        print(f"| {name} | {updates / wall[0]:.1f} | {updates / wall[1]:.1f} | {wall[1] / wall[0]:.2f} "
              f"| {process[1] / process[0]:.2f} |", flush=True)  # fmt: skip
    seconds = [float(subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True).stdout)
               for _ in range(3)]  # fmt: skip
    print(f"first batch done {median(seconds):.2f} s after the start of its process (goal 2)")
