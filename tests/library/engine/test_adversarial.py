"""Adversarial training and input dropout: what an update learns from, by hand, and its bits through snapshots."""

import numpy as np
import pytest
import torch
from torch.nn import functional

import foldscape
from foldscape.engine.adversarial import Adversarial
from foldscape.engine.choose import engine_name, why_not_compiled
from foldscape.engine.torch_engine import TorchEngine
from foldscape.engine.training_noise import TrainingNoise
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.training import Loop


def problem(points=30):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(points, 2)).astype(np.float32), rng.integers(0, 2, points)
    return initial(NetSpec(hidden=(), output_scale=1), 2, 2, rng), x, y


def stepped(noise):
    net, x, y = problem()
    engine = TorchEngine(net, SGD(lr=0.1), x, y, len(x), noise=noise)
    engine.begin_epoch(np.arange(len(x)))
    engine.train(0, 1)
    return engine.weights


@pytest.mark.parametrize("kind", ["fgsm", "pgd"])
def test_a_linear_net_learns_from_inputs_moved_to_a_corner_of_the_box(kind):
    """The gradient by the inputs of a linear net of two classes has one sign: it leads to the same corner always."""
    net, x, y = problem()
    margin = net.weights[0][1] - net.weights[0][0]
    corner = np.where(y[:, None] == 1, -np.sign(margin), np.sign(margin)).astype(np.float32)
    moved = torch.tensor(x + np.float32(0.3) * corner)
    weight, bias = (torch.tensor(part, requires_grad=True) for part in (net.weights[0], net.biases[0]))
    functional.cross_entropy(moved @ weight.T + bias, torch.tensor(y)).backward()
    found = stepped(TrainingNoise(seed=1, adversarial=Adversarial(kind=kind, radius=0.3, steps=5)))
    assert np.allclose(found.weights[0], net.weights[0] - 0.1 * weight.grad.numpy(), atol=1e-6)
    assert np.allclose(found.biases[0], net.biases[0] - 0.1 * bias.grad.numpy(), atol=1e-6)


def test_moved_inputs_stay_in_their_box_and_have_a_larger_loss():
    rng = np.random.default_rng(0)
    x, weight = torch.tensor(rng.normal(size=(40, 6))), torch.tensor(rng.normal(size=(6, 6)))
    loss = lambda at: torch.tanh(at @ weight).square().mean()  # noqa: E731
    for attack in (Adversarial(radius=0.1), Adversarial(kind="pgd", radius=0.1, steps=7)):
        noise = TrainingNoise(seed=0, adversarial=attack)
        start = noise.starts(3, 40, 6)
        moved = attack.moved(x, None if start is None else torch.tensor(start), loss)
        assert (moved - x).abs().max() <= 0.1 + 1e-12
        assert loss(moved) > loss(x)


def test_an_input_is_left_out_as_often_as_asked_and_the_others_scaled_up():
    factors = TrainingNoise(seed=2, input_dropout=0.25).input_factors(7, 20_000, 3)
    assert set(np.unique(factors)) == {np.float32(0), np.float32(1 / 0.75)}
    assert np.abs((factors == 0).mean(axis=0) - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 20_000)
    net, x, y = problem()
    masked = x * TrainingNoise(seed=2, input_dropout=0.25).input_factors(0, *x.shape)
    weight = torch.tensor(net.weights[0], requires_grad=True)
    outputs = torch.tensor(masked) @ weight.T + torch.tensor(net.biases[0])
    functional.cross_entropy(outputs, torch.tensor(y)).backward()
    found = stepped(TrainingNoise(seed=2, input_dropout=0.25))
    assert np.allclose(found.weights[0], net.weights[0] - 0.1 * weight.grad.numpy(), atol=1e-6)


NOISY = {"input_dropout": 0.2, "adversarial": {"kind": "pgd", "radius": 0.1, "steps": 2}}


def spec(**changes):
    plain = {
        "data": {"kind": "moons", "n": 60},
        "net": {"hidden": [6]},
        "batch": 16,
        "stop": {"epochs": 4},
        "probes": [],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def test_a_run_taken_up_from_a_snapshot_has_the_same_bits():
    whole = Loop(spec(**NOISY))
    list(whole.events())
    loop = Loop(spec(**NOISY))
    for event in loop.events():
        if event.kind == "metrics" and event.step == 6:
            break
    again = Loop(spec(**NOISY), start=loop.snapshot())
    list(again.events())
    for mine, other in zip(again.subject.net.flat(), whole.subject.net.flat(), strict=True):
        assert np.array_equal(mine, other)


@pytest.mark.parametrize("name", NOISY)
def test_compiled_code_is_not_asked_for_what_it_cannot_do(name):
    one = spec(**{name: NOISY[name]})
    assert name in why_not_compiled(one)
    assert engine_name(one, 30) == "torch"
    with pytest.raises(ValueError, match=name):
        spec(engine="compiled", **{name: NOISY[name]})
    assert not {"input_dropout", "adversarial"} & set(spec().model_dump(mode="json"))
