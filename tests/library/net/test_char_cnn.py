"""The net that reads characters: one function in numpy and torch, trained, measured, and refused where it cannot."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

import foldscape
from foldscape.data.encoders.characters import ALPHABET, PADDING, SYMBOLS, UNKNOWN, Characters
from foldscape.data.lite import ColaLite
from foldscape.engine.char_cnn.module import CharCnnModule, ids_of
from foldscape.engine.choose import engine_for
from foldscape.errors import NotPossible
from foldscape.explain import explain
from foldscape.net.passes import scores
from foldscape.net.spec import ACTIVATIONS, NetSpec
from foldscape.probes.novelty import NoveltyProbe
from foldscape.training import Loop, Snapshot

LENGTH = 20


def net_of(activation="relu", filters=3, seed=0, length=LENGTH):
    spec = NetSpec(hidden=(filters,), wiring="char_cnn", activation=activation, output_scale=1, length=length)
    return spec.first(length, 3, np.random.default_rng(seed))


def sentences(n=30, length=LENGTH):
    rng = np.random.default_rng(1)
    x = rng.integers(1, SYMBOLS, (n, length))
    x[np.arange(length) >= rng.integers(1, length + 1, n)[:, None]] = PADDING
    return x.astype(np.float32), rng.integers(0, 3, n)


def run_of(**changes):
    plain = {
        "data": {"kind": "cola_lite", "encoder": {"kind": "characters", "dims": 32}},
        "net": {"hidden": [2], "wiring": "char_cnn", "length": 32, "output_scale": 1},
        "batch": 500,
        "stop": {"epochs": 1},
        "probes": [{"kind": "frame"}],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def by_hand(net, row):
    """One sentence, filter by filter and place by place."""
    embedded = [np.zeros(16) if one == PADDING else net.embedding[int(one)].astype(float) for one in row]
    h = []
    for width, weight, bias in zip((3, 5, 7), net.weights, net.biases, strict=False):
        for own, shift in zip(weight.reshape(-1, 16, width).astype(float), bias.astype(float), strict=True):
            answers = []
            for place in range(len(row)):
                seen = [place + offset - width // 2 for offset in range(width)]
                parts = [own[:, i] @ embedded[at] for i, at in enumerate(seen) if 0 <= at < len(row)]
                answers.append(sum(parts) + shift)
            h.append(max(max(answers), 0))
    return net.weights[-1] @ np.array(h) + net.biases[-1]


def test_characters_are_numbered_and_padded():
    train, test = Characters(dims=16).encode(["Ab ✓", ""], np.zeros(2, int), ["z" * 40])
    assert train[0].tolist() == [2, 3, 2 + ALPHABET.index(" "), UNKNOWN] + [PADDING] * 12
    assert (train[1] == PADDING).all()
    assert (test == 2 + ALPHABET.index("z")).all()
    assert train.dtype == np.float32


def test_the_forward_pass_is_that_by_hand():
    net, (x, _) = net_of(), sentences(4)
    np.testing.assert_allclose(net.logits(x), [by_hand(net, row) for row in x], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_numpy_and_torch_scores_objective_and_evaluator_are_one_function(activation):
    net, (x, y) = net_of(activation).astype(np.float64), sentences()
    with torch.no_grad():
        outputs = CharCnnModule(net)(ids_of(x)).numpy()
    np.testing.assert_allclose(net.logits(x), outputs, atol=1e-12)
    told = scores(net, x.T.astype(np.float64), y, "cross_entropy")
    objective, evaluator = net.objective(x, y), net.evaluator(x, y)
    assert told.loss == pytest.approx(objective.loss(), rel=1e-10)
    assert told.loss == pytest.approx(evaluator.at(net.vector()).loss[0], rel=1e-10)
    assert told.accuracy == evaluator.at(net.vector()).accuracy[0]
    for theta in (objective.theta, evaluator.theta):
        np.testing.assert_allclose(theta, net.vector(), rtol=1e-12)
    assert net.parameters == net.vector().size == objective.size


def test_gradient_and_hessian_are_those_of_differences():
    net, (x, y) = net_of("tanh", filters=1).astype(np.float64), sentences(12)
    objective, theta = net.objective(x, y), net.vector()
    gradient = objective.gradient()
    np.testing.assert_allclose(scores(net, x.T, y, "cross_entropy").gradient, gradient, atol=1e-10)
    for direction in np.random.default_rng(3).normal(size=(4, len(theta))):
        slope = (objective.loss(theta + 1e-6 * direction) - objective.loss(theta - 1e-6 * direction)) / 2e-6
        assert gradient @ direction == pytest.approx(slope, rel=1e-5, abs=1e-8)
        bent = (objective.gradient(theta + 1e-6 * direction) - objective.gradient(theta - 1e-6 * direction)) / 2e-6
        np.testing.assert_allclose(objective.hvp(None, direction), bent, atol=1e-5)


def test_its_engine_takes_the_step_of_the_gradient():
    spec = run_of(optimizer={"kind": "sgd", "lr": 0.1}, batch=6000)
    split = spec.load()
    net = spec.net.first(split.features, split.classes, np.random.default_rng(0))
    trained = engine_for(spec, net, split)
    trained.begin_epoch(np.arange(len(split.train_y)))
    trained.train(0, 1)
    gradient = net.objective(split.train_x, split.train_y).gradient()
    np.testing.assert_allclose(trained.weights.vector(), net.vector() - 0.1 * gradient, atol=1e-5)
    assert (trained.weights.embedding[PADDING] == 0).all()


def test_size_and_compute_are_those_counted_by_hand():
    net, spec = net_of(filters=4), NetSpec(hidden=(4,), wiring="char_cnn", length=LENGTH)
    filters = sum(4 * (16 * width + 1) for width in (3, 5, 7))
    assert net.parameters == SYMBOLS * 16 + filters + 3 * 13
    assert net.flops_per_sample == spec.flops_per_sample(net.parameters) == 6 * (LENGTH * filters + 39)
    assert net.hidden == (12,)
    assert [len(ids) for ids in net.unit_ids()] == [12]
    assert spec.widths(LENGTH, 3) == (LENGTH, 12, 3)


def test_a_run_goes_on_from_its_snapshot_bit_for_bit():
    whole, half = Loop(run_of(stop={"epochs": 2})), Loop(run_of())
    list(whole.events())
    list(half.events())
    gone_on = Loop(run_of(stop={"epochs": 2}), Snapshot.unpack(*half.snapshot().pack()))
    gone_on.finished = False
    list(gone_on.events())
    for mine, theirs in zip(whole.subject.net.flat(), gone_on.subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def test_a_recorded_moment_is_looked_around():
    from foldscape.landscape.recorded import of_run, record

    kept = record(run_of())
    found = of_run(kept, {"view": "slice", "slice": {"resolution": 5, "data": {"points": 50}}})
    values = found.arrays("cells")["values"]
    assert np.isfinite(values).all()
    assert foldscape.novelty.novelty_of(kept).counts.tolist() == [200] * 5


@pytest.mark.parametrize("rule", ["gradmax", "net2wider", "random_insertion"])
def test_growth_is_refused_in_a_sentence(rule):
    spec = run_of(commands=[{"step": 1, "command": {"kind": "grow", "rule": {"kind": rule}}}])
    (refused,) = [event.refused for event in Loop(spec).events() if event.kind == "command"]
    assert refused.startswith(f"This net is a character CNN, and {rule}")


def test_geometry_is_refused_in_a_sentence():
    with pytest.raises(NotPossible, match="The folds of a character CNN cannot be computed"):
        net_of().pieces((-1, 1, -1, 1))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"data": {"kind": "moons"}, "batch": 30}, "net.wiring"),
        ({"data": {"kind": "cola_lite"}}, "net.wiring"),
        ({"net": {"hidden": [8]}}, "net.wiring"),
        ({"net": {"hidden": [2], "wiring": "char_cnn"}}, "net.length"),
        ({"input_noise": 0.1}, "input_noise"),
        ({"input_dropout": 0.1}, "input_dropout"),
        ({"adversarial": {}}, "adversarial"),
        ({"corrupt": {"inputs": 0.1}}, "corrupt.inputs"),
        ({"net": {"hidden": [2], "wiring": "char_cnn", "length": 32, "dropout": 0.5}}, "net.dropout"),
        ({"engine": "compiled"}, "engine"),
    ],
)
def test_what_does_not_fit_together_is_refused_beside_its_field(changes, path):
    with pytest.raises(ValidationError) as refused:
        run_of(**changes)
    assert path in [fault["path"] for fault in explain(refused.value.errors(), foldscape.RunSpec)]


def test_characters_have_no_distance_by_their_numbers():
    data = ColaLite(encoder=Characters())
    assert NoveltyProbe(representation="inputs").problem(data).startswith("representation inputs has no distance")
    assert not NoveltyProbe().problem(data)


@pytest.mark.parametrize("hills", [{"kernel": "function", "sigma": 0.1}, {"scope": "last_layer"}, {"scope": "weights"}])
def test_torch_trains_it_so_that_hills_of_outputs_and_of_layers_stand(hills):
    spec = run_of(terms=[{"kind": "hills", "strength": 1, "at_epochs": [1], **hills}], stop={"epochs": 2}, batch=3000)
    told = [event for event in foldscape.run(spec) if event.kind == "hill_put"]
    assert len(told) == 1
