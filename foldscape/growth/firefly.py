"""Firefly: units that split, new units and new layers compete in one ranking (Wu et al. 2021, arXiv 2102.08574)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, GrowthRule, Scene, check_layer, listing_settings
from foldscape.growth.fireflies.carry import apply_candidates
from foldscape.growth.fireflies.scores import gains
from foldscape.growth.fireflies.tuning import bounds, drawn, tuned
from foldscape.growth.ranking import Candidate, Cost, cost_in, cost_of_unit, ranked, ranking_as_json
from foldscape.growth.sampled import sampled

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.fireflies.swarm import LossAndErrors, Swarm
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet


class Firefly(GrowthRule):
    """Switch on many candidates a little, train them together, and keep those that lower the loss most.

    Every unit may split in two, every hidden layer may get new units, and behind every hidden layer a new one may be
    added on to what passes by. Each candidate has a small ε; all ε and directions are trained while the net stands
    still. A candidate is worth -ε̃ s, by how much the loss would rise without it; what would lower the loss if it were
    left out is never kept. What is not kept is removed.
    """

    model_config = listing_settings("widening", "Firefly", "competing candidates")
    grows: ClassVar[tuple[str, ...]] = ("layers", "blocks")

    kind: Literal["firefly"] = "firefly"
    layer: int | None = Field(None, ge=0, le=127)
    """Hidden layer, or block, from 0, at which candidates stand; ``null`` for all."""
    count: int = Field(1, ge=1, le=64)
    """Candidates that are kept, at the most."""
    eps: float = Field(0.1, gt=0, le=1)
    """Bound of ε, as a share of the mean norm of the layer's incoming (splits) and outgoing (new units) weights."""
    candidates: int = Field(20, ge=0, le=256)
    """New units that stand for election in each hidden layer."""
    deeper: int = Field(0, ge=0, le=64)
    """Units of a new layer that stand for election behind each hidden layer; not for tanh."""
    least_deep: int = Field(2, ge=1, le=64)
    """A new layer of fewer units than this is dropped, and its places go to others."""
    steps: int = Field(20, ge=0, le=2000)
    """Updates in which the candidates are trained; a few hundred in the paper."""
    sample: int = Field(256, ge=0, le=1_000_000)
    """Training points on which they are trained and rated; 0 for all."""
    score: Literal["midpoint", "endpoint"] = "midpoint"
    """Mean slope of the loss between 0 and ε̃, each candidate by itself (in blocks: all together); or the slope at ε̃,
    all at once."""
    nodes: int = Field(3, ge=1, le=64)
    """Slopes taken for that mean."""
    cost: Cost = "neurons"
    """Candidates are ranked by the gain for each neuron, parameter or operation that they cost."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Draw, train, rank and keep candidates."""
        if net.can.grown_as == "blocks":
            from foldscape.growth.blocks.firefly import firefly_in_blocks

            return firefly_in_blocks(self, cast("ModularNet", net), scene, rng)
        check_layer(net, self.layer or 0)
        self._check(net)
        x, y = sampled(scene, self.sample, rng)
        objective = scene.loss.both
        swarm = self.trained(net.astype(np.float64), x, y, objective, rng)
        ranking = self.ranking(swarm, x, y, objective)
        chosen = self.chosen(ranking)
        if not chosen:
            raise NotPossible(
                f"None of {len(ranking)} candidates lowers the loss.", hint="Let the net train, or raise eps or steps."
            )
        grown, came_from, copies = apply_candidates(net, swarm.groups, chosen)
        best = chosen[0]
        layer = came_from.index(best.layer) + (best.kind == "deeper")
        explanation: dict[str, Any] = {
            "ranking": ranking_as_json(ranking, chosen),
            "gain_predicted": sum(each.gain for each in chosen),
            "candidates": len(ranking),
        }
        k_new = sum(grown.hidden) - sum(net.hidden)
        return Change(grown, came_from, layer, k_new, best.worth, explanation, copies=copies)

    def trained(self, net: Weights, x: FloatArray, y: Any, objective: LossAndErrors, rng: np.random.Generator) -> Swarm:
        """Draw candidates for a net and train them.

        Args:
            net: The net, float64 and without normalisation.
            x: (N, d) inputs.
            y: What the objective compares the outputs with.
            objective: The loss.
            rng: Draws them.

        Returns:
            The candidates as they end.
        """
        limits = bounds(net, self.eps, self.layer)
        swarm = drawn(net, x, y, objective, limits, self.candidates, self.deeper, rng)
        return tuned(swarm, x, y, objective, limits, self.steps)

    def ranking(self, swarm: Swarm, x: FloatArray, y: Any, objective: LossAndErrors) -> list[Candidate]:
        """Rank trained candidates, the best first.

        Args:
            swarm: Net and candidates.
            x: (N, d) inputs.
            y: What the objective compares the outputs with.
            objective: The loss.

        Returns:
            Candidates of all layers, with their scores.
        """
        found = []
        for layer, rated in enumerate(gains(swarm, x, y, objective, self.nodes if self.score == "midpoint" else 0)):
            if self.layer not in (None, layer):
                continue
            beside, behind = cost_in(swarm.net, layer, self.cost), self._cost_behind(swarm.net, layer)
            found += [
                Candidate("split", layer, unit, gain, beside) for unit, gain in enumerate(rated["split"].tolist())
            ]
            found += [Candidate("new", layer, unit, gain, beside) for unit, gain in enumerate(rated["new"].tolist())]
            found += [
                Candidate("deeper", layer, unit, gain, behind) for unit, gain in enumerate(rated["deep"].tolist())
            ]
        return ranked(found)

    def chosen(self, ranking: list[Candidate]) -> list[Candidate]:
        """Give the candidates to keep: the first that gain, without new layers of too few units.

        Args:
            ranking: All of them, the best first.

        Returns:
            At most ``count`` of them.
        """
        left = [each for each in ranking if each.gain > 0]
        while True:
            taken = left[: self.count]
            gaps = [each.layer for each in taken if each.kind == "deeper"]
            thin = {layer for layer in gaps if gaps.count(layer) < self.least_deep}
            if not thin:
                return taken
            left = [each for each in left if each.kind != "deeper" or each.layer not in thin]

    def _cost_behind(self, net: Weights, layer: int) -> float:
        return cost_of_unit(net.hidden[layer], len(net.biases[layer + 1]), self.cost)

    def _check(self, net: Weights) -> None:
        if net.is_normed:
            raise NotPossible(
                "A layer of this net has batch normalisation, through which Firefly cannot place its candidates.",
                hint="Grow it by GradMax or splitting.",
            )
        if self.deeper and net.activation == "tanh":
            raise NotPossible(
                "A layer of tanh units bends whatever passes through it, so no new layer can be added on to it.",
                hint="Take deeper 0, or a net with relu or leaky_relu.",
            )
        if self.deeper and self.count < self.least_deep:
            raise NotPossible(
                f"A new layer needs {self.least_deep} units, but at most {self.count} candidates are kept.",
                hint="Raise count, or lower least_deep.",
            )
