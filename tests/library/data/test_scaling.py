"""Inputs as a net reads them, and everything that is told in data units all the same."""

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape.data.base import Split
from foldscape.data.scaling import as_read
from foldscape.engine.choose import engine_for
from foldscape.memorisation import critical_points
from foldscape.neighbours.representation import represented


def colours(points=50):
    rng = np.random.default_rng(0)
    x = rng.random((points, 3, 4, 5)) * np.array([1, 0.5, 0.1])[:, None, None] + np.array([0, 0.2, 0.7])[:, None, None]
    x = x.reshape(points, -1).astype(np.float32)
    return Split(x[:40], np.arange(40) % 2, x[40:], np.arange(10) % 2, 2, (3, 4, 5))


def spec(**changes):
    plain = {"data": {"kind": "digits"}, "net": {"hidden": [6]}, "stop": {"epochs": 1}, "probes": []}
    return foldscape.RunSpec.model_validate(plain | changes)


def test_T_G_5_each_channel_has_mean_0_and_deviation_1_over_the_training_points():
    split = as_read(colours(), "channels")
    by_channel = split.train_x.reshape(40, 3, -1)
    np.testing.assert_allclose(by_channel.mean(axis=(0, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(by_channel.std(axis=(0, 2)), 1, atol=1e-5)
    plain = colours()
    exact = plain.train_x.astype(np.float64).reshape(40, 3, -1)
    mean, deviation = exact.mean(axis=(0, 2)), exact.std(axis=(0, 2))
    asked = (plain.test_x.reshape(10, 3, -1) - mean[:, None]) / deviation[:, None]
    np.testing.assert_allclose(split.test_x.reshape(10, 3, -1), asked, atol=1e-5)


def test_the_way_back_gives_the_pictures():
    for how in ("channels", "mean_picture"):
        split = as_read(colours(), how)
        np.testing.assert_allclose(split.in_data_units(split.test_x), colours().test_x, atol=1e-6)


def test_the_mean_picture_is_what_centred_digits_lose():
    found = spec(normalise="mean_picture").load()
    centred = spec(data={"kind": "digits", "centred": True}).load()
    np.testing.assert_allclose(found.train_x, centred.train_x, atol=1e-6)
    np.testing.assert_allclose(found.test_x, centred.test_x, atol=1e-6)


def test_validation_points_teach_it_nothing():
    run = spec(normalise="channels", validation_share=0.3)
    split = run.load()
    assert abs(float(split.train_x.mean())) < 1e-5
    assert len(split.validation_x)
    assert abs(float(split.validation_x.mean())) > 1e-5
    plain = run.model_copy(update={"normalise": "none"}).load()
    np.testing.assert_allclose(split.in_data_units(split.validation_x), plain.validation_x, atol=1e-6)


def test_members_of_an_ensemble_read_alike():
    one, other = (spec(normalise="channels", member=m, resample={"kind": "bagging"}) for m in (1, 2))
    assert np.array_equal(one.load().test_x, other.load().test_x)


def test_a_number_that_never_changes_stays_as_it_is():
    x = np.full((20, 64), 0.25, np.float32)
    split = as_read(Split(x, np.zeros(20, int), x[:0], np.zeros(0, int), 2, (8, 8)), "channels")
    assert not split.train_x.any()
    assert split.test_x.shape == (0, 64)


@pytest.mark.parametrize("how", ["channels", "mean_picture"])
@pytest.mark.parametrize("changes", [{}, {"corrupt": {"inputs": 0.5, "labels": 0.2}}, {"validation_share": 0.2}])
def test_people_look_at_pictures_as_they_are(how, changes):
    plain, read = spec(**changes), spec(normalise=how, **changes)
    for part in ("train", "test"):
        seen, asked = read.examples(part, [3, 7]), plain.examples(part, [3, 7])
        assert np.array_equal(seen.inputs, asked.inputs)
        assert np.array_equal(seen.labels, asked.labels)


def test_centred_digits_are_looked_at_as_they_were_written():
    seen = spec(data={"kind": "digits", "centred": True}).examples("test", [0, 1]).inputs
    assert np.array_equal(seen, spec().examples("test", [0, 1]).inputs)


def test_the_mistake_that_a_fold_is_for_is_told_in_data_units():
    growth = {"rule": {"kind": "folding"}, "schedule": {"kind": "periodic", "start": 1, "every": 1, "births": 1}}
    run = spec(normalise="channels", growth=growth, stop={"epochs": 2})
    birth = next(event for event in foldscape.run(run) if event.kind == "grown")
    told = birth.explanation
    np.testing.assert_allclose(told["point"], run.in_data_units().train_x[told["instance"]], atol=1e-6)


def attacked(run, split, net):
    """Give how far, in data units, an engine's attack has moved the inputs of a batch."""
    moved = []
    engine = engine_for(run, net, split)
    logits = engine._logits
    engine._logits = lambda h, *rest: moved.append(h.detach().numpy().copy()) or logits(h, *rest)
    engine.begin_epoch(np.arange(len(split.train_x)), 20)
    engine.train(0, 1)
    return split.in_data_units(moved[-1]) - split.in_data_units(split.train_x[:20])


@pytest.mark.parametrize("kind", ["fgsm", "pgd"])
def test_T_G_6_an_attack_reaches_as_far_in_data_units_as_it_says(kind):
    run = spec(adversarial={"kind": kind, "radius": 0.05}, engine="torch", net={"hidden": [3], "output_scale": 1})
    split = as_read(colours(), "channels")
    net = run.net.first_on(split.shape, 2, np.random.default_rng(0))
    far = np.abs(attacked(run, split, net))
    assert far.max() == pytest.approx(0.05, rel=1e-4)
    if kind == "fgsm":
        assert ((far < 1e-6) | (np.abs(far - 0.05) < 1e-5)).all()


def test_T_G_6_input_noise_is_as_wide_in_data_units_as_it_says():
    run = spec(input_noise=0.2, engine="torch", net={"hidden": [3], "output_scale": 1})
    split = as_read(colours(), "channels")
    net = run.net.first_on(split.shape, 2, np.random.default_rng(0))
    shaken = attacked(run, split, net).reshape(20, 3, -1)
    np.testing.assert_allclose(shaken.std(axis=(0, 2)), 0.2, rtol=0.15)


def test_T_G_6_critical_points_are_those_of_the_net_that_reads_data_units():
    """A net on normalised inputs and the same function of the inputs in data units have the same critical points."""
    rng = np.random.default_rng(4)
    run = spec(net={"hidden": [8], "output_scale": 1})
    plain, split = colours(), as_read(colours(), "channels")
    net = run.net.first_on(split.shape, 2, rng).astype(np.float64)
    first = net.weights[0] / split.scaling.deviation
    same = net.with_flat([first, net.biases[0] - first @ split.scaling.mean, *net.flat()[2:]])
    np.testing.assert_allclose(same.logits(plain.test_x), net.logits(split.test_x), atol=1e-4)
    radius = 0.03
    here = critical_points(net, split.train_x, radius, rng=1, noise=0, unit=split.scaling.unit)
    there = critical_points(same, plain.train_x, radius, rng=1, noise=0)
    assert 0 < there.ratio < 1
    assert np.array_equal(here.critical, there.critical)
    reach = np.abs(split.in_data_units(here.witnesses) - plain.train_x)
    assert reach.max() <= radius * (1 + 1e-4)


def test_new_points_are_as_far_away_as_in_data_units():
    split = as_read(colours(), "channels")
    for found, plain in zip(represented("inputs", split), represented("inputs", colours()), strict=True):
        np.testing.assert_allclose(found, plain, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": {"kind": "moons"}, "normalise": "channels"}, "would move points of the plane"),
        ({"data": {"kind": "ag_news_lite"}, "normalise": "mean_picture"}, "ag_news_lite has none"),
        (
            {
                "data": {"kind": "ag_news_lite", "encoder": {"kind": "characters"}},
                "net": {"wiring": "char_cnn"}, "normalise": "channels",
            },
            "the net reads characters",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_rescaled_is_refused_in_words(changes, words):
    with pytest.raises(ValidationError, match=words):
        spec(**changes)
