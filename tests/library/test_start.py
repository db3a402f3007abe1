"""A run that begins with the weights of another: which weights, what is refused, and that they are kept with it."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli
from foldscape.errors import FieldRefused, InvalidInput
from foldscape.landscape.recorded import Recording, record
from foldscape.spec import RunSpec
from foldscape.start import NoStart, StartNet, weights_begun
from foldscape.sweep import run as run_sweep
from foldscape.sweep import verify
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.folder import Folder
from foldscape.training import Loop
from foldscape.wire import pack_event, to_json

RINGS = {"data": {"kind": "rings", "n": 64}, "net": {"hidden": [3]}, "batch": 8, "stop": {"epochs": 4}}
GROW = {"step": 6, "command": {"kind": "grow", "rule": {"kind": "random_direction"}}}
OTHER = RINGS | {"commands": [GROW]}
DAG = RINGS | {"net": {"hidden": [3], "wiring": "dag"}}


def spec_of(**changes):
    return RunSpec.model_validate(RINGS | {"seed": 3, "start": {"run": "other"}} | changes)


@pytest.fixture(scope="module")
def other():
    return record(RunSpec.model_validate(OTHER), name="other")


def frames(events):
    return [event for event in events if event.kind == "frame"]


def bits(events):
    return [pack_event(event) for event in events]


def test_it_begins_with_the_very_weights_and_a_blank_memory(other):
    spec, first = weights_begun(spec_of(), other)
    last = next(iter(other.frames_before(None)))
    loop = Loop(spec, first=first.net)
    assert (first.step, spec.start.step, spec.start.digest) == (last.head["step"], 24, first.digest)
    assert loop.subject.step == 0
    assert loop.subject.net.hidden == (4,)  # as it had grown, whatever net.hidden says
    begin = frames(loop.events())[0]
    assert (begin.step, begin.epoch) == (0, 0)
    for one, its in zip(begin.weights, last.arrays["weights"], strict=True):
        np.testing.assert_array_equal(one, its)
    assert not any(part.any() for part in Loop(spec, first=first.net).engine.memory.first)


def test_the_same_weights_give_the_same_bits_wherever_they_come_from(other, tmp_path):
    spec = spec_of(start={"run": "other", "step": 12})
    told = bits(foldscape.run(spec, source=other))
    named, net = weights_begun(spec, other)
    net.save(tmp_path / "weights.npz")
    read = StartNet.unpack((tmp_path / "weights.npz").read_bytes())
    assert (read.run, read.step, read.digest) == ("other", 12, net.digest)
    assert bits(foldscape.run(named, source=read)) == told
    assert bits(foldscape.run(spec, source={"other": other})) == told
    assert told != bits(foldscape.run(spec_of(start={"run": "other", "step": 24}), source=other))


def test_a_snapshot_is_a_source_too():
    loop = Loop(RunSpec.model_validate(RINGS))
    for event in loop.events():
        if event.step == 12:
            break
    first = weights_begun(spec_of(), loop.snapshot())[1]
    assert first.step == 12
    np.testing.assert_array_equal(first.net.weights[0], loop.subject.net.weights[0])


def test_normalisation_and_graphs_come_along():
    normed = {"step": 6, "command": {"kind": "grow", "rule": {"kind": "batch_norm"}}}
    first = weights_begun(spec_of(), record(RunSpec.model_validate(RINGS | {"commands": [normed]}), name="other"))[1]
    assert first.net.is_normed
    assert StartNet.unpack(first.pack()).net.is_normed
    assert StartNet.unpack(first.pack()).digest == first.digest
    kept = record(RunSpec.model_validate(DAG), name="other")
    spec = spec_of(net=DAG["net"])
    first = weights_begun(spec, kept)[1]
    assert StartNet.unpack(first.pack()).digest == first.digest
    begin = frames(foldscape.run(spec, source=kept))[0]
    np.testing.assert_array_equal(begin.weights[0], next(iter(kept.frames_before(None))).arrays["weights"][0])


def test_it_goes_on_growing(other):
    schedule = {"kind": "periodic", "start": 1, "every": 1, "births": 2}
    growth = {"rule": {"kind": "random_direction"}, "schedule": schedule}
    events = list(foldscape.run(spec_of(growth=growth), source=other))
    assert [event.kind for event in events].count("grown") == 2
    assert frames(events)[-1].weights[0].shape == (6, 2)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"start": {"run": "nobody"}}, "start.run", "start.run nobody is not to be had: known are other"),
        (
            {"start": {"run": "other", "step": 7}},
            "start.step",
            "run other is not kept; the nearest kept: 6 and 12",
        ),
        ({"start": {"run": "other", "step": 99}}, "start.step", "the nearest kept: 24"),
        ({"data": {"kind": "digits"}}, "start.run", "its net has inputs 2, this run 64, its net has outputs"),
        ({"net": {"activation": "tanh"}}, "start.run", "does not fit: its net has activation relu, this run tanh"),
        ({"net": {"wiring": "dag"}}, "start.run", "its net has wiring layers, this run dag"),
        ({"start": {"run": "other", "digest": "0" * 16}}, "start.run", "the spec names 0000000000000000"),
    ],
)
def test_what_does_not_fit_is_one_sentence_beside_its_field(other, changes, path, words):
    with pytest.raises(NoStart) as refusal:
        foldscape.run(spec_of(**changes), source={"other": other})
    (field,) = refusal.value.describe()["fields"]
    assert field["path"] == path
    assert words in field["message"]


def test_weights_that_nobody_gives_are_asked_for():
    with pytest.raises(NoStart, match=r"were not given\. Name a run that is here; from Python give source="):
        foldscape.run(spec_of())
    with pytest.raises(NoStart, match="not given"):
        Loop(spec_of())
    with pytest.raises(NoStart, match="keeps no weights to begin with"):
        foldscape.run(spec_of(), source=Recording(spec_of()))
    with pytest.raises(InvalidInput, match="the spec names no start"):
        foldscape.run(RunSpec(), source=Recording(spec_of()))
    with pytest.raises(InvalidInput, match="no weights of a run"):
        StartNet.unpack(b"nonsense")


def test_a_spec_without_a_start_is_written_as_it_always_was():
    assert "start" not in RunSpec().model_dump(mode="json")
    assert RunSpec.model_validate_json(spec_of().model_dump_json()) == spec_of()


SWEEP = {
    "base": RINGS | {"probes": [], "start": {"run": "other"}},
    "vary": {"optimizer": {"sgd": {"optimizer": {"kind": "sgd", "lr": 0.1}}, "adam": {"optimizer.lr": 0.01}}},
    "seeds": [0, 1],
    "measure": {"every": 2, "flatness": ["layer"]},
}


def test_a_sweep_begins_with_them_keeps_them_and_repeats(other, tmp_path):
    found = run_sweep(SWEEP, tmp_path, source=other, threads=1)
    assert [row.state for row in found.rows] == ["done"] * 4
    assert (found.spec.base.start.step, len(found.spec.base.start.digest)) == (24, 16)
    begins = {row.seed: row.curve.columns["train_loss"][0] for row in found.rows}
    assert len(begins) == 2
    assert all(row.curve.columns["train_loss"][0] == begins[row.seed] for row in found.rows)
    again = run_sweep(SWEEP, tmp_path, threads=1)  # the folder has the weights
    assert again.rows == found.rows
    assert all(one.same_bits for one in verify(tmp_path, cells=2))
    starts = Folder(tmp_path).starts()
    export_sweep(found.spec, found.rows, tmp_path / "out", manifest=found.manifest, starts=starts)
    assert all(one.same_bits for one in verify(tmp_path / "out", cells=1))


def test_a_sweep_says_which_field_asks_for_weights_that_are_not_there(other):
    with pytest.raises(FieldRefused) as refusal:
        run_sweep(SWEEP)
    assert refusal.value.field["path"] == "base.start.run"
    axis = {"wide": {"start.step": 24}, "odd": {"start.step": 7}}
    with pytest.raises(FieldRefused, match="nearest kept: 6 and 12") as refusal:
        run_sweep(SWEEP | {"vary": {"moment": axis}}, source=other)
    assert refusal.value.field["path"] == "vary.moment.odd"
    with pytest.raises(FieldRefused, match="does not fit") as refusal:
        run_sweep(SWEEP | {"vary": {"net": {"tanh": {"net.activation": "tanh"}}}}, source=other)
    assert refusal.value.field["path"] == "base.start.run"


def test_the_command_line_takes_weights_a_spec_and_events(other, tmp_path):
    spec = tmp_path / "new.yaml"
    spec.write_text(json.dumps(RINGS | {"start": {"run": "other", "step": 12}}))
    first = weights_begun(spec_of(start={"run": "other", "step": 12}), other)[1]
    first.save(tmp_path / "weights.npz")
    (tmp_path / "other.yaml").write_text(json.dumps(OTHER))
    lines = [json.dumps(to_json(event)) for event in foldscape.run(RunSpec.model_validate(OTHER))]
    (tmp_path / "other.jsonl").write_text("\n".join(lines))
    told = []
    for name in ("weights.npz", "other.yaml", "other.jsonl"):
        events = tmp_path / f"{name}.events"
        done = CliRunner().invoke(
            build_cli(), ["run", str(spec), "--source", str(tmp_path / name), "--events", str(events)]
        )
        assert done.exit_code == 0, done.output
        told.append(events.read_text())
    assert told[0] == told[1] == told[2]
    refused = CliRunner().invoke(build_cli(), ["run", str(spec)])
    assert refused.exit_code == 2
    assert "its weights were not given" in refused.output
    missing = CliRunner().invoke(build_cli(), ["run", str(spec), "--source", str(tmp_path / "nothing.npz")])
    assert missing.exit_code == 2
    assert "cannot be read" in missing.output
