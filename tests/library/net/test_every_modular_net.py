"""What every kind of net that a torch module computes has to hold; a new one is tested here by itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.engine.choose import engine_for
from foldscape.engine.modular import ModularEngine
from foldscape.events import CommandTaken, Grown
from foldscape.growth.base import GrowthRule, rules_for
from foldscape.lazy import load_reference
from foldscape.net.modular_spec import ModularSpec
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec, kinds_of_net
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training import Loop, Snapshot

WORDS = {"kind": "ag_news_lite", "encoder": {"kind": "tokens", "dims": 8, "words": 20}}
LETTERS = {"kind": "ag_news_lite", "encoder": {"kind": "characters", "dims": 16}}
DIGITS = {"kind": "digits"}
SMALL = {
    "cnn": (DIGITS, {"wiring": "cnn", "channels": [2, 3], "norm": "batch"}),
    "cnn-flat": (DIGITS, {"wiring": "cnn", "channels": [2, 2], "stride": [2, 2], "pool": [], "head": "flatten"}),
    "mobilenet_v2": (DIGITS, {"wiring": "mobilenet_v2", "rows": 2, "halving": [0, 2]}),
    "res_mlp": (DIGITS, {"wiring": "res_mlp", "width": 3, "inner": 2, "blocks": 2}),
    "res_mlp-shared": (
        DIGITS,
        {
            "wiring": "res_mlp",
            "width": 3,
            "inner": 2,
            "blocks": 3,
            "norm": "batch",
            "shared": "weights",
            "residual_scale": 0.1,
        },
    ),
    "resnet": (DIGITS, {"wiring": "resnet", "width": 2}),
    "resnet-shared": (
        DIGITS,
        {"wiring": "resnet", "width": 2, "n": 3, "norm": "group", "shared": "all", "residual_scale": 0.1},
    ),
    "resnet-groups": (DIGITS, {"wiring": "resnet", "width": 2, "norm": "group", "shortcut": "B"}),
    "text": (WORDS, {"wiring": "text", "width": 3, "hidden": [4]}),
    "text-filters": (LETTERS, {"wiring": "text", "width": 2, "reader": "filters", "filters": 2}),
    "transformer": (DIGITS, {"wiring": "transformer", "width": 4, "heads": 2, "depth": 1, "inner": 3, "patch": 4}),
    "transformer-words": (WORDS, {"wiring": "transformer", "width": 4, "heads": 2, "depth": 1, "inner": 3}),
}
"""Data and a small net of every kind, some of them twice."""
every_kind = pytest.mark.parametrize("name", list(SMALL))
RULES = kinds("foldscape.growth", GrowthRule)


def run_of(name, activation="relu", **given):
    data, net = SMALL[name]
    plain = {"data": data, "net": net | {"activation": activation}, "batch": 64, "validation_share": 0.8, "probes": []}
    return RunSpec.model_validate(plain | {"stop": {"epochs": 1}} | given)


def net_of(name, activation="relu", seed=0):
    """A net whose running statistics are not those of the start."""
    run = run_of(name, activation)
    rng = np.random.default_rng(seed)
    net = run.net.first_on(run.data.shape, run.data.classes, rng)
    return net.with_buffers([rng.uniform(0.5, 1.5, part.shape).astype(part.dtype) for part in net.buffers])


def points(name, n=24):
    run, rng = run_of(name), np.random.default_rng(1)
    shape = n, run.data.features
    x = rng.integers(0, min(run.data.symbols, 12), shape) if run.data.symbols else rng.normal(size=shape)
    return x.astype(np.float32), rng.integers(0, run.data.classes, n)


def test_no_kind_is_left_out():
    """All but nets whose module comes from elsewhere, which have no form of their own."""
    modular = {wiring for wiring, kind in kinds_of_net().items() if issubclass(kind, ModularSpec)}
    assert modular - {"module"} == {net["wiring"] for _, net in SMALL.values()}


@every_kind
def test_a_plan_is_its_module(name):
    """Names, shapes and counts that pages and forecasts read are those of torch."""
    net = net_of(name)
    module = net.module()
    tensors = [(tensor.name, tensor.shape) for tensor in net.plan.tensors]
    assert tensors == [(key, tuple(part.shape)) for key, part in module.named_parameters()]
    assert [array.shape for array in net.arrays] == [shape for _, shape in tensors]
    assert [array.shape for array in net.buffers] == [tuple(part.shape) for part in module.buffers()]
    assert net.plan.parameters == net.parameters == sum(part.numel() for part in module.parameters())
    assert net.plan.out == (net.outputs,)
    assert bool(net.buffers) == net.plan.has_batch_norm == net.is_normed
    x = torch.from_numpy(points(name)[0])
    shapes = []
    hooks = [
        block.register_forward_hook(lambda *told: shapes.append(tuple(told[2].shape[1:]))) for block in module.blocks
    ]
    with torch.no_grad():
        module(x)
    for hook in hooks:
        hook.remove()
    drawn = list(net.plan.drawn())
    assert shapes == [tuple(block["out"]) for block in drawn]
    assert sum(block["parameters"] for block in drawn) == net.parameters
    assert sum(block["multiplications"] for block in drawn) == net.plan.multiplications
    assert all(block["layers"] for block in drawn)


@every_kind
def test_the_first_weights_are_the_seeds_alone(name):
    run = run_of(name)
    one, same, other = (
        run.net.first_on(run.data.shape, run.data.classes, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert {part.dtype for part in one.flat()} == {np.dtype(np.float32)}
    assert one.vector().tobytes() == same.vector().tobytes()
    assert (one.vector() != other.vector()).any()


@every_kind
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_forward_pass_scores_objective_and_evaluator_agree(name, activation):
    net, (x, y) = net_of(name, activation), points(name)
    outputs = net.logits(x)
    mean = float(nn.functional.cross_entropy(torch.from_numpy(outputs), torch.from_numpy(y)))
    told = scores(net, x.T, y, "cross_entropy")
    objective, evaluator = net.objective(x, y), net.evaluator(x, y)
    found = evaluator.at(net.vector())
    assert objective.loss() == pytest.approx(mean, rel=1e-5)
    assert told.loss == pytest.approx(mean, rel=1e-5)
    assert found.loss[0] == pytest.approx(mean, rel=1e-5)
    assert told.accuracy == pytest.approx((outputs.argmax(axis=1) == y).mean())
    assert found.accuracy[0] == pytest.approx(told.accuracy)
    np.testing.assert_allclose(net.logits_in_order(x), outputs, rtol=1e-4, atol=1e-5)
    for theta in (objective.theta, evaluator.theta):
        np.testing.assert_allclose(theta, net.vector(), rtol=1e-7)
    assert net.parameters == objective.size == evaluator.size


@every_kind
def test_what_the_last_layer_receives_gives_the_outputs(name):
    net, (x, _) = net_of(name), points(name)
    received = net.representation(x)
    weight, bias = net.arrays[-2:]
    np.testing.assert_allclose(received @ weight.T + bias, net.logits(x), rtol=1e-4, atol=1e-5)


@every_kind
def test_units_that_answer_are_counted_by_block(name):
    net, (x, _) = net_of(name), points(name)
    net = net.with_buffers(net.plan.first_buffers())
    counts = net.active_counts(x)
    assert [len(each) for each in counts] == list(net.hidden)
    assert [width for stage in net.structure for width in stage] == list(net.hidden)
    each = [net.active_counts(row[None]) for row in x]
    for block, told in enumerate(counts):
        alone = np.array([of_sample[block] for of_sample in each])
        assert set(np.unique(alone)) <= {0, 1}
        np.testing.assert_array_equal(told, alone.sum(axis=0))
    assert not counts or sum(told.sum() for told in counts) > 0


def directions(net, count=4):
    drawn = np.random.default_rng(2).normal(size=(count, net.parameters))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@every_kind
def test_the_gradient_is_that_of_differences(name):
    net, (x, y) = net_of(name, "tanh").astype(np.float64), points(name)
    objective, theta = net.objective(x, y), net.vector()
    gradient = objective.gradient()
    for way in directions(net):
        slope = (objective.loss(theta + 1e-5 * way) - objective.loss(theta - 1e-5 * way)) / 2e-5
        assert gradient @ way == pytest.approx(slope, rel=1e-5, abs=1e-8)
    told = scores(net, x.T, y, "cross_entropy").gradient
    np.testing.assert_allclose(told, gradient, atol=1e-9)


@every_kind
def test_hessian_products_are_those_of_differences(name):
    net, (x, y) = net_of(name, "tanh").astype(np.float64), points(name, 12)
    objective, theta = net.objective(x, y), net.vector()
    ways = directions(net)
    for way, product in zip(ways, objective.hvp(None, ways), strict=True):
        sides = [objective.gradient(theta + side * 1e-5 * way) for side in (1, -1)]
        np.testing.assert_allclose(product, np.subtract(*sides) / 2e-5, atol=2e-6)


@every_kind
def test_its_engine_takes_the_step_of_the_gradient(name):
    """An update of plain gradient descent with the whole data as batch: theta - lr gradient of batch statistics."""
    spec = run_of(name, optimizer={"kind": "sgd", "lr": 0.1}, batch=500 if SMALL[name][0]["kind"] != "digits" else 200)
    split = spec.load()
    x, y = split.train_x[:40], split.train_y[:40]
    net = net_of(name)
    trained = engine_for(spec, net, replace(split, train_x=x, train_y=y))
    assert isinstance(trained, ModularEngine)
    trained.begin_epoch(np.arange(len(y)), len(y))
    trained.train(0, 1)
    module = net.module().train()
    loss = nn.functional.cross_entropy(module(torch.from_numpy(x)), torch.from_numpy(y))
    gradient = np.concatenate([part.numpy().ravel() for part in torch.autograd.grad(loss, list(module.parameters()))])
    np.testing.assert_allclose(trained.weights.vector(), net.vector() - 0.1 * gradient, atol=1e-6)


@every_kind
def test_a_net_is_given_back_from_its_state_and_a_run_from_its_snapshot(name):
    net = net_of(name)
    again = net_of(name, seed=9).restored(net.state())
    assert [part.tobytes() for part in again.flat()] == [part.tobytes() for part in net.flat()]
    assert [part.tobytes() for part in again.buffers] == [part.tobytes() for part in net.buffers]
    spec = run_of(name)
    recorded = spec.net.recorded_on(net.state(), spec.data.shape, spec.data.classes)
    assert recorded.vector().tobytes() == net.vector().tobytes()
    whole, half = Loop(run_of(name, stop={"epochs": 2})), Loop(run_of(name))
    list(whole.events())
    list(half.events())
    gone_on = Loop(run_of(name, stop={"epochs": 2}), Snapshot.unpack(*half.snapshot().pack()))
    gone_on.finished = False
    list(gone_on.events())
    ours, theirs = whole.subject.net, gone_on.subject.net
    assert ours.vector().tobytes() == theirs.vector().tobytes()
    assert [part.tobytes() for part in ours.buffers] == [part.tobytes() for part in theirs.buffers]


@every_kind
def test_what_cannot_grow_it_is_refused_in_one_sentence(name):
    strange = [kind for kind in RULES if kind not in rules_for(net_of(name).can) and kind != "line"]
    assert strange
    rule = {"kind": strange[0]}
    spec = run_of(name, commands=[{"step": 1, "command": {"kind": "grow", "rule": rule}}])
    events = list(Loop(spec).events())
    (refused,) = [event.refused for event in events if isinstance(event, CommandTaken) and event.refused]
    assert not [event for event in events if isinstance(event, Grown)]
    assert refused.startswith(f"This net is {spec.net.can.words}, and {strange[0]} grows")
    assert refused.endswith(".")


@every_kind
def test_a_run_with_the_usual_probes_comes_to_its_end(name):
    few = [{"kind": "frame"}, {"kind": "curvature"}, {"kind": "slice", "points": 5}]
    spec = run_of(name, probes=few, validation_share=0.9)
    events = list(Loop(spec).events())
    assert events[-1].state == "done"
    assert {"metrics", "predictions", "curvature", "slice"} <= {event.kind for event in events}
    curvature = [event for event in events if event.kind == "curvature"][-1]
    assert curvature.residual < 1e-2
    assert np.isfinite(curvature.lambda_max)


@every_kind
def test_what_it_says_it_can_is_there(name):
    can = net_of(name).can
    for part in can.parts:
        assert callable(can.part(part))
    for reference in (*can.engines.values(), *can.warm):
        assert callable(load_reference(reference))


@pytest.mark.parametrize("name", ["cnn", "mobilenet_v2", "resnet"])
def test_batch_norm_is_torchs_in_training_and_at_rest(name):
    """Outputs and running statistics after updates are those of the same net of nn.BatchNorm2d."""
    net, (x, _) = net_of(name), points(name)
    ours, theirs = net.module(), net.module()
    for parent in list(theirs.modules()):
        for key, part in list(parent.named_children()):
            if isinstance(part, nn.BatchNorm2d):
                plain = nn.BatchNorm2d(part.num_features)
                plain.load_state_dict(part.state_dict(), strict=False)
                setattr(parent, key, plain)
    batch = torch.from_numpy(x)
    for _ in range(2):
        torch.testing.assert_close(ours.train()(batch), theirs.train()(batch))
    torch.testing.assert_close(ours.eval()(batch), theirs.eval()(batch))
    counted = {key: value for key, value in theirs.state_dict().items() if "num_batches" not in key}
    for key, value in ours.state_dict().items():
        torch.testing.assert_close(value, counted[key])


@pytest.mark.parametrize("field", [{"dropout": 0.5}, {"bias": False}, {"first_weights": "uniform"}, {"hidden": [4]}])
@pytest.mark.parametrize("wiring", ["cnn", "mobilenet_v2", "res_mlp", "resnet", "transformer"])
def test_what_concerns_chains_alone_is_refused_and_not_shown(wiring, field):
    (key,) = field
    with pytest.raises(ValueError, match=rf"{key} .* is not possible with wiring {wiring}; leave it out"):
        NetSpec(wiring=wiring, **field)
    shown = kinds_of_net()[wiring].model_json_schema()["properties"][key]
    assert shown["matters"] == {"wiring": ["layers"]}


def test_making_a_module_draws_nothing_from_the_generator_that_threads_share():
    before = torch.get_rng_state()
    NetSpec(wiring="resnet").first_on((1, 8, 8), 3, np.random.default_rng(0)).module()
    assert torch.equal(torch.get_rng_state(), before)
