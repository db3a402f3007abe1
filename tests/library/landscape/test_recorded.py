"""Landscapes of a run at hand: the numbers of the net itself, from events alone where they hold the weights."""

from types import SimpleNamespace

import numpy as np
import pytest

import foldscape
from foldscape import landscape
from foldscape.errors import FrameNotFound, InvalidInput, NotPossible, RunNotFound
from foldscape.landscape.recorded import Recording, RunRecord, of_run, record, telling
from foldscape.landscape.recorded.moments import RecordedRun
from foldscape.landscape.surface import FinishedCells

PLANE = foldscape.RunSpec.model_validate({"net": {"hidden": [3]}, "stop": {"epochs": 6}})
DIGITS = foldscape.RunSpec.model_validate(
    {"data": {"kind": "digits"}, "net": {"hidden": [4]}, "stop": {"epochs": 2}, "probes": [{"kind": "frame"}]}
)
GROWN = foldscape.RunSpec.model_validate(
    {
        "net": {"hidden": [1]},
        "growth": {"rule": {"kind": "gradmax"}, "schedule": {"kind": "periodic", "start": 2, "every": 2, "births": 2}},
        "stop": {"epochs": 8},
    }
)
CELLS = {
    "view": "plane",
    "plane": {
        "resolution": 5,
        "stages": [],
        "first": {"kind": "random"},
        "second": {"kind": "random", "seed": 1},
    },
}


def objective(spec, run):
    net, split = RecordedRun(run).net(None).net, spec.data.load(spec.seed)
    return net.objective(split.train_x, split.train_y, spec.loss)


def test_the_events_of_a_run_on_the_plane_are_enough():
    found = landscape.of_run(foldscape.run(PLANE), spec=PLANE)
    kept = record(PLANE)
    own, plot = objective(PLANE, kept), found.plot()
    middle, along = len(plot.t) // 2, plot.direction.vector
    assert plot.t[middle] == 0
    assert plot.train.loss[middle] == pytest.approx(own.loss(), rel=1e-6)
    assert found.rows["ground"]["fit"]["curvature"] == pytest.approx(own.hvp(None, along) @ along)
    assert list(of_run(kept).lines()) == list(found.lines())


def test_a_plane_of_digits_needs_the_nets_beside_the_frames():
    with pytest.raises(FrameNotFound, match="keeps no frame with weights"):
        of_run(foldscape.run(DIGITS), CELLS, spec=DIGITS)
    kept = record(DIGITS)
    surface = of_run(kept, CELLS).plot().surface
    assert surface.known.all()
    assert surface.train_loss[2, 2] == pytest.approx(objective(DIGITS, kept).loss(), rel=1e-5)


def test_a_path_keeps_its_births():
    found = of_run(record(GROWN), {"view": "path", "resolution": 7})
    assert found.rows["ground"]["movement"]["births"]
    assert np.isfinite(found.plot().surface.train_loss).all()


def test_what_a_run_did_behind_the_moment_that_came_back_is_no_part_of_its_path():
    early = {"epochs": 60, "early_stop": {"patience": 20}}
    noisy = {"data": {"kind": "moons", "n": 80, "noise": 0.4}, "optimizer": {"kind": "adam", "lr": 0.1}}
    plain = GROWN.model_dump(mode="json") | noisy | {"validation_share": 0.3, "stop": early}
    spec = foldscape.RunSpec.model_validate(plain | {"net": {"hidden": [6]}, "probes": [{"kind": "frame"}]})
    kept = record(spec)
    (restored,) = [head for _, head in kept.heads() if head["kind"] == "restored"]
    run = RecordedRun(kept)
    steps = [one.moment.step for one in run.path(restored["step"])]
    assert [step for step in steps if restored["best_step"] < step < restored["step"]] == []
    assert {restored["best_step"], restored["step"]} <= set(steps)
    ends = [run.net(step).net for step in (restored["best_step"], restored["step"])]
    assert all(np.array_equal(a, b) for a, b in zip(*(net.flat() for net in ends), strict=True))


def test_other_runs_are_found_by_their_names():
    other = record(PLANE.model_copy(update={"seed": 3}), name="other")
    asked = {"view": "connection", "to": "other", "updates": 2, "points": 3}
    found = of_run(record(PLANE), asked, others={"other": other})
    ways = {"linear", "ordered", "curve"}
    told = {f"topology.{way}.{part}" for way in ways for part in ("train", "test")}
    assert set(found.rows) == {"ground", *(f"way.{way}" for way in ways), *told}
    end = found.arrays("way.linear")["train_loss"][-1]
    assert end == pytest.approx(objective(PLANE, other).loss(), rel=1e-6)
    with pytest.raises(NotPossible, match="no surface"):
        found.plot()
    with pytest.raises(RunNotFound, match="There is no run other"):
        of_run(record(PLANE), asked)


def test_events_without_their_spec_are_refused():
    with pytest.raises(InvalidInput, match="without its spec"):
        of_run(foldscape.run(PLANE))


def test_a_recording_answers_what_the_run_log_does():
    kept = Recording(GROWN, foldscape.run(GROWN))
    assert isinstance(kept, RunRecord)
    births = [step for (step, _), head in kept.heads() if head["kind"] == "grown"]
    assert len(births) == 2
    ids, lasting = kept.frame_ids(), kept.lasting_ids()
    assert {ids[0], ids[-1]} <= lasting
    assert all(any(step == birth for step, _ in lasting) for birth in births)


def test_finished_cells_correct_the_estimate(monkeypatch):
    """Ten cells, two known before, two a block, a block in 3 s of a clock that moves only while cells are measured."""
    now = [100.0]
    monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=lambda: now[0]))
    known = np.arange(10) < 2

    def blocks():
        for start in range(2, 10, 2):
            now[0] += 3
            two = np.zeros(2)
            places = np.arange(start, start + 2)
            yield FinishedCells(np.zeros(2, int), places, two, two, two, two, done=start + 2, total=10, stage=10)

    told = list(telling.said(blocks(), 10, known, 1.0))
    assert told[0].estimate_s == 1
    assert [word.estimate_s for word in told[1:]] == pytest.approx([12] * 5)


def plane_through(first, second, **more):
    axes = {
        "first": {"kind": "towards", "aligned": False} | first,
        "second": {"kind": "towards", "aligned": False} | second,
    }
    return {
        "view": "plane",
        "plane": {"resolution": 3, "stages": [], "x_reach": (-1, 1), "y_reach": (-1, 1)} | axes | more,
    }


@pytest.mark.parametrize("scale", ["own", "unit", "neuron-relative"])
@pytest.mark.parametrize("orthogonal", [False, True])
def test_three_nets_stand_exactly_where_the_plane_through_them_says(scale, orthogonal):
    """T-F13: the coordinates of the three points are exact, of runs and of moments of one run."""
    middle = record(PLANE, name="middle")
    other = record(PLANE.model_copy(update={"seed": 3}), name="other")
    step = middle.frame_ids()[1][0]
    asked = plane_through({"run": "other"}, {"run": "middle", "step": step}, scale=scale, orthogonal=orthogonal)
    found = of_run(middle, asked, others={"other": other, "middle": middle})
    ground, plot = found.rows["ground"], found.plot()
    theta = RecordedRun(middle).net(None).theta
    nets = [RecordedRun(other).net(None).theta, RecordedRun(middle).net(step).theta]
    for mark, net in zip(ground["marks"], nets, strict=True):
        moved = mark["x"] * plot.first.vector + mark["y"] * plot.second.vector
        np.testing.assert_allclose(theta + moved, net, rtol=1e-12, atol=1e-12)
    if scale == "own":
        assert (ground["marks"][0]["x"], ground["marks"][0]["y"]) == pytest.approx((1, 0), abs=1e-12)
    if scale == "own" and not orthogonal:
        assert (ground["marks"][1]["x"], ground["marks"][1]["y"]) == pytest.approx((0, 1), abs=1e-12)
        assert plot.surface.train_loss[1, 2] == pytest.approx(objective(PLANE, middle).loss(nets[0]), rel=1e-5)
        assert plot.surface.train_loss[2, 1] == pytest.approx(objective(PLANE, middle).loss(nets[1]), rel=1e-5)
