"""Say what a growth rule would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foldscape import commands as say
from foldscape.chance import generator
from foldscape.errors import NotPossible
from foldscape.events import Proposal
from foldscape.growth.base import Change, GrowthRule, NewUnit, Scene, Widening, widened
from foldscape.growth.folds.gain_map import gain_map
from foldscape.growth.where import with_layer
from foldscape.net.mlp import Weights
from foldscape.subject import Subject
from foldscape.training.growing import gain_of_change

_NOTHING: dict[str, Any] = {
    "gain": None,
    "explanation": {},
    "box": np.zeros(0),
    "fold": np.zeros((0, 2, 2), np.float32),
    "fold_normal": np.zeros((0, 2), np.float32),
    "gain_map": np.zeros((0, 0), np.float32),
}
_TOO_LATE = "no rule can work with it."
_EARLIER = "Go back to an earlier moment, and train on with a lower learning rate."


@dataclass(frozen=True)
class Offered:
    """A unit that was shown and can be taken as it is, until the net grows.

    Attributes:
        rule: The rule that chose it.
        unit: The unit.
    """

    rule: GrowthRule
    unit: NewUnit

    def state(self) -> dict[str, Any]:
        """Give the plain values that a snapshot has to hold."""
        unit = self.unit
        plain = {"bias": unit.bias, "score": unit.score, "explanation": unit.explanation}
        return {"rule": self.rule.model_dump(mode="json"), **plain}

    def arrays(self) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        return {"offered_incoming": self.unit.incoming, "offered_outgoing": self.unit.outgoing}

    @classmethod
    def restored(cls, state: dict[str, Any], arrays: dict[str, Any]) -> Offered:
        """Read back what ``state`` and ``arrays`` gave."""
        incoming, outgoing = arrays["offered_incoming"], arrays["offered_outgoing"]
        unit = NewUnit(incoming, state["bias"], outgoing, state["score"], state["explanation"])
        return cls(say.Preview.model_validate({"rule": state["rule"]}).rule, unit)


def change_of(subject: Subject, rule: GrowthRule, number: int, offered: Offered | None = None) -> Change:
    """Let a rule work out a change of the net as it is now.

    Args:
        subject: The run at rest.
        rule: The rule.
        number: Growths so far; seeds the rule's chance.
        offered: Take this unit, if it is by the same rule, instead of choosing anew.

    Returns:
        The change, not yet carried out.

    Raises:
        NotPossible: If the rule finds nothing to do, in a sentence.
    """
    rule.refuse_others(subject.net)
    if not subject.net.is_finite():
        raise NotPossible(f"The net has weights that are no finite numbers any more; {_TOO_LATE}", hint=_EARLIER)
    scene, rng = scene_of(subject), generator(subject.seed, "growth", number)
    rule, told = with_layer(rule, subject.net, scene, rng)
    if offered is not None and offered.rule == rule and isinstance(rule, Widening):
        return widened(subject.net, rule.layer, offered.unit)
    try:
        change = rule.change(subject.net, scene, rng)
    except np.linalg.LinAlgError:
        change = None
    if change is None or not change.net.is_finite():
        raise NotPossible(f"The net is near the end of the finite numbers; {_TOO_LATE}", hint=_EARLIER)
    return replace(change, explanation=change.explanation | told) if told else change


def scene_of(subject: Subject) -> Scene:
    """Give what growth rules may look at."""
    split = subject.split
    box = subject.box if split.is_plane else None
    about = (box, split.image_shape or (), subject.loss, subject.next_unit, split.scaling)
    return Scene(split.train_x, split.train_y, *about)


def propose(subject: Subject, asked: say.Preview, number: int) -> tuple[Proposal, Offered | None]:
    """Answer a preview.

    Args:
        subject: The run at rest.
        asked: The question.
        number: Growths so far; seeds the rule's chance.

    Returns:
        The answer, and the unit that it shows, if it shows one.
    """
    rule = asked.rule
    parts: dict[str, Any] = {**_NOTHING, "refused": ""}
    offered = None
    named = getattr(rule, "layer", None)
    layer = named if isinstance(rule, Widening) and isinstance(named, int) else 0
    try:
        change = change_of(subject, rule, number)
        layer = change.layer
        offered = _offered(rule, change)
        parts |= {"gain": gain_of_change(subject, change), "explanation": change.explanation}
        parts |= _in_the_plane(subject, change, asked.gain_map)
    except NotPossible as error:
        parts["refused"] = str(error)
    answer = Proposal(**subject.stamp(), epoch=subject.epoch, token=asked.token, method=rule.kind, layer=layer, **parts)
    return answer, offered


def _offered(rule: GrowthRule, change: Change) -> Offered | None:
    if not isinstance(rule, Widening) or change.k_new != 1 or not change.net.can.layered:
        return None
    net, layer = change.net, change.layer
    unit = NewUnit(
        net.weights[layer][-1],
        float(net.biases[layer][-1]),
        net.weights[layer + 1][:, -1],
        change.score,
        change.explanation,
    )
    return Offered(rule, unit)


def _in_the_plane(subject: Subject, change: Change, with_map: bool) -> dict[str, Any]:
    if not subject.split.is_plane or change.net.why_no_folds:
        return {}
    parts: dict[str, Any] = {"box": np.array(subject.box)}
    if change.k_new == 1:
        parts |= _fold_of_last_unit(change.net, change.layer, subject.box)
    if with_map and subject.loss.is_softmax:
        parts["gain_map"] = gain_map(subject.net, scene_of(subject))
    return parts


def _fold_of_last_unit(net: Weights, layer: int, box: tuple[float, float, float, float]) -> dict[str, np.ndarray]:
    folds = net.pieces(box).folds
    mine = (folds.layer == layer) & (folds.unit == net.hidden[layer] - 1)
    return {
        "fold": folds.points[mine].astype(np.float32),
        "fold_normal": folds.active_side[mine].astype(np.float32),
    }
