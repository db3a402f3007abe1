"""Novelty along a run, from what it left behind, and where it is refused."""

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.preprocessing import normalize

import foldscape
from foldscape import wire
from foldscape.data.digits import Digits
from foldscape.data.lite import ColaLite
from foldscape.data.validation import with_validation
from foldscape.errors import FrameNotFound, InvalidInput, NotPossible
from foldscape.explain import explain
from foldscape.landscape.recorded import record
from foldscape.measures.declared import values_of
from foldscape.memorisation.critical import critical_points
from foldscape.neighbours import kept as on_disk
from foldscape.novelty import nearest, neighbours_of, represented
from foldscape.probes.novelty import NoveltyProbe
from foldscape.sweep.check import problems
from foldscape.sweep.spec import SweepSpec
from foldscape.training import Loop

PROBE = {"kind": "novelty", "every": 1}


def spec(**changes):
    plain = {
        "data": {"kind": "digits"},
        "net": {"hidden": [16]},
        "stop": {"epochs": 2},
        "probes": [{"kind": "frame"}, PROBE],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


@pytest.fixture(scope="module")
def digits():
    return record(spec())


def test_what_a_run_tells_is_what_is_counted_from_its_net():
    loop = Loop(spec())
    event = [event for event in loop.events() if event.kind == "novelty"][-1]
    split, net = loop.subject.split, loop.subject.net
    found = nearest(split.train_x, split.test_x)
    order = np.argsort(found.distance, kind="stable")
    right = net.logits(split.test_x).argmax(axis=1) == split.test_y
    copied = split.train_y[found.index] == split.test_y
    for mine, theirs in ((event.accuracy, right), (event.memoriser, copied)):
        np.testing.assert_allclose(mine, theirs[order].reshape(5, 72).mean(axis=1))
    assert event.counts.tolist() == [72] * 5
    values = values_of(event)
    assert values["gap_growth"] == pytest.approx(
        (event.accuracy[-1] - event.memoriser[-1]) - (event.accuracy[0] - event.memoriser[0])
    )
    assert values["memoriser_accuracy"] == pytest.approx(copied.mean())
    assert not right[event.shown].any()
    assert (np.diff(event.shown_novelty) <= 0).all()
    np.testing.assert_array_equal(event.shown_nearest, found.index[event.shown])


def test_a_run_with_it_is_the_run_without_bit_for_bit():
    """T-B2-4."""
    states = []
    for probes in ([], [PROBE], [PROBE | {"representation": "features"}]):
        loop = Loop(spec(probes=probes))
        list(loop.events())
        states.append(loop.snapshot().arrays)
    bare, *measured = states
    for arrays in measured:
        assert set(arrays) == set(bare)
        for name, value in bare.items():
            np.testing.assert_equal(arrays[name], value, err_msg=name)


def test_from_a_record_it_is_what_the_probe_told(digits):
    found = foldscape.novelty.novelty_of(digits)
    told = [head for _, head in digits.heads() if head["kind"] == "novelty"][-1]
    assert found.accuracy[0] == pytest.approx(told["values"]["familiar_accuracy"])
    assert found.confidence[-1] == pytest.approx(told["values"]["novel_confidence"])
    at_first = foldscape.novelty.novelty_of(digits, step=0, buckets=3)
    assert at_first.counts.tolist() == [120] * 3
    assert at_first.accuracy.mean() < found.accuracy.mean()


def test_critical_samples_are_those_of_the_search():
    loop = Loop(spec(probes=[PROBE | {"critical_radius": 0.1}]))
    event = [event for event in loop.events() if event.kind == "novelty"][-1]
    split, net = loop.subject.split, loop.subject.net
    found = critical_points(net, split.test_x, 0.1, rng=7).critical
    order = np.argsort(nearest(split.train_x, split.test_x).distance, kind="stable")
    np.testing.assert_allclose(event.critical, found[order].reshape(5, 72).mean(axis=1))
    assert 0 < found.mean() < 1
    assert values_of(event)["novel_critical"] == event.critical[-1]


def test_an_event_travels(digits):
    event = next(event for event in foldscape.run(spec()) if event.kind == "novelty")
    again = wire.unpack_event(*wire.pack_event(event))
    assert again.values == event.values
    np.testing.assert_array_equal(again.edges, event.edges)


def test_the_squared_error_makes_no_confidence():
    event = [event for event in foldscape.run(spec(loss="mse")) if event.kind == "novelty"][-1]
    assert np.isnan(event.confidence).all()
    assert event.values["novel_confidence"] is None


@pytest.mark.parametrize("representation", ["words", "hashed"])
def test_sentences_are_held_against_each_other_by_their_words(representation):
    split = ColaLite().load(0)
    found = neighbours_of(split, representation)
    train, test = map(normalize, represented(representation, split))
    some = np.arange(0, len(split.test_y), 97)
    cosine = (test[some] @ train.T).toarray()
    np.testing.assert_allclose(found.distance[some], 1 - cosine.max(axis=1), atol=1e-12)
    copied = [split.train_texts.index(text) if text in split.train_texts else -1 for text in split.test_texts]
    copies = np.array(copied) >= 0
    assert copies.any()
    assert (found.distance[copies] == 0).all()


def test_a_validation_part_is_no_training_point():
    split = with_validation(ColaLite().load(0), 0.2, 3)
    assert len(split.train_texts) == len(split.train_y) == 4800
    whole = with_validation(Digits().load(0), 0.2, 3)
    assert neighbours_of(whole).index.max() < len(whole.train_y)


def test_neighbours_of_large_sets_are_kept_on_disk_under_their_points(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(on_disk, "QUICK", 0)
    split = Digits().load(0)
    first = neighbours_of(split)
    (kept,) = tmp_path.rglob("*.npz")
    monkeypatch.setattr(on_disk, "nearest", None)  # nobody searches again
    again = neighbours_of(split)
    np.testing.assert_array_equal(first.index, again.index)
    np.testing.assert_array_equal(first.distance, again.distance)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(on_disk, "QUICK", 0)
    neighbours_of(with_validation(split, 0.1, 0))
    assert len(list(tmp_path.rglob("*.npz"))) == 2
    assert kept.is_file()


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"data": {"kind": "moons"}}, "probes.1.kind", "novelty is not measured here"),
        ({"probes": [PROBE | {"representation": "words"}]}, "probes.0.representation", "digits has none"),
    ],
)
def test_what_cannot_be_measured_is_refused_beside_its_field(changes, path, said):
    with pytest.raises(ValidationError) as refused:
        spec(**changes)
    (fault,) = explain(refused.value.errors(), foldscape.RunSpec)
    assert fault["path"] == path
    assert said in fault["message"]


def test_more_buckets_than_test_points_are_refused():
    few = Digits.model_construct(test_share=0.01)
    assert NoveltyProbe(buckets=20).problem(few).startswith("buckets 20 are more than the 18 test points; ")
    assert not NoveltyProbe(buckets=18).problem(few)


def test_a_sweep_refuses_it_beside_its_field():
    found = problems(SweepSpec.model_validate({"base": {"data": {"kind": "moons"}}, "measure": {"probes": [PROBE]}}))
    assert [fault["path"] for fault in found] == ["measure.probes.0.kind"]


def test_a_command_that_asks_for_it_on_the_plane_is_refused():
    command = {"step": 1, "command": {"kind": "set_probes", "probes": [PROBE]}}
    run = {"data": {"kind": "moons", "n": 60}, "stop": {"epochs": 1}, "commands": [command]}
    (taken,) = [event for event in foldscape.run(foldscape.RunSpec.model_validate(run)) if event.kind == "command"]
    assert "side by side" in taken.refused


def test_what_a_record_cannot_tell_is_refused(digits):
    with pytest.raises(InvalidInput, match="without its spec"):
        foldscape.novelty.novelty_of(iter(()))
    with pytest.raises(FrameNotFound):
        foldscape.novelty.novelty_of(iter(()), spec=spec())
    with pytest.raises(NotPossible, match="no sentences"):
        foldscape.novelty.novelty_of(digits, representation="words")
    with pytest.raises(NotPossible, match="side by side"):
        foldscape.novelty.novelty_of(record(foldscape.RunSpec(stop={"epochs": 1})))


def test_it_is_swept_and_compared():
    sweep = {
        "base": {"data": {"kind": "digits"}, "net": {"hidden": [8]}, "stop": {"epochs": 2}},
        "vary": {"width": {"narrow": {"net.hidden": [2]}, "wide": {"net.hidden": [32]}}},
        "seeds": "0-1",
        "primary": {"measure": "novel_accuracy", "align": "epochs"},
        "measure": {"every": 1, "flatness": [], "probes": [PROBE]},
    }
    done = foldscape.sweep.run(sweep, threads=1)
    assert [row.state for row in done.rows] == ["done"] * 4
    for curve in done.curves():
        assert 0 < curve.columns["novel_accuracy"][-1] <= 1
