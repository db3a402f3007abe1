"""What runs of nets of blocks are foreseen to take, beside what they take: ``python -m benchmarks.modular forecasts``.

Runs of a few epochs, with no probes and with curvature, on one thread, processor time from the first measurement on.
A chain that torch trains stands beside: what it is off by is the machine's speed and load, and ratios are relative to
that.
Goal: within a factor of two.
"""

from __future__ import annotations

import time
from typing import Any

import torch

from benchmarks.machine import describe
from foldscape.cost.run import foresee
from foldscape.spec import RunSpec
from foldscape.training import Loop

DIGITS = {"kind": "digits"}
WORDS = {"kind": "ag_news_lite", "encoder": {"kind": "tokens"}}
LETTERS = {"kind": "ag_news_lite", "encoder": {"kind": "characters"}}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "resnet": (DIGITS, {"wiring": "resnet", "width": 8}, 4),
    "cnn": (DIGITS, {"wiring": "cnn"}, 8),
    "res_mlp": (DIGITS, {"wiring": "res_mlp"}, 8),
    "transformer": (DIGITS, {"wiring": "transformer"}, 4),
    "mobilenet_v2": (DIGITS, {"wiring": "mobilenet_v2"}, 2),
    "text, bag of words": (WORDS, {"wiring": "text", "hidden": [32]}, 6),
    "text, filters over characters": (LETTERS, {"wiring": "text", "reader": "filters", "filters": 16}, 1),
}


def taken(spec: RunSpec) -> float:
    """Give the seconds of processor time from a run's first measurement to its end."""
    events = Loop(spec).events()
    next(events)
    began = time.process_time()
    for _ in events:
        pass
    return time.process_time() - began


def spec_of(data: dict[str, Any], net: dict[str, Any], epochs: int, probes: list[dict[str, Any]]) -> RunSpec:
    """Give a run as sweeps have it, with one measurement an epoch."""
    plain = {"data": data, "net": net, "batch": 64, "stop": {"epochs": epochs}, "probes": probes, "queue": "batch"}
    return RunSpec.model_validate(plain)


def main() -> None:
    """Print each run's seconds, those foreseen, and the ratio beside that of the chain."""
    torch.set_num_threads(1)
    print(describe())
    chain = spec_of(DIGITS, {"hidden": [256]}, 40, []).model_copy(update={"engine": "torch"})
    taken(chain)
    yardstick = taken(chain) / foresee(chain).seconds
    print(f"a chain by torch takes {yardstick:.2f} times what is foreseen")
    for name, (data, net, epochs) in CASES.items():
        for probes in ([], [{"kind": "curvature"}]):
            spec = spec_of(data, net, epochs, probes)
            seconds, foreseen = taken(spec), foresee(spec).seconds
            told = "with curvature" if probes else "no probes"
            off = seconds / foreseen / yardstick
            print(f"{name:30} {told:15} {seconds:7.2f} s, foreseen {foreseen:6.2f} s: {off:.2f}", flush=True)


if __name__ == "__main__":
    main()
