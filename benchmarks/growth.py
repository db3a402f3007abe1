"""How long each growth rule takes on 64-100-10 trained on digits, beside an epoch; folds on nets of the plane.

Usage: python -m benchmarks.growth
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.machine import describe
from foldscape.errors import NotPossible
from foldscape.growth.base import GrowthRule
from foldscape.growth.folds import warm
from foldscape.growth.folds.gain_map import gain_map
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training import Loop
from foldscape.training.proposing import scene_of

GOAL = 100.0
RULES = kinds("foldscape.growth", GrowthRule)
SPECIAL = {"line": "lines are laid on the plane only", "register_layers": "100 units would be 100 layers"}


PROPOSAL_GOAL, MAP_GOAL = 3.0, 60.0
PLANE_WIDTHS = (2, 4, 8, 16)
"""Hidden units of the nets of the plane."""


def on_the_plane(width: int) -> Loop:
    """Give a run of 2-width-2 on 300 points of moons that overlap, after 100 epochs."""
    loop = Loop(
        RunSpec.model_validate(
            {
                "data": {"kind": "moons", "n": 300, "noise": 0.35},
                "net": {"hidden": [width]},
                "optimizer": {"kind": "adam", "lr": 0.01},
                "stop": {"epochs": 100, "plateau": None},
            }
        )
    )
    for _ in loop.events():
        pass
    return loop


def tell_folds() -> None:
    """Print what one proposal of ``folding`` and one map of gains take on nets of the plane."""
    folding = RULES["folding"].model_validate({"kind": "folding"})
    for width in PLANE_WIDTHS:
        loop = on_the_plane(width)
        net, scene = loop.subject.net, scene_of(loop.subject)
        proposal = median_ms(lambda n=net, s=scene: folding.change(n, s, np.random.default_rng(0)), 15)  # type: ignore[misc]
        gains = median_ms(lambda n=net, s=scene: gain_map(n, s), 9)  # type: ignore[misc]
        print(
            f"2-{width}-2, 300 points: proposal of folding {proposal[0]:.1f} ms, of it CPU {proposal[1]:.1f} (goal "
            f"{PROPOSAL_GOAL:g}); gains at 33 by 33 places in 24 directions {gains[0]:.1f} ms (goal {MAP_GOAL:g})"
        )


def trained() -> Loop:
    """Give a run of 64-100-10 on digits after 10 epochs."""
    loop = Loop(
        RunSpec.model_validate(
            {
                "data": {"kind": "digits"},
                "net": {"hidden": [100]},
                "optimizer": {"kind": "adam", "lr": 0.003},
                "stop": {"epochs": 10, "plateau": None},
            }
        )
    )
    for _ in loop.events():
        pass
    return loop


def median_ms(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Give the median of the wall clock and of this thread's own time."""
    walls, threads = [], []
    for _ in range(rounds):
        wall, thread = time.perf_counter(), time.thread_time()
        work()
        walls.append(1e3 * (time.perf_counter() - wall))
        threads.append(1e3 * (time.thread_time() - thread))
    return statistics.median(walls), statistics.median(threads)


def main() -> None:
    """Print one line a rule."""
    print(describe())
    warm()
    tell_folds()
    loop = trained()
    net, scene = loop.subject.net, scene_of(loop.subject)
    count = len(scene.x)

    def epoch() -> None:
        loop.engine.begin_epoch(np.arange(count))
        loop.engine.train(0, loop.steps_per_epoch)

    print(f"one epoch of {count} digits, batch {loop.spec.batch}: {median_ms(epoch, 9)[0]:.1f} ms")
    print(f"{'rule':18} {'median':>9} {'of it CPU':>11}   (goal: below {GOAL:g} ms)")
    for kind, rule in RULES.items():
        if kind in SPECIAL:
            print(f"{kind:18} {'–':>9}   {SPECIAL[kind]}")
            continue
        chosen = rule.model_validate({"kind": kind})

        def change(chosen: GrowthRule = chosen) -> object:
            return chosen.change(net, scene, np.random.default_rng(0))

        try:
            wall, thread = median_ms(change, 9)
        except NotPossible as refused:
            print(f"{kind:18} {'–':>9}   {refused}")
            continue
        print(f"{kind:18} {wall:6.1f} ms {thread:8.1f} ms{'' if wall < GOAL else '   above the goal'}")


if __name__ == "__main__":
    main()
