"""Dropout and input noise: what an update sees, and that nothing else sees it."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional

import foldscape
from foldscape import wire
from foldscape.engine.base import Memory
from foldscape.engine.choose import engine_for, engine_name, why_not_compiled
from foldscape.engine.torch_engine import TorchEngine
from foldscape.engine.training_noise import TrainingNoise
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.training import Loop, Snapshot, Unattended

NOISY = {"net": {"hidden": [6, 4], "dropout": 0.3}, "input_noise": 0.2}
DRAWS = 4000


def problem(hidden=(6, 4), points=30):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(points, 2)).astype(np.float32), rng.integers(0, 2, points)
    return initial(NetSpec(hidden=hidden, output_scale=1), 2, 2, rng), x, y


def spec(**changes):
    plain = {"data": {"kind": "moons", "n": 60}, "batch": 16, "stop": {"epochs": 4}, "probes": [{"kind": "frame"}]}
    return foldscape.RunSpec.model_validate(plain | NOISY | changes)


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def test_the_expectation_of_a_net_with_dropout_is_the_net_without():
    """One hidden layer, where this holds exactly: the outputs are linear in what is left out."""
    net, x, _ = problem(hidden=(6,))
    noise = TrainingNoise(seed=1, dropout=0.4)
    hidden = net.layer_inputs(x, 1)
    factors = np.array([noise.factors(step, len(x), (6,))[0] for step in range(DRAWS)])
    assert set(np.unique(factors)) == {np.float32(0), np.float32(1 / 0.6)}
    said = (factors * hidden) @ net.weights[1].T + net.biases[1]
    error = said.std(axis=0) / np.sqrt(DRAWS)
    assert (np.abs(said.mean(axis=0) - net.logits(x)) < 5 * error + 1e-6).all()


def test_a_unit_is_left_out_as_often_as_asked_and_without_regard_to_others():
    factors = TrainingNoise(seed=2, dropout=0.25).factors(7, 20_000, (3, 2))
    assert [each.shape for each in factors] == [(20_000, 3), (20_000, 2)]
    out = np.hstack(factors) == 0
    assert np.abs(out.mean(axis=0) - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 20_000)
    assert np.abs(np.corrcoef(out.T) - np.eye(5)).max() < 5 / np.sqrt(20_000)


def test_input_noise_has_the_spread_that_was_asked_for():
    shifts = TrainingNoise(seed=3, input_noise=0.2).shifts(0, 20_000, 2)
    assert shifts.dtype == np.float32
    assert np.abs(shifts.mean(axis=0)).max() < 5 * 0.2 / np.sqrt(20_000)
    assert shifts.std(axis=0) == pytest.approx(0.2, rel=5 / np.sqrt(2 * 20_000))


def test_draws_differ_by_update_seed_and_purpose_and_repeat():
    noise = TrainingNoise(seed=4, dropout=0.5, input_noise=1.0)
    again = TrainingNoise(seed=4, dropout=0.5, input_noise=1.0)
    other = TrainingNoise(seed=5, dropout=0.5, input_noise=1.0)
    assert np.array_equal(noise.shifts(9, 8, 2), again.shifts(9, 8, 2))
    assert np.array_equal(noise.factors(9, 8, (4,))[0], again.factors(9, 8, (4,))[0])
    for step, one in ((8, noise), (9, other)):
        assert not np.array_equal(noise.shifts(9, 8, 2), one.shifts(step, 8, 2))
        assert not np.array_equal(noise.factors(9, 8, (40,))[0], one.factors(step, 8, (40,))[0])


def test_an_update_is_the_gradient_of_the_noisy_loss():
    """Against plain gradient descent with the masks and shifts written out by hand."""
    net, x, y = problem()
    noise = TrainingNoise(seed=6, dropout=0.3, input_noise=0.2)
    engine = TorchEngine(net, SGD(lr=0.1), x, y, batch=12, noise=noise)
    order = np.random.default_rng(0).permutation(30)
    engine.begin_epoch(order)
    engine.step = 21
    engine.train(0, 2)
    p = [torch.from_numpy(part.astype(np.float64)).requires_grad_() for part in net.flat()]
    for step, batch in ((21, order[:12]), (22, order[12:24])):
        masks = [torch.from_numpy(each.astype(np.float64)) for each in noise.factors(step, 12, (6, 4))]
        h = torch.from_numpy(x[batch].astype(np.float64)) + torch.from_numpy(noise.shifts(step, 12, 2)).double()
        for layer, mask in enumerate(masks):
            h = (h @ p[2 * layer].T + p[2 * layer + 1]).clamp_min(0) * mask
        loss = functional.cross_entropy(h @ p[4].T + p[5], torch.from_numpy(y[batch]))
        for part, gradient in zip(p, torch.autograd.grad(loss, p), strict=True):
            part.data -= 0.1 * gradient
    for array, part in zip(engine.weights.flat(), p, strict=True):
        np.testing.assert_allclose(array, part.detach().numpy(), atol=1e-6)


def test_without_either_no_bit_changes():
    plain = spec(net={"hidden": [6, 4]}, input_noise=0, engine="torch")
    given = spec(net={"hidden": [6, 4], "dropout": 0}, input_noise=0.0, engine="torch")
    assert packed(foldscape.run(plain)) == packed(foldscape.run(given))
    assert plain.model_dump_json() == given.model_dump_json()
    assert "dropout" not in plain.model_dump_json()
    assert "input_noise" not in plain.model_dump_json()


PLAIN_NET = {"hidden": [6, 4]}


@pytest.mark.parametrize(
    "changes", [{}, {"input_noise": 0}, {"net": PLAIN_NET}], ids=["both", "dropout", "input_noise"]
)
def test_noise_changes_the_training(changes):
    noisy = list(foldscape.run(spec(**changes)))
    plain = list(foldscape.run(spec(net={"hidden": [6, 4]}, input_noise=0, engine="torch")))
    first, last = (next(event for event in events if event.kind == "metrics") for events in (noisy, plain))
    assert np.array_equal(first.values, last.values)  # the row of the start knows no noise
    assert packed(noisy[-2:]) != packed(plain[-2:])


def test_rows_are_measured_without_noise():
    loop = Loop(spec())
    rows = [event for event in loop.events() if event.kind == "metrics"]
    subject = loop.subject
    logits = subject.net.astype(np.float64).logits(subject.split.train_x)
    right = float((logits.argmax(axis=1) == subject.split.train_y).mean())
    loss = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(subject.split.train_y)).item()
    assert rows[-1].values[1:3] == pytest.approx([loss, right], rel=1e-6)


class InPieces(Unattended):
    """Trains a few updates at a time, and takes a snapshot at a step."""

    def __init__(self, most, loop=None, cut=-1):
        self.most, self.loop, self.cut, self.snapshot = most, loop, cut, None

    def take(self, position):
        if position.step == self.cut:
            self.snapshot = self.loop.snapshot()
            self.loop.finished = True
        return ()

    def allowance(self, position):
        return min(self.most, self.cut - position.step) if position.step < self.cut else self.most


GROWING = {"commands": [{"step": 5, "command": {"kind": "grow", "rule": {"kind": "random_direction"}}}]}


@pytest.mark.parametrize("changes", [{}, GROWING], ids=["fixed", "growing"])
def test_pieces_and_snapshots_change_no_bit(changes):
    one = spec(**changes)
    whole = packed(foldscape.run(one))
    assert packed(foldscape.run(one, InPieces(1))) == whole
    for cut in (4, 7):  # an update into an epoch of three, and one after the birth
        loop = Loop(one)
        halt = InPieces(2, loop, cut)
        first = packed(loop.events(halt))
        second = packed(foldscape.run(one, start=Snapshot.unpack(*halt.snapshot.pack())))
        assert first + second == whole


def test_units_born_on_the_way_are_left_out_too():
    events = list(foldscape.run(spec(**GROWING)))
    widths = [event.weights[0].shape[0] for event in events if event.kind == "frame"]
    assert (widths[0], widths[-1]) == (6, 7)
    net, x, y = problem(hidden=(7, 4))
    bigger = initial(NetSpec(hidden=(9, 4), output_scale=1), 2, 2, np.random.default_rng(0))
    engines = [TorchEngine(each, SGD(lr=0.1), x, y, 30, noise=TrainingNoise(0, dropout=0.5)) for each in (net, bigger)]
    for engine in engines:
        engine.begin_epoch(np.arange(30))
        engine.step = 3
        engine.load(bigger, Memory())
        engine.train(0, 1)
    for one, other in zip(*(engine.weights.flat() for engine in engines), strict=True):
        assert np.array_equal(one, other)
    still = TorchEngine(bigger, SGD(lr=0.1), x, y, 30)
    still.begin_epoch(np.arange(30))
    still.train(0, 1)
    assert (engines[0].weights.weights[0][7:] != still.weights.weights[0][7:]).any()


def test_auto_takes_torch_and_compiled_code_says_why_not():
    for changes, word in (({"input_noise": 0}, "dropout 0.3"), ({"net": {"hidden": [6]}}, "input_noise 0.2")):
        asked = spec(**changes)
        assert word in why_not_compiled(asked)
        assert engine_name(asked, 50) == "torch"
        with pytest.raises(ValidationError, match=rf"engine compiled: .*{word}; set engine to auto or torch"):
            spec(engine="compiled", **changes)
        dag = {"net": asked.net.model_dump() | {"wiring": "dag"}}
        with pytest.raises(ValidationError, match=rf"net.wiring dag .*{word}; set it to layers"):
            spec(**changes | dag)
    asked = spec()
    split = asked.data.load(0)
    assert isinstance(engine_for(asked, initial(asked.net, 2, 2, np.random.default_rng(0)), split), TorchEngine)


@pytest.mark.parametrize(("field", "value"), [("dropout", 1), ("dropout", -0.1), ("input_noise", -1)])
def test_nonsense_is_refused_beside_its_field(field, value):
    changes = {"net": {"dropout": value}} if field == "dropout" else {"input_noise": value}
    with pytest.raises(ValidationError, match=field):
        spec(**changes)
