"""Every probe on nets of blocks (T-F16-3): each measures what an independent computation finds, or refuses in words."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from foldscape.curvature import (
    flatness,
    gradient_noise,
    layer_gradients,
    output_flatness,
    relative_flatness,
    top_eigenpairs,
    trace,
)
from foldscape.memorisation import critical_points, sensitivity
from foldscape.spec import RunSpec
from foldscape.training import Loop
from tests.modular import CNN, RESNET, block_net, digits_run
from tests.probes import KINDS

NETS = {"resnet": RESNET, "cnn": CNN}
QUICK = {
    "density": {"steps": 5, "runs": 2},
    "traces": {"draws": 3},
    "saddle": {"steps": 5, "runs": 2},
    "sharpness": {"ascent": 2, "draws": 4},
    "slice": {"points": 5},
    "topology": {"side": 5},
    "tunnel": {"draws": 2},
    "memorisation": {"iterations": 2, "searched": 20},
    "directions": {"k": 2},
    "noise": {"k": 2, "draws": 2},
    "novelty": {"representation": "features", "critical_radius": 0.1},
    "curvature": {"smallest": True, "granularities": ["none", "tensor", "layer", "block", "element"]},
    "oscillation": {"k": 1, "updates": 4},
    "hill_slice": {"points": 5},
}
REFUSED = {"resnet": {"critical_region"}, "cnn": {"critical_region", "iterative"}}
MAY_BE_UNKNOWN = {"corrupted", "corrupted_true", "corrupted_learnt", "equilibrium", "escape", "reference"}
"""What has no value in these runs: no point is corrupted, and hills may stand at no distance."""


def run_of(net, **given):
    terms = [{"kind": "hills", "at_epochs": [1], "sigma": 1.0}]
    return digits_run(net, optimizer={"kind": "momentum", "lr": 0.05}, terms=terms, average={"kind": "ema"}, **given)


@pytest.fixture(scope="module")
def subjects():
    """Give each net at the end of a short run, its data cut to 40 points."""
    found = {}
    for name, net in NETS.items():
        loop = Loop(run_of(net))
        list(loop.events())
        found[name] = loop._run.subject
    return found


def probe_of(kind):
    return KINDS[kind](**QUICK.get(kind, {}))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"nudged"}))
@pytest.mark.parametrize("name", list(NETS))
def test_every_probe_measures_a_net_of_blocks_or_says_why_not(kind, name, subjects):
    run, probe = run_of(NETS[name]), probe_of(kind)
    if refused := probe.problem(run.data) or probe.problem_with(run.net, run.data):
        assert kind in REFUSED[name]
        assert "; " in refused
        return
    events = list(probe.measure(subjects[name]))
    assert kind not in REFUSED[name]
    assert events
    for event in events:
        for field in fields(event):
            value = getattr(event, field.name)
            if field.name in MAY_BE_UNKNOWN or field.name in ("learnt_at", "cells", "critical"):
                continue
            if isinstance(value, float):
                assert np.isfinite(value), field.name
            elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
                assert np.isfinite(value).all(), field.name


@pytest.mark.parametrize("name", list(NETS))
def test_a_probe_that_needs_exact_pieces_is_refused_in_words(name):
    plural = digits_run(NETS[name]).net.can.plural
    with pytest.raises(ValueError, match=f"needs exact pieces, and those of {plural} are not known; take it out"):
        digits_run(NETS[name], probes=[{"kind": "critical_region"}])


def exact(net, count=60):
    """Give the loss of a net in float64 as torch has it, of a flat vector, on some points."""
    net = net.astype(np.float64)
    module, split = net.module(), digits_run(RESNET).load()
    x, y = torch.from_numpy(split.train_x[:count].astype(np.float64)), torch.from_numpy(split.train_y[:count])
    names = [name for name, _ in module.named_parameters()]
    sizes = [part.numel() for part in module.parameters()]
    shapes = [part.shape for part in module.parameters()]

    def loss(flat, some=slice(None)):
        parts = [part.view(shape) for part, shape in zip(flat.split(sizes), shapes, strict=True)]
        return cross_entropy(functional_call(module, dict(zip(names, parts, strict=True)), (x[some],)), y[some])

    return net, loss, torch.from_numpy(net.vector()), (x.numpy(), y.numpy())


every_net = pytest.mark.parametrize("name", list(NETS))


@every_net
def test_an_eigenpair_is_that_of_float64_hessian_products_by_autograd(name):
    net, loss, theta, points = exact(block_net(NETS[name]))
    pair = top_eigenpairs(net.objective(*points), tol=1e-6)
    vector = torch.from_numpy(pair.vectors[0])
    _, product = torch.autograd.functional.vhp(loss, theta, vector)
    assert pair.values[0] == pytest.approx(float(vector @ product), rel=1e-6)
    assert float(torch.linalg.norm(product - pair.values[0] * vector)) <= 1e-5 * pair.values[0]


@every_net
def test_the_noise_is_that_of_gradients_sample_by_sample(name):
    net, loss, theta, points = exact(block_net(NETS[name]))
    each = torch.stack([_gradient(loss, theta, slice(i, i + 1)) for i in range(60)])
    found = gradient_noise(net.objective(*points))
    mean = each.mean(dim=0)
    assert found.squared_gradient == pytest.approx(float(mean @ mean), rel=1e-6)
    spread = float((each - mean).square().sum(dim=1).mean())
    assert found.covariance_trace == pytest.approx(spread, rel=1e-6)
    fisher = trace(net.objective(*points), name="empirical_fisher").value
    assert fisher == pytest.approx(float(each.square().sum(dim=1).mean()), rel=1e-6)


def _gradient(loss, theta, some=slice(None)):
    at = theta.clone().requires_grad_()
    return torch.autograd.grad(loss(at, some), at)[0]


@every_net
def test_gradients_by_layer_are_norms_of_its_parts(name):
    net, loss, theta, points = exact(block_net(NETS[name]))
    found = layer_gradients(net.objective(*points))
    parts = _gradient(loss, theta).split([part.size for part in net.flat()])
    layers: dict[str, float] = {}
    for own, part in zip(net.names, parts, strict=True):
        layer = own.rpartition(".")[0]
        layers[layer] = layers.get(layer, 0.0) + float(part.square().sum())
    assert list(found.names) == list(layers)
    np.testing.assert_allclose(found.norms, np.sqrt(list(layers.values())), rtol=1e-8)


@pytest.mark.parametrize("granularity", ["tensor", "layer", "element"])
def test_flatness_is_in_units_of_its_tensors_layers_or_entries(granularity):
    net, loss, theta, points = exact(block_net(CNN))
    parts = [part.ravel() for part in net.flat()]
    groups = [own if granularity == "tensor" else own.rpartition(".")[0] for own in net.names]
    norms = dict.fromkeys(groups, 0.0)
    for group, part in zip(groups, parts, strict=True):
        norms[group] += float(part @ part)
    pairs = zip(groups, parts, strict=True)
    scale = np.concatenate([np.full(part.size, np.sqrt(norms[group])) for group, part in pairs])
    if granularity == "element":
        scale = np.abs(theta.numpy())
    hessian = torch.autograd.functional.hessian(loss, theta).numpy()
    expected = np.linalg.eigvalsh(scale[:, None] * hessian * scale)[-1]
    found = flatness(net.objective(*points), granularity=granularity, tol=1e-6)
    assert found.values[0] == pytest.approx(expected, rel=1e-5)


@every_net
def test_relative_flatness_of_the_output_layer_is_the_sum_over_its_hessian(name):
    net, loss, theta, (x, y) = exact(block_net(NETS[name]), 20)
    size, (outputs, inputs) = net.output_weight.size, net.output_weight.shape
    start = sum(part.size for part in net.flat()) - size - outputs

    def of_head(flat):
        return loss(torch.cat([theta[:start], flat, theta[start + size :]]))

    weight = torch.from_numpy(net.output_weight)
    hessian = torch.autograd.functional.hessian(of_head, theta[start : start + size])
    blocks = hessian.view(outputs, inputs, outputs, inputs).diagonal(dim1=1, dim2=3).sum(dim=2)
    found = output_flatness(net.representation(x), weight.numpy(), net.logits(x), y, standardised=False)
    assert found.value == pytest.approx(float((weight @ weight.T * blocks).sum()), rel=1e-8)


def test_relative_flatness_by_outputs_is_that_of_dense_nets():
    run = RunSpec.model_validate({"data": {"kind": "digits", "test_share": 0.9}, "net": {"hidden": [5]}})
    split = run.load()
    net = run.net.first_on(run.data.shape, 10, np.random.default_rng(0))
    x, y = split.train_x, split.train_y
    ours = output_flatness(net.representation(x), net.output_weight, net.logits(x), y)
    assert ours.value == pytest.approx(relative_flatness(net.objective(x, y)).value, rel=1e-4)


@every_net
def test_the_loss_sensitivity_is_the_gradient_by_each_picture(name):
    net, _, _, (x, y) = exact(block_net(NETS[name]))
    at = torch.from_numpy(x).requires_grad_()
    total = cross_entropy(net.module()(at), torch.from_numpy(y), reduction="sum")
    by_input = torch.autograd.grad(total, at)[0].abs().sum(dim=1)
    np.testing.assert_allclose(sensitivity(net, x, y), by_input, rtol=1e-8)


@every_net
def test_witnesses_of_critical_pictures_have_another_answer_within_the_radius(name, subjects):
    net, split = subjects[name].net, subjects[name].split
    x = split.test_x[:40]
    found = critical_points(net, x, 0.3, iterations=8)
    assert found.critical.any()
    assert np.abs(found.witnesses - x).max() <= 0.3 + 1e-6
    changed = net.logits(found.witnesses).argmax(axis=1) != net.logits(x).argmax(axis=1)
    assert (changed[found.critical]).all()


def test_what_an_update_ahead_tells_leaves_statistics_and_weights_alone(subjects):
    subject = subjects["resnet"]
    before = subject.engine.weights
    (told,) = probe_of("oscillation").measure(subject)
    after = subject.engine.weights
    assert told.updates == 4
    for one, other in zip((*before.flat(), *before.buffers), (*after.flat(), *after.buffers), strict=True):
        assert one.tobytes() == other.tobytes()
