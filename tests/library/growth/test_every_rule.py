"""What every growth rule of the registry has to hold; a new one is tested here by itself (T-0-8)."""

from dataclasses import replace

import numpy as np
import pytest

from foldscape.chance import generator
from foldscape.engine.base import Memory
from foldscape.errors import NotPossible
from foldscape.events import CommandTaken, Grown, Undone
from foldscape.growth.base import GrowthRule
from foldscape.growth_spec import Growth
from foldscape.net.mlp import backward, norm_of
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training import Loop
from foldscape.training.carried import memory_after
from foldscape.training.growing import grow
from foldscape.training.proposing import scene_of
from tests.library.growth.drawn import net_of
from tests.library.growth.drawn import scene_of as points_of

FAMILIES = ("widening", "deepening", "waking")
RULES = {
    kind: rule
    for kind, rule in kinds("foldscape.growth", GrowthRule).items()
    if rule.model_json_schema().get("family") in FAMILIES and "layers" in rule.grows
}
EXACT, ROUNDING, SMALL, FREE = 0.0, 1e-5, 0.05, np.inf
"""How far a rule says that the function may move; the weights are float32."""

FORMS: dict[str, list[tuple[dict, float]]] = {
    "batch_norm": [({}, ROUNDING), ({"wake": True}, FREE)],
    "bias_shift": [({}, FREE)],
    "firefly": [
        ({"eps": 1e-3}, SMALL),
        ({"count": 6, "candidates": 4, "deeper": 3, "cost": "parameters", "score": "endpoint"}, FREE),
    ],
    "folding": [({}, EXACT), ({"convex": True}, FREE)],
    "gradmax": [({}, EXACT), ({"units": 2, "scale_by": "sigma", "scale_method": "fixed"}, EXACT)],
    "identity_layer": [({}, EXACT), ({"noise": 0.01}, FREE)],
    "line": [({"a": (-1, -1), "b": (1, 1.5)}, EXACT)],
    "net2wider": [({"noise": 0, "units": 3}, ROUNDING), ({"noise": 0.01}, SMALL)],
    "north": [({}, EXACT), ({"units": 3}, EXACT)],
    "random_direction": [({}, EXACT), ({"outgoing": "random", "scale": 0.5}, FREE), ({"units": 3}, EXACT)],
    "register_layers": [({}, 1e-3)],
    "split_layer": [({}, ROUNDING)],
    "splitting": [({}, SMALL), ({"count": 3, "search": "exact", "rank_by": "gain_per_flop"}, SMALL)],
    "tiny": [({}, FREE), ({"outgoing": "zero", "units": 2}, EXACT)],
}
CASES = [(kind, *form) for kind in RULES for form in FORMS.get(kind, [({}, FREE)])]
every_rule = pytest.mark.parametrize(
    ("kind", "fields", "most"), CASES, ids=[f"{kind} {' '.join(map(str, fields))}".strip() for kind, fields, _ in CASES]
)
ADAM = {"kind": "adam", "lr": 0.01}


def spec_of(*commands, **given):
    plain = {
        "data": {"kind": "gaussian_blobs", "k": 4, "n": 120, "noise": 0.8},
        "net": {"hidden": [6], "output_scale": 1},
        "optimizer": ADAM,
        "batch": 30,
        "growth": {"max_depth": 16},
        "stop": {"epochs": 3},
        "commands": [{"step": step, "command": command} for step, command in commands],
    }
    return RunSpec.model_validate(plain | given)


def rule_of(kind, fields):
    return RULES[kind].model_validate({"kind": kind, **fields})


def loop_at_rest():
    """A run after two epochs of training, with one dead unit."""
    loop = Loop(spec_of(stop={"epochs": 2}))
    list(loop.events())
    subject = loop.subject
    biases = [bias.copy() for bias in subject.net.biases]
    biases[0][2] = -40
    subject.net = replace(subject.net, biases=tuple(biases))
    loop.engine.load(subject.net, loop.engine.memory)
    return loop


def grown(loop, kind, fields):
    subject = loop.subject
    rule = rule_of(kind, fields)
    change = rule.change(subject.net, scene_of(subject), generator(subject.seed, "growth", 0))
    return change, grow(subject, loop.engine.memory, rule, change, 0, 6, Growth(max_depth=16))


@pytest.fixture(scope="module")
def rest():
    return loop_at_rest()


@every_rule
def test_the_record_is_complete(rest, kind, fields, most):
    change, birth = grown(rest, kind, fields)
    record, before, after = birth.record, rest.subject.net, birth.net
    assert record.method == kind
    assert 0 <= record.layer < len(after.hidden)
    assert record.parameters_before == before.parameters
    assert record.parameters_after == after.parameters == sum(part.size for part in after.flat())
    assert record.k_new == sum(after.hidden) - sum(before.hidden) == change.k_new
    assert (record.unit == -1) == (birth.born == 0)
    assert record.kept <= most
    numbers = [record.kept, record.loss_change, record.score, record.lambda_before, record.lambda_after]
    assert np.isfinite([*numbers, record.gradient_norm_new]).all()
    assert after.is_finite()
    if most == EXACT:
        assert record.kept == 0
        assert abs(record.loss_change) < 1e-12
    assert record.seed


@every_rule
def test_old_units_keep_their_places_ids_and_moments(rest, kind, fields, most):
    """T-E7-7 for all: a slot that goes on is the first of its array and keeps what is remembered."""
    change, birth = grown(rest, kind, fields)
    before, memory = rest.subject.net, rest.engine.memory
    copied = {layer: {old for _, old in pairs} for layer, pairs in change.copies.items()}
    places = before.places()
    for row in ("first", "second", "age"):
        carried = getattr(birth.memory, row)
        assert [part.shape for part in carried] == [part.shape for part in birth.net.flat()]
        for (layer, name), part in zip(birth.net.places(), carried, strict=True):
            source = (change.came_from[layer], name)
            if source not in places:
                assert not part.any()
                continue
            old = getattr(memory, row)[places.index(source)]
            same = [unit for unit in range(len(old)) if unit not in copied.get(layer, ())]
            kept = part[tuple(slice(size) for size in old.shape)]
            np.testing.assert_array_equal(kept[same], old[same])
    units_from = change.came_from[:-1] if change.units_from is None else change.units_from
    for ids, source in zip(birth.units, units_from, strict=True):
        old_ids = [] if source is None else rest.subject.units[source]
        np.testing.assert_array_equal(ids[: len(old_ids)], old_ids)
        assert (ids[len(old_ids) :] >= 6).all()


@every_rule
def test_copies_remember_what_they_would_if_they_had_always_been_there(rest, kind, fields, most):
    """To first order in the distance of the copies, carried gradients are the gradients of the grown net."""
    before = rest.subject.net.astype(np.float64)
    change, _ = grown(rest, kind, fields)
    if not change.copies or None in change.came_from:
        return
    x, y = rest.subject.split.train_x.astype(np.float64), rest.subject.split.train_y
    gradients = backward(before, x, y).gradients
    ages = tuple(np.arange(part.size).reshape(part.shape) for part in gradients)
    carried = memory_after(Memory(gradients, tuple(part**2 for part in gradients), ages), before, change)
    exact = backward(change.net.astype(np.float64), x, y).gradients
    for (layer, name), first, second, age, now in zip(
        change.net.places(), carried.first, carried.second, carried.age, exact, strict=True
    ):
        pairs = change.copies.get(layer)
        if pairs:
            new, old = np.array(pairs).T
            np.testing.assert_array_equal(age[new], age[old])
            scale = norm_of([now])
            assert np.abs(first[new] - now[new]).max() <= 0.1 * scale, name
            np.testing.assert_allclose(second[new], first[new] ** 2, rtol=1e-12)
        if name == "weight" and (pairs := change.copies.get(layer - 1)):
            new, old = np.array(pairs).T
            np.testing.assert_array_equal(first[:, new], first[:, old])


@every_rule
def test_T_0_8_the_same_seed_gives_the_same_net_and_the_net_as_it_was_is_not_touched(rest, kind, fields, most):
    held = [part.copy() for part in rest.subject.net.flat()]
    first, second = (grown(rest, kind, fields)[0] for _ in range(2))
    for mine, theirs in zip(first.net.flat(), second.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()
    assert first.explanation == second.explanation
    for now, then in zip(rest.subject.net.flat(), held, strict=True):
        assert now.tobytes() == then.tobytes()


@every_rule
def test_T_0_8_in_a_run_the_growth_replays_and_is_taken_back_bit_for_bit(kind, fields, most):
    command = {"kind": "grow", "rule": {"kind": kind, **fields}}
    loops = [Loop(spec_of((5, command))), Loop(spec_of((5, command)))]
    told = [[event for event in loop.events() if isinstance(event, Grown)] for loop in loops]
    assert told[0] == told[1]
    for mine, theirs in zip(loops[0].subject.net.flat(), loops[1].subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()
        assert np.isfinite(mine).all()
    taken_back = Loop(spec_of((5, command), (5, {"kind": "undo_growth"})))
    events = list(taken_back.events())
    plain = Loop(spec_of())
    list(plain.events())
    assert sum(isinstance(event, Undone) for event in events) == len(told[0])
    for mine, theirs in zip(taken_back.subject.net.flat(), plain.subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()


@every_rule
def test_nets_trained_on_the_squared_error_grow_or_are_refused(kind, fields, most):
    command = {"kind": "grow", "rule": {"kind": kind, **fields}}
    events = list(Loop(spec_of((5, command), loss="mse")).events())
    grew = [event for event in events if isinstance(event, Grown)]
    refused = [event.refused for event in events if isinstance(event, CommandTaken) and event.refused]
    assert len(grew) + len(refused) == 1
    if kind in {"firefly", "gradmax", "splitting", "tiny"}:
        assert not refused
    if (kind, fields) in [("tiny", {}), ("firefly", {"eps": 1e-3})]:
        assert grew[0].loss_change < 0


@every_rule
def test_by_schedule_and_by_preview(kind, fields, most):
    """What a preview shows is what is grown; a schedule may name any rule."""
    rule = {"kind": kind, **fields}
    asked = (4, {"kind": "preview", "rule": rule})
    taken = (4, {"kind": "grow", "rule": rule, "proposed": True})
    pairs = [Loop(spec_of(asked, taken)), Loop(spec_of((4, {"kind": "grow", "rule": rule})))]
    for loop in pairs:
        list(loop.events())
    for mine, theirs in zip(*(loop.subject.net.flat() for loop in pairs), strict=True):
        assert mine.tobytes() == theirs.tobytes()
    growth = {"rule": rule, "schedule": {"kind": "periodic", "start": 1, "every": 1, "births": 1}, "max_depth": 16}
    events = list(Loop(spec_of(growth=growth)).events())
    grew = [event for event in events if isinstance(event, Grown)]
    refused = [event for event in events if isinstance(event, CommandTaken) and event.refused]
    assert len(grew) + len(refused) == 1


@every_rule
@pytest.mark.parametrize("hidden", [(), (4,)], ids=["no hidden layer", "one"])
def test_what_cannot_be_done_is_refused_in_a_sentence(kind, fields, most, hidden):
    """A net without hidden layers, and a layer that is not there."""
    where = "after" if "after" in RULES[kind].model_fields else "layer"
    if hidden and (where not in RULES[kind].model_fields):
        return
    rule = rule_of(kind, fields | ({where: 3} if hidden else {}))
    net, scene = net_of(hidden, classes=3), points_of()
    if kind == "split_layer" and not hidden:
        assert rule.change(net, scene, np.random.default_rng(0)).net.hidden  # the output layer can be split
        return
    with pytest.raises(NotPossible) as refused:
        rule.change(net, scene, np.random.default_rng(0))
    assert str(refused.value).rstrip().endswith(".")


@every_rule
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_deep_nets_of_any_activation_and_normalised_ones_grow_or_are_refused(kind, fields, most, activation):
    """A layer whose units are all dead, a wider next layer, and one that is normalised: finite, or a sentence."""
    fields = fields | ({"layer": 1} if fields.get("layer", "layer" in RULES[kind].model_fields) else {})
    net, scene = net_of((5, 7), activation, classes=3), points_of()
    normed = RULES["batch_norm"](layer=1).change(net, scene, np.random.default_rng(0)).net
    dead = replace(net, biases=(net.biases[0], net.biases[1] - 40, net.biases[2]))
    for case in (net, dead, normed):
        try:
            change = rule_of(kind, fields).change(case, scene, np.random.default_rng(1))
        except NotPossible:
            continue
        assert change.net.is_finite()
        assert np.isfinite(change.net.logits(scene.x)).all()
        assert np.isfinite(change.score)
        moved = np.abs(change.net.logits(scene.x) - case.logits(scene.x)).max()
        assert moved <= max(most, 1e-9)  # BLAS sums in another order


def test_every_rule_says_what_it_is():
    for kind, rule in RULES.items():
        schema = rule.model_json_schema()
        assert schema["description"].endswith("."), kind
        for name, field in schema["properties"].items():
            assert name == "kind" or field.get("description"), (kind, name)
