"""Firefly inside blocks: units that split and new ones in one ranking over all blocks (arXiv 2102.08574)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, CopyPairs, Scene
from foldscape.growth.blocks.candidates import Candidates, grown_by
from foldscape.growth.blocks.looking import Sample, sample_of
from foldscape.growth.blocks.site import Site, sites_of
from foldscape.growth.blocks.swarm import drawn_candidates, gains_of, trained_candidates
from foldscape.growth.blocks.widening import copies_at, widened_to
from foldscape.growth.ranking import Candidate, Cost, ranked, ranking_as_json

if TYPE_CHECKING:
    from foldscape.growth.firefly import Firefly
    from foldscape.losses import Loss
    from foldscape.net.modular import ModularNet


def firefly_in_blocks(rule: Firefly, net: ModularNet, scene: Scene, rng: np.random.Generator) -> Change:
    """Draw, train, rank and keep candidates.

    Unlike in a chain, where each candidate is rated by itself, all are switched on together: their gains then come
    from as few passes as there are nodes, and add up to the whole decrease. What comes into new units is not trained.

    Args:
        rule: How many, how far, for what cost.
        net: The network.
        scene: Its data.
        rng: Draws candidates and examples.

    Returns:
        The change.

    Raises:
        NotPossible: If none lowers the loss, or blocks are asked for.
    """
    if rule.deeper:
        raise NotPossible(
            "In nets of blocks no new layer stands for election.",
            hint="Add blocks by identity_layer, or take deeper 0.",
        )
    sites = sites_of(net, rule.layer)
    sample = sample_of(net, scene, rng, rule.sample)
    groups = [drawn_candidates(site, rule.candidates, rule.eps, sample, rng) for site in sites]
    groups = trained_candidates(net, groups, rule.eps, sample, scene.loss, rule.steps)
    ranking = ranking_of(rule, net, groups, sample, scene.loss)
    chosen = rule.chosen(ranking)
    if not chosen:
        raise NotPossible(
            f"None of {len(ranking)} candidates lowers the loss.", hint="Let the net train, or raise eps or steps."
        )
    picked = [_picked(group, chosen) for group in groups]
    copies: dict[int, CopyPairs] = {}
    read: dict[int, CopyPairs] = {}
    for group in picked:
        rows, columns = copies_at(group.site, dict(enumerate(group.split.tolist())))
        copies, read = copies | rows, read | columns
    explanation: dict[str, Any] = {
        "ranking": ranking_as_json(ranking, chosen),
        "gain_predicted": sum(each.gain for each in chosen),
        "candidates": len(ranking),
        "costs": [
            {"layer": site.layer, "parameters": site.parameters, "multiplications": site.multiplications}
            for site in sites
        ],
    }
    best = chosen[0]
    return widened_to(net, grown_by(net, picked), best.layer, best.worth, explanation, copies, read)


def ranking_of(
    rule: Firefly, net: ModularNet, groups: Sequence[Candidates], sample: Sample, loss: Loss
) -> list[Candidate]:
    """Rank trained candidates of all blocks, the best first; see ``Firefly.ranking``."""
    found = []
    rated = gains_of(net, groups, sample, loss, rule.nodes if rule.score == "midpoint" else 0)
    for group, (split, new) in zip(groups, rated, strict=True):
        layer, cost = group.site.layer, cost_at(group.site, rule.cost)
        found += [Candidate("split", layer, unit, gain, cost) for unit, gain in enumerate(split.tolist())]
        found += [Candidate("new", layer, unit, gain, cost) for unit, gain in enumerate(new.tolist())]
    return ranked(found)


def cost_at(site: Site, cost: Cost) -> float:
    """Give what one more unit of a block costs, in the unit of ``cost``; see ``cost_of_unit``."""
    return {"neurons": 1.0, "parameters": float(site.parameters), "flops": 2.0 * site.multiplications}[cost]


def _picked(group: Candidates, chosen: Sequence[Candidate]) -> Candidates:
    split, new = (
        [each.unit for each in chosen if each.layer == group.site.layer and each.kind == kind]
        for kind in ("split", "new")
    )
    return group.only(split, new)
