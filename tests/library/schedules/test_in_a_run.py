"""Schedules among what else there is in a run: growth, cadence, probes, compute, cost, sweeps."""

import numpy as np
import pytest

import foldscape
from foldscape.cost.engines import epoch_seconds
from foldscape.cost.run import foresee, size_of
from foldscape.spec import RunSpec
from foldscape.sweep import SweepSpec, run
from foldscape.sweep.moments import Moment
from foldscape.sweep.record import Recorder
from foldscape.sweep.spec import Measure
from foldscape.training import Loop

PLAIN = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [4]}, "batch": 8, "stop": {"epochs": 12}, "probes": []}
ACCURACY = {"measure": {"every": 1, "flatness": []}, "primary": {"measure": "test_accuracy"}}
GROWING = {"kind": "step", "every": 4, "factor": 3}


def spec_of(**changes):
    return RunSpec.model_validate(PLAIN | changes)


def rows_of(spec):
    return [event for event in foldscape.run(spec) if event.kind == "metrics"]


def test_a_run_measures_every_epoch_however_many_updates_that_are():
    epochs = [row.values[0] for row in rows_of(spec_of(batch_schedule=GROWING))]
    assert epochs == list(range(13))


def test_a_cadence_that_was_asked_for_stays():
    said = [{"step": 0, "command": {"kind": "cadence", "updates": 5}}]
    steps = [row.step for row in rows_of(spec_of(batch_schedule=GROWING, commands=said))]
    assert steps == [*range(0, 36, 5), 36]


def test_a_step_of_some_epochs_ends_with_an_epoch():
    said = [{"step": 12, "command": {"kind": "step", "n": 5}}]
    loop = Loop(spec_of(batch_schedule=GROWING, commands=said))
    list(loop.events())
    assert loop.position.epoch == 2 + 5


def test_a_growth_changes_nothing_in_the_schedule():
    growth = {"rule": {"kind": "random_direction"}, "schedule": {"kind": "at_epochs", "epochs": [3, 7]}}
    grown = rows_of(spec_of(lr_schedule={"kind": "cosine"}, growth=growth))
    plain = {row.step: row.values[6] for row in rows_of(spec_of(lr_schedule={"kind": "cosine"}))}
    assert grown[-1].values[7] == 6
    assert {row.step: row.values[6] for row in grown} == plain


def test_probes_see_the_present_rate_and_batch():
    spec = spec_of(
        lr_schedule={"kind": "step", "every": 4}, batch_schedule=GROWING, optimizer={"kind": "sgd", "lr": 0.1}
    )
    seen = spec.model_copy(
        update={"probes": RunSpec.model_validate({"probes": [{"kind": "curvature", "every": 1}]}).probes}
    )
    edges = {event.epoch: event.edge for event in foldscape.run(seen) if event.kind == "curvature"}
    assert edges == {epoch: pytest.approx(2 / 0.1 ** (1 + min(epoch, 11) // 4)) for epoch in range(13)}
    loop = Loop(spec)
    sizes = {}
    for event in loop.events():
        if event.kind == "metrics":
            sizes[int(loop.subject.epoch)] = loop.subject.batch
    assert sizes == {epoch: 8 * 3 ** (min(epoch, 11) // 4) if epoch < 8 else 45 for epoch in range(13)}


def test_a_sweeps_probes_see_them_too():
    spec = spec_of(
        lr_schedule={"kind": "step", "every": 4}, batch_schedule=GROWING, optimizer={"kind": "sgd", "lr": 0.1}
    )
    measure = Measure.model_validate({"probes": [{"kind": "curvature"}], "flatness": [], "every": 4})
    recorder = Recorder(measure, spec.data.load(spec.seed), spec)
    loop = Loop(spec)
    list(loop.events())
    recorder.see(Moment(5.0, 26, loop.subject.net, {"train_loss": 1.0}, 0.0, lr=0.01, weight_decay=0.0))
    recorder._probed(Moment(5.0, 26, loop.subject.net, {}, 0.0, lr=0.01, weight_decay=0.0))
    assert (recorder._subject.lr, recorder._subject.batch) == (0.01, 24)


def test_compute_counts_every_point_once_an_epoch():
    result = run(
        SweepSpec.model_validate(
            {
                "base": PLAIN | {"batch_schedule": GROWING},
                "vary": {"lr": [0.1]},
                "seeds": [0],
                **ACCURACY,
            }
        )
    )
    (row,) = result.rows
    columns = row.curve.columns
    per_epoch = 6 * columns["parameters"][0] * 45
    np.testing.assert_allclose(columns["flops"], per_epoch * np.array(columns["epoch"]), rtol=1e-12)


def test_larger_batches_are_foreseen_to_be_fewer():
    plain, growing = spec_of(), spec_of(batch_schedule=GROWING)
    assert foresee(plain).updates == plain.updates == 72
    assert foresee(growing).updates == growing.updates == 4 * (6 + 2 + 1)
    assert epoch_seconds(growing, size_of(growing))[0] < epoch_seconds(plain, size_of(plain))[0]


def test_a_sweep_varies_schedules_and_pairs_them_by_seed():
    own = {"kind": "sgdr", "cycle": 4}, {"kind": "sgdr", "cycle": 3}
    vary = {"lr_schedule": [{"kind": "constant"}, {"kind": "cosine"}, *own]}
    result = run(SweepSpec.model_validate({"base": PLAIN, "vary": vary, "seeds": [0, 1], **ACCURACY}))
    assert [row.state for row in result.rows] == ["done"] * 8
    curves = result.curves()
    assert [curve.settings.get("lr_schedule", {}).get("kind") for curve in curves[::2]] == [
        None,
        "cosine",
        "sgdr",
        "sgdr",
    ]
    assert [curve.name for curve in curves[4::2]] == ["sgdr cycle 4 · seed 0", "sgdr cycle 3 · seed 0"]
    assert [curves[4].restarts, curves[6].restarts] == [(24,), (18, 54)]
