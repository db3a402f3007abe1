"""What every registered loss has to hold; a new one, also of a plugin, is tested here by itself.

Closed forms are held against what follows from the loss's one formula by differentiation, and this against differences.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

import foldscape
from foldscape.curvature import Objective
from foldscape.curvature.matrices import matrix
from foldscape.engine.choose import engine_for, why_not_compiled
from foldscape.engine.torch_engine import TorchEngine
from foldscape.errors import BlewUp, InvalidInput, NotPossible
from foldscape.landscape import Evaluator
from foldscape.landscape.graphs import GraphEvaluator
from foldscape.losses import LOSSES, LossSpec, derived, loss_of, unit_of
from foldscape.losses.base import Loss
from foldscape.net.dag import Dag
from foldscape.net.mlp import backward, initial
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.training import Loop
from foldscape.training.opening import subject_of
from foldscape.training.scores import metrics
from tests.probes import probes_for

SETTINGS = {
    "cross_entropy": [
        {},
        {"label_smoothing": 0.2},
        {"label_smoothing": 0.7, "smoothing_over": "all"},
    ],
}
"""Settings to try; a kind that is not named here is tried at its defaults."""
CASES = [LOSSES[kind].model_validate(given) for kind in LOSSES for given in SETTINGS.get(kind, [{}])]
every_loss = pytest.mark.parametrize("loss", CASES, ids=[case.label for case in CASES])
every_width = pytest.mark.parametrize("outputs", [1, 2, 5])
PROBES = probes_for("moons", every=1)
SAMPLES, INPUTS = 24, 3


def drawn(outputs, samples=SAMPLES, seed=0, lead=()):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(*lead, samples, outputs)), rng.integers(0, max(outputs, 2), samples)


def fits(loss, outputs):
    if outputs == 1 and not loss.takes_one_output:
        pytest.skip("takes two outputs at least")


def net_of(outputs, activation="tanh", hidden=(4,)):
    rng = np.random.default_rng(1)
    net = initial(NetSpec(hidden=hidden, activation=activation, output_scale=1), INPUTS, outputs, rng)
    return net.astype(np.float64)


def points_of(outputs):
    x, y = np.random.default_rng(2).normal(size=(SAMPLES, INPUTS)), drawn(outputs)[1]
    return x, y


@every_loss
@every_width
@pytest.mark.parametrize("axis", [-1, -2])
def test_closed_forms_are_what_follows_from_the_formula(loss, outputs, axis):
    fits(loss, outputs)
    for lead in ((), (3,), (2, 2)):
        at, y = drawn(outputs, lead=lead)
        at = np.ascontiguousarray(np.moveaxis(at, -1, axis))
        np.testing.assert_allclose(loss.values(at, y, axis), derived.values(loss, at, y, axis), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(loss.error(at, y, axis), derived.error(loss, at, y, axis), atol=1e-12)
        assert loss.values(at, y, axis).shape == (*lead, SAMPLES)
        assert loss.error(at, y, axis).shape == at.shape


@every_loss
@every_width
def test_gradients_are_those_of_differences(loss, outputs):
    fits(loss, outputs)
    at, y = drawn(outputs)
    for k in range(outputs):
        moved = 1e-5 * np.eye(outputs)[k]
        slope = (loss.values(at + moved, y) - loss.values(at - moved, y)) / 2e-5
        np.testing.assert_allclose(loss.error(at, y)[:, k], slope, atol=1e-8)


@every_loss
@every_width
def test_second_derivatives_are_what_follows_from_the_formula(loss, outputs):
    fits(loss, outputs)
    at, y = drawn(outputs)
    at = np.ascontiguousarray(at.T)
    whole = derived.spread(loss, at, y)
    residual, spread = loss.residual(at, y)
    np.testing.assert_allclose(residual, derived.error(loss, at, y, -2), atol=1e-12)
    assert spread.shape[-1] == SAMPLES
    rng = np.random.default_rng(4)
    directions, matrix = rng.normal(size=(6, outputs, SAMPLES)), rng.normal(size=(outputs, 4))
    np.testing.assert_allclose(loss.curve(spread, directions), derived.curve(whole, directions), atol=1e-12)
    np.testing.assert_allclose(loss.variance_of(matrix, spread), derived.variance_of(matrix, whole), atol=1e-12)
    diagonal = whole.reshape(outputs, outputs, SAMPLES)[np.arange(outputs), np.arange(outputs)]
    np.testing.assert_allclose(loss.variance(spread, outputs), diagonal, atol=1e-12)
    for k in range(outputs):
        step = np.zeros((outputs, 1))
        step[k] = 1e-5
        slope = (loss.error(at + step, y, -2) - loss.error(at - step, y, -2)) / 2e-5
        np.testing.assert_allclose(slope, whole.reshape(outputs, outputs, SAMPLES)[:, k], atol=1e-8)


@every_loss
def test_single_precision_stays_single(loss):
    at, y = drawn(3)
    assert {part.dtype for part in loss.both(at.astype(np.float32), y)} == {np.dtype(np.float32)}
    assert {part.dtype for part in loss.residual(at.T.astype(np.float32), y)} == {np.dtype(np.float32)}


@every_loss
@every_width
def test_the_mean_that_the_torch_engine_takes_is_that_of_the_examples(loss, outputs):
    if outputs == 1:
        pytest.skip("a run has two classes at least")
    at, y = drawn(outputs)
    found = loss.mean_of(torch.from_numpy(at), torch.from_numpy(y))
    assert found.shape == ()
    assert float(found) == pytest.approx(float(loss.mean(at.T, y)), rel=1e-12)
    assert float(found) == pytest.approx(loss.values(at, y).mean(), rel=1e-12)


@every_loss
def test_one_step_of_the_torch_engine_follows_the_gradient_on_arrays(loss):
    x, y = points_of(3)
    net = net_of(3).astype(np.float32)
    engine = TorchEngine(net, SGD(lr=0.5), x.astype(np.float32), y, batch=SAMPLES, loss=loss)
    engine.begin_epoch(np.arange(SAMPLES))
    engine.train(0, 1)
    gradients = backward(net.astype(np.float64), x, y, loss.error).gradients
    for after, before, gradient in zip(engine.weights.flat(), net.flat(), gradients, strict=True):
        np.testing.assert_allclose(after, before - 0.5 * gradient, atol=1e-6)


@every_loss
@pytest.mark.parametrize("wiring", ["layers", "dag"])
def test_the_engine_that_a_spec_gets_follows_the_same_gradient(loss, wiring):
    given = {"net": {"hidden": [4], "wiring": wiring, "output_scale": 1}, "loss": loss.model_dump(), "batch": 30}
    given |= {"data": {"kind": "gaussian_blobs", "k": 3, "n": 40}, "optimizer": {"kind": "sgd", "lr": 0.5}}
    if wiring == "dag" and loss.form is None:
        with pytest.raises(ValueError, match=f"has no kernel for the loss {loss.kind}"):
            foldscape.RunSpec.model_validate(given)
        return
    spec = foldscape.RunSpec.model_validate(given)
    split = spec.data.load(0)
    net = initial(spec.net, split.features, split.classes, np.random.default_rng(3))
    net = Dag.of_layers(net) if wiring == "dag" else net
    engine = engine_for(spec, net, split)
    engine.begin_epoch(np.arange(len(split.train_x)))
    engine.train(0, 1)
    measured = scores(net.astype(np.float64), split.train_x[:30].T.astype(np.float64), split.train_y[:30], loss)
    moved = np.concatenate([(a - b).ravel() for a, b in zip(engine.weights.flat(), net.flat(), strict=True)])
    np.testing.assert_allclose(moved, -0.5 * measured.gradient, atol=1e-6)


@every_loss
def test_the_compiled_engine_is_refused_in_words_where_it_has_no_kernel(loss):
    spec = foldscape.RunSpec.model_validate({"loss": loss.model_dump()})
    refused = why_not_compiled(spec)
    assert (refused == "") == loss.is_softmax
    if refused:
        with pytest.raises(ValueError, match=r"compiled code has no kernel.*engine to auto or torch"):
            foldscape.RunSpec.model_validate({"loss": loss.model_dump(), "engine": "compiled"})


@every_loss
@every_width
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_curvature_by_hand_is_that_of_autograd(loss, outputs, activation):
    fits(loss, outputs)
    net, (x, y) = net_of(outputs, activation, hidden=(4, 3)), points_of(outputs)
    curved = Objective.of_mlp(net.weights, net.biases, activation, x, y, loss=loss)
    shapes = [part.shape for part in net.flat()]
    act = {"tanh": torch.tanh, "relu": torch.relu}[activation]

    def mean(flat):
        sizes = [int(np.prod(shape)) for shape in shapes]
        parts = [part.reshape(shape) for part, shape in zip(flat.split(sizes), shapes, strict=True)]
        h = torch.from_numpy(x)
        for layer in range(3):
            h = h @ parts[2 * layer].T + parts[2 * layer + 1]
            h = act(h) if layer < 2 else h
        return loss.each(h, torch.from_numpy(y)).mean()

    theta = torch.from_numpy(curved.theta)
    exact = torch.autograd.functional.hessian(mean, theta).numpy()
    assert curved.loss() == pytest.approx(float(mean(theta)), rel=1e-12)
    np.testing.assert_allclose(curved.gradient(), torch.func.grad(mean)(theta).numpy(), atol=1e-12)
    np.testing.assert_allclose(curved.dense_hessian(), exact, atol=1e-10)
    vectors = np.random.default_rng(5).normal(size=(3, curved.size))
    np.testing.assert_allclose(curved.hvp(None, vectors), vectors @ exact, atol=1e-10)
    assert curved.is_likelihood == loss.is_likelihood


@every_loss
@every_width
def test_a_module_of_torch_has_the_same_loss_and_hessian(loss, outputs):
    fits(loss, outputs)
    net, (x, y) = net_of(outputs), points_of(outputs)
    first, last = torch.nn.Linear(INPUTS, 4).double(), torch.nn.Linear(4, outputs).double()
    with torch.no_grad():
        for layer, weight, bias in zip((first, last), net.weights, net.biases, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))
    module = torch.nn.Sequential(first, torch.nn.Tanh(), last)
    own = Objective.of_mlp(net.weights, net.biases, "tanh", x, y, loss=loss)
    for theirs in (Objective.of(module, x, y, loss), Objective.of_module(module, x, y, loss, chunk=7)):
        assert theirs.loss() == pytest.approx(own.loss(), rel=1e-12)
        np.testing.assert_allclose(theirs.dense_hessian(), own.dense_hessian(), atol=1e-10)
    assert Evaluator.of_module(module, x, y, loss).on_plane([0.0], [0.0], own.theta * 0, None).loss[0] == pytest.approx(
        own.loss(), rel=1e-12
    )


@every_loss
def test_a_graph_has_the_same_loss_and_hessian_as_the_layers_that_it_stands_for(loss):
    net, (x, y) = net_of(3), points_of(3)
    graph = Dag.of_layers(net)
    own, theirs = net.objective(x, y, loss), graph.objective(x, y, loss)
    assert theirs.loss() == pytest.approx(own.loss(), rel=1e-12)
    assert theirs.is_likelihood == own.is_likelihood == loss.is_likelihood
    np.testing.assert_allclose(
        np.linalg.eigvalsh(theirs.dense_hessian()), np.linalg.eigvalsh(own.dense_hessian()), atol=1e-10
    )
    measured = GraphEvaluator(graph, x, y, loss).on_plane([0.0], [0.0], 0 * graph.weight, None)
    assert measured.loss[0] == pytest.approx(own.loss(), rel=1e-12)


@every_loss
def test_a_landscape_has_the_losses_of_the_curvature(loss):
    net, (x, y) = net_of(5, "relu"), points_of(5)
    evaluator = Evaluator.of_net(net.weights, net.biases, "relu", x, y, loss=loss)
    objective = net.objective(x, y, loss)
    direction = np.random.default_rng(6).normal(size=objective.size)
    t = np.linspace(-1, 1, 7)
    found = evaluator.on_plane(t, np.zeros(7), direction, None)
    exact = objective.losses(objective.theta + t[:, None] * direction)
    np.testing.assert_allclose(found.loss, exact, rtol=2e-5, atol=1e-6)


@every_loss
def test_the_fisher_of_the_model_is_there_for_likelihoods_alone(loss):
    net, (x, y) = net_of(3), points_of(3)
    for objective in (net.objective(x, y, loss), Dag.of_layers(net).objective(x, y, loss)):
        if loss.is_likelihood:
            assert matrix(objective, "true_fisher").size == objective.size
        else:
            with pytest.raises(NotPossible, match="log likelihood"):
                matrix(objective, "true_fisher")


@every_loss
def test_a_run_trains_measures_and_ends_on_it(loss):
    spec = foldscape.RunSpec.model_validate(
        {
            "data": {"kind": "moons", "n": 60},
            "net": {"hidden": [5], "output_scale": 1},
            "optimizer": {"kind": "sgd", "lr": 0.2},
            "stop": {"epochs": 6},
            "loss": loss.model_dump(),
            "probes": PROBES,
        }
    )
    loop = Loop(spec)
    events = list(loop.events())
    rows = [event.values for event in events if event.kind == "metrics"]
    assert rows[-1][1] < rows[0][1]
    subject = loop.subject
    at_end = loss.values(subject.net.logits(subject.split.train_x), subject.split.train_y).mean()
    assert rows[-1][1] == pytest.approx(at_end, rel=1e-4)
    cut = [event for event in events if event.kind == "slice"][-1]
    assert cut.train[len(cut.t) // 2] == pytest.approx(rows[-1][1], rel=1e-5)
    assert {event.kind for event in events} >= {"curvature", "traces", "density", "sharpness", "directions", "noise"}
    assert events[-1].reason == "epochs"


@every_loss
def test_a_run_that_leaves_the_finite_numbers_ends_in_words(loss):
    spec = foldscape.RunSpec.model_validate({"data": {"kind": "moons", "n": 60}, "loss": loss.model_dump()})
    split = spec.data.load(0)
    net = initial(spec.net, split.features, split.classes, np.random.default_rng(0)).astype(np.float64)
    huge = replace(net, weights=tuple(1e300 * np.sign(part) + 1e300 for part in net.weights))
    with pytest.raises(BlewUp, match="The loss blew up"):
        metrics(subject_of(spec, split, huge, []))


@every_loss
def test_it_is_written_as_its_name_alone_where_nothing_is_set(loss):
    spec = foldscape.RunSpec(loss=loss)
    written = spec.model_dump(mode="json")["loss"]
    assert (written == loss.kind) == (loss == loss_of(loss.kind))
    assert foldscape.RunSpec.model_validate_json(spec.model_dump_json()) == spec
    spelt = {name: getattr(loss, name) for name in type(loss).model_fields}
    assert TypeAdapter(LossSpec).validate_python(spelt) == loss


@every_loss
def test_it_has_words(loss):
    words = type(loss).words()
    assert all(words.values()), words
    assert loss.label.startswith(loss.kind)
    assert words["unit"] in unit_of(loss.label)
    assert len({case.label for case in CASES}) == len(CASES)


def test_a_loss_of_another_shape_than_one_number_an_example_is_refused():
    class Summed(Loss):  # without a kind of its own, which would be registered
        def each(self, outputs, y):
            return outputs.sum()

    at, y = drawn(3)
    with pytest.raises(InvalidInput, match=r"gave the shape \(\) for 24 examples"):
        Summed(kind="summed").values(at, y)
    with pytest.raises(InvalidInput, match="one number an example"):
        Summed(kind="summed").mean_of(torch.from_numpy(at), torch.from_numpy(y))


def test_an_unknown_loss_is_told_what_there_is():
    with pytest.raises(InvalidInput, match=r"no loss 'hinge'\. Choose one of cross_entropy, mse"):
        loss_of("hinge")
    with pytest.raises(InvalidInput, match="bce, cross_entropy, mse"):
        Objective.of(torch.nn.Linear(2, 2), np.zeros((3, 2)), np.zeros(3, int), "hinge")
