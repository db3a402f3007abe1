"""Eight paced runs on one interactive worker: ``python -m benchmarks.paced``.

Each: 300 points, batch 32, 16 neurons, 20 epochs a second, watched by nobody. Goal: every one within 10 % of its pace
on two cores.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from tests.product import call, running_product

RUNS, PACE, SETTLE_S, MEASURE_S = 8, 20.0, 8, 20
SPEC = {"data": {"kind": "rings", "n": 300}, "net": {"hidden": [16]}, "batch": 32, "speed": PACE}


def main() -> None:
    """Print the pace of every run."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url:
        runs = [call(f"{url}/api/runs", SPEC | {"seed": seed})["id"] for seed in range(RUNS)]
        time.sleep(SETTLE_S)
        first = stand(url, runs)
        time.sleep(MEASURE_S)
        last = stand(url, runs)
        paces = sorted((b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(first, last, strict=True))
        for run in runs:
            call(f"{url}/api/runs/{run}/commands", {"kind": "stop"})
    inside = sum(abs(pace / PACE - 1) <= 0.1 for pace in paces)
    print(f"# {describe()}")
    print(f"{RUNS} runs at {PACE:g} epochs/s: {paces[0]:.2f} to {paces[-1]:.2f}; {inside} of {RUNS} within 10 %")


def stand(url: str, runs: list[str]) -> list[tuple[float, float]]:
    """Read (epoch, seconds) of every run, by the clock of its own last sign of life."""
    told = (call(f"{url}/api/runs/{run}") for run in runs)
    return [(summary["epoch"], summary["heartbeat"] / 1000) for summary in told]


if __name__ == "__main__":
    main()
