"""Grow many nets by one unit each, by one method (docs/utilisation.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from foldscape.engine.base import Memory
from foldscape.errors import NotPossible
from foldscape.growth.base import Change, NewUnit, Scene, widened
from foldscape.growth.folding import Folding
from foldscape.growth.folds.criteria import Pivot
from foldscape.growth.folds.direction import best_direction
from foldscape.growth.folds.gain import response
from foldscape.growth.random_direction import RandomDirection
from foldscape.net.mlp import Weights
from foldscape.studies.utilisation.crowd import outputs, stack
from foldscape.studies.utilisation.methods import MethodName
from foldscape.training.carried import memory_after

Propose = Callable[[Weights, Scene, np.random.Generator], NewUnit]


class Growing:
    """Nets that are given a unit each; one whose rule finds no fold gets a random one, and is counted.

    Args:
        nets: The nets as they are.
        memories: What each one's optimiser remembers.
        method: How the unit is chosen.
        scenes: The points that each net learns.
        chances: The generator of each net's growth.
        threads: Threads to work on; ``None`` is one a processor.
    """

    def __init__(
        self, nets: Sequence[Weights], memories: Sequence[Memory], method: MethodName,
        scenes: Sequence[Scene], chances: Iterator[np.random.Generator], threads: int | None,
    ) -> None:  # fmt: skip
        self._old = nets
        self._old_memories = memories
        self._propose = propose_by(method)
        self._scenes = scenes
        self._chances = chances
        self._threads = threads
        self.nets: list[Weights] = []
        self.memories: list[Memory] = []
        self.without_fold = 0

    def grow(self, many: int) -> None:
        """Grow so many more of the nets."""
        start = len(self.nets)
        chosen = range(start, min(start + many, len(self._old)))
        jobs = [(self._old[number], self._scenes[number], next(self._chances)) for number in chosen]
        with ThreadPoolExecutor(self._threads) as pool:
            changes = list(pool.map(lambda job: self._change(*job), jobs))
        for number, (change, found) in zip(chosen, changes, strict=True):
            self.nets.append(change.net)
            self.memories.append(memory_after(self._old_memories[number], self._old[number], change))
            self.without_fold += not found

    @property
    def kept(self) -> float:
        """Largest change of any output on any point so far; 0 where the rule keeps the function."""
        most = 0.0
        for net, old, scene in zip(self.nets, self._old, self._scenes, strict=False):
            before, after = (outputs(stack([one]), scene.x) for one in (old, net))
            most = max(most, float(np.abs(after - before).max()))
        return most

    def _change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> tuple[Change, bool]:
        try:
            return widened(net, 0, self._propose(net, scene, rng)), True
        except NotPossible:
            return widened(net, 0, RandomDirection().propose(net, scene, rng)), False


def propose_by(method: MethodName) -> Propose:
    """Give how a method chooses the new unit."""
    return _PROPOSE[method]


def _random_w_v(net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
    """Lay a random fold and draw its outgoing weights as a first layer's: uniform in ±1/sqrt(fan_in)."""
    unit = RandomDirection().propose(net, scene, rng)
    bound = 1 / np.sqrt(net.hidden[0] + 1)
    outgoing = rng.uniform(-bound, bound, len(unit.outgoing))
    return NewUnit(unit.incoming, unit.bias, outgoing, unit.score, unit.explanation)


def _gradmax_anchor(net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
    """Lay the fold through a random training point, in the direction that gradmax finds best."""
    x = scene.x.astype(np.float64)
    anchor = x[rng.integers(len(x))]
    pivot = Pivot(response(net, 0, x, scene.y), anchor, np.zeros(x.shape[1]), net.mean_row_norm(0))
    chosen = best_direction(pivot, "gradmax", rng)
    return NewUnit(chosen.weights, -float(chosen.weights @ anchor), np.zeros(2), chosen.value, {})


_PROPOSE: dict[MethodName, Propose] = {
    "random_w": RandomDirection().propose,
    "random_w_v": _random_w_v,
    "align": Folding(criterion="align", fold_point="author").propose,
    "gradmax": Folding(criterion="gradmax", fold_point="author").propose,
    "gradmax_effective": Folding(criterion="gradmax").propose,
    "newton": Folding(criterion="newton").propose,
    "newton_convex": Folding(criterion="newton", convex=True).propose,
    "gradmax_anchor": _gradmax_anchor,
}
