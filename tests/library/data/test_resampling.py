"""Draws of the training points: the members of one ensemble share validation and test points, and nothing is lost."""

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape.errors import FieldRefused
from foldscape.registry import kinds
from foldscape.resampling import Resampling
from foldscape.resampling.bagging import Bagging
from foldscape.spec import RunSpec


def spec(member=0, seed=3, **changes):
    plain = {"data": {"kind": "moons", "n": 80}, "net": {"hidden": [4]}, "stop": {"epochs": 2}, "batch": 8}
    return RunSpec.model_validate(plain | {"seed": seed, "member": member} | changes)


def rows(points):
    return sorted(map(tuple, points.tolist()))


@pytest.mark.parametrize("kind", list(kinds("foldscape.resampling", Resampling)))
def test_every_draw_is_of_the_training_points_and_as_many_as_it_says(kind):
    for member in range(3):
        run = spec(member, resample={"kind": kind}, validation_share=0.25)
        split, shared = run.load(), run.shared_points()
        assert len(split.train_x) == run.train_size
        assert set(rows(split.train_x)) <= set(rows(shared.train_x))
        np.testing.assert_array_equal(split.test_x, shared.test_x)
        np.testing.assert_array_equal(split.validation_x, spec(validation_share=0.25).load().validation_x)


def test_bagging_draws_another_time_for_each_member_and_the_same_for_one():
    first, again, other = (spec(member, resample={"kind": "bagging"}).load().train_x for member in (0, 0, 1))
    assert rows(first) == rows(again) != rows(other)
    share = np.mean(
        [len(np.unique(spec(m, resample={"kind": "bagging"}).load().train_x, axis=0)) / 60 for m in range(40)]
    )
    assert share == pytest.approx(1 - 1 / np.e, abs=0.03)


def test_the_folds_leave_every_point_out_once_class_by_class():
    whole = spec().load()
    left = [spec(member, resample={"kind": "k_fold", "of": 4}).load() for member in range(4)]
    everything = sorted(point for one in left for point in rows(one.train_x))
    assert everything == sorted(3 * rows(whole.train_x))
    counts = np.array([np.bincount(one.train_y) for one in left])
    assert np.ptp(counts, axis=0).max() <= 1


def test_a_fold_may_be_named_whatever_the_member():
    one, two = (spec(member, resample={"kind": "k_fold", "of": 4, "fold": 2}).load().train_x for member in (0, 3))
    assert rows(one) == rows(two)


def test_examples_are_those_that_were_drawn():
    run = spec(1, resample={"kind": "k_fold", "of": 3}, validation_share=0.2)
    np.testing.assert_array_equal(run.examples("train", [0, 5, 11]).inputs, run.load().train_x[[0, 5, 11]])


def test_member_0_is_the_run_as_it_was_and_others_have_all_but_the_points_of_their_own():
    plain = [event.values.tolist() for event in foldscape.run(spec()) if event.kind == "metrics"]
    without = spec().model_dump(mode="json")
    assert "member" not in without
    assert "resample" not in without
    other = [event.values.tolist() for event in foldscape.run(spec(1)) if event.kind == "metrics"]
    assert plain[0] != other[0]
    assert rows(spec().load().train_x) == rows(spec(1).load().train_x)


def test_a_fold_that_is_not_there_is_refused():
    with pytest.raises(ValidationError, match=r"resample.fold 4 is none of the 4 parts"):
        spec(resample={"kind": "k_fold", "of": 4, "fold": 4})


def test_a_draw_that_leaves_a_class_empty_is_refused():
    with pytest.raises(FieldRefused, match=r"draws no training point of class 1 for member 2 of seed 5"):
        Bagging().drawn(np.array([0] * 200 + [1]), seed=5, member=2)


@pytest.mark.parametrize("validation_share", [0.0, 0.25])
def test_whatever_is_known_of_each_training_point_is_drawn_with_it(validation_share):
    fields = {"data": {"kind": "cola_lite"}, "corrupt": {"labels": 0.5}, "validation_share": validation_share}
    shared = spec(resample={"kind": "bagging"}, **fields).shared_points()
    run = spec(1, resample={"kind": "bagging"}, **fields)
    chosen = run.resample.drawn(shared.train_y, run.seed, run.member)
    drawn, points = run.load(), len(shared.train_y)
    each = {name: value for name, value in vars(shared).items() if name.startswith("train_")}
    assert set(each) >= {"train_x", "train_y", "train_texts"}
    for name, value in each.items():
        assert len(value) == points
        assert [*map(str, getattr(drawn, name))] == [str(value[one]) for one in chosen]
    np.testing.assert_array_equal(drawn.true_y, shared.true_y[chosen])
