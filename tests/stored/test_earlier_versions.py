"""What version 0.1.0 wrote opens: specs, snapshots, events, sweeps, curves; later versions are held to it too."""

import base64
import gzip
import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from foldscape.cli import build_cli
from foldscape.commands import Play
from foldscape.comparison import Curve, compare
from foldscape.comparison.curve import json_numbers
from foldscape.errors import InvalidInput
from foldscape.spec import RunSpec
from foldscape.stored import accepted_today, read_stored
from foldscape.sweep import run as run_sweep
from foldscape.sweep import verify
from foldscape.sweep.curves import curves
from foldscape.sweep.expand import expand
from foldscape.sweep.folder import Folder
from foldscape.sweep.spec import SweepSpec
from foldscape.training import Loop, Snapshot

OLD = Path(__file__).parent / "version_0_1_0"
SPECS = json.loads((OLD / "specs.json").read_text())
SNAPSHOTS = json.loads((OLD / "snapshots.json").read_text())
REFUSED_NOW = {"compiled_cuda"}


class PlaysOn:
    """Lets a run go on, also where it was taken while it was paused."""

    def take(self, position):
        return [Play()] if position.paused else []

    def allowance(self, position):
        return 1 << 30


@pytest.mark.parametrize("name", SPECS)
def test_a_stored_spec_is_read_and_written_as_it_was(name):
    assert json.loads(read_stored(RunSpec, json.dumps(SPECS[name])).model_dump_json()) == SPECS[name]


@pytest.mark.parametrize("name", SPECS)
def test_what_goes_on_is_held_to_the_rules_of_today(name):
    if name not in REFUSED_NOW:
        assert accepted_today(RunSpec, SPECS[name]) == read_stored(RunSpec, SPECS[name])
        return
    with pytest.raises(InvalidInput, match="accepted by an earlier version and is refused now: engine compiled"):
        accepted_today(RunSpec, SPECS[name])


def test_a_spec_that_cannot_be_read_says_what_is_unknown():
    with pytest.raises(Exception, match=r"^Its spec cannot be read by this version: data\.kind is weather") as caught:
        read_stored(RunSpec, {**SPECS["rings"], "data": {"kind": "weather"}}, "Its spec")
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_run_goes_on_from_a_stored_snapshot(name):
    """The same events by name as the version that wrote it told, and their numbers as of the whole run."""
    kept = SNAPSHOTS[name]
    spec = read_stored(RunSpec, kept["spec"])
    start = Snapshot.unpack(kept["head"].encode(), base64.b64decode(kept["body"]))
    assert start.step == kept["step"]
    told = list(Loop(spec, start).events(PlaysOn()))
    assert [[event.kind, event.step, event.seq] for event in told] == kept["events"]
    whole = {(event.step, event.seq): event for event in Loop(spec).events(PlaysOn())}
    rows = [event for event in told if event.kind == "metrics"]
    assert rows
    for row in rows:
        assert row.values == pytest.approx(whole[row.step, row.seq].values, rel=1e-3, abs=1e-5)


def test_events_in_a_file_give_weights_to_begin_with(tmp_path):
    events = tmp_path / "run.events"
    events.write_bytes(gzip.decompress((OLD / "run.events.gz").read_bytes()))
    last = [json.loads(line) for line in events.read_text().splitlines() if '"frame"' in line][-1]
    spec = yaml.safe_load((OLD / "run.yaml").read_text())
    spec |= {"start": {"run": "old", "step": last["step"]}, "growth": {}, "stop": {"epochs": 1}}
    (tmp_path / "on.yaml").write_text(yaml.dump(spec))
    out = tmp_path / "out.events"
    line = ["run", str(tmp_path / "on.yaml"), "--source", str(events), "--events", str(out)]
    ran = CliRunner().invoke(build_cli(), line)
    assert ran.exit_code == 0, ran.output
    frames = [json.loads(line) for line in out.read_text().splitlines() if '"frame"' in line]
    assert frames[0]["weights"] == last["weights"]


def test_a_yaml_of_a_run_and_of_a_sweep_are_accepted():
    spec = accepted_today(RunSpec, yaml.safe_load((OLD / "run.yaml").read_text()))
    assert spec.growth.rule.kind == "gradmax"
    sweep = accepted_today(SweepSpec, yaml.safe_load((OLD / "sweep.yaml").read_text()))
    assert sweep == Folder(OLD / "sweep").spec()


def test_a_sweep_that_was_stopped_keeps_its_runs_and_goes_on(tmp_path):
    shutil.copytree(OLD / "sweep", tmp_path / "sweep")
    folder = Folder(tmp_path / "sweep")
    spec = folder.spec()
    kept = {path.name: path.read_bytes() for path in (tmp_path / "sweep" / "cells").iterdir()}
    assert set(kept) < {f"{cell.key}.json" for cell in expand(spec)}
    result = run_sweep(spec, folder=tmp_path / "sweep", threads=1)
    assert len(result.rows) == 6 > len(kept) > 0
    assert {name: (tmp_path / "sweep" / "cells" / name).read_bytes() for name in kept} == kept


def test_a_stored_sweep_is_verified():
    checked = list(verify(OLD / "sweep", cells=3))
    assert len(checked) == 3
    assert all(one.agrees for one in checked), checked


def test_curves_exported_then_compare_with_those_of_today():
    of_sweep, of_run = (Curve.from_json(given) for given in json.loads((OLD / "curves.json").read_text()))
    assert of_sweep.data == of_run.data == read_stored(RunSpec, SPECS["mse"]).data.identity
    assert Curve.from_json(of_run.to_json()).data == of_run.data
    columns = {name: json_numbers(values) for name, values in of_run.columns.items()}
    today = Curve.from_json({**of_run.to_json(), "run": "new", "columns": columns})
    assert today.data == of_run.data


def test_a_folder_of_then_and_runs_of_today_are_one_comparison():
    spec = Folder(OLD / "sweep").spec()
    rows = Folder(OLD / "sweep").rows(spec)
    then = [Curve.from_json({**curve.to_json(), "data": rows[0].data}) for curve in curves(spec, rows)]
    assert compare(then).comparable.ok == compare(curves(spec, rows)).comparable.ok is True
