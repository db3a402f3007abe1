"""Comparisons over HTTP: made of the logs of runs, live or ended."""

import json

import numpy as np
import pytest

from backend.curves import CurveReader, _columns
from foldscape.comparison.comparable import unlike
from foldscape.data.plane import Moons
from foldscape.events import COLUMNS, Restored, Undone, Validation
from foldscape.spec import StopRule
from foldscape.sweep import SweepSpec
from foldscape.sweep import run as sweep
from foldscape.wire import pack
from tests.backend.stream_writer import Writer, curvature_at, grown_at
from workers.keys import entry_id

GROWN = {"growth": {"schedule": {"kind": "periodic", "start": 1, "every": 2, "births": 1}}}
SHARPNESS = {"grown": 1.0, "fixed": 2.0}


class Runs:
    """Makes runs with curves whose numbers are known."""

    def __init__(self, client, redis):
        self.client, self.redis = client, redis

    def make(self, seed, method="fixed", losses=(1.0, 0.1, 0.01), tags=(), factor=1.0, **spec):
        body = {"seed": seed, **(GROWN if method == "grown" else {}), **spec}
        query = "&".join(f"tags={tag}" for tag in tags)
        run = self.client.post(f"/api/runs?{query}", json=body).json()["id"]
        writer = Writer(self.redis, run)
        self.rows(writer, losses, lr=spec.get("optimizer", {}).get("lr", np.nan))
        for at in range(len(losses)):
            self.curvature(writer, 10 * at, SHARPNESS[method] * factor * (1 + seed / 10))
        return run

    def rows(self, writer, losses, first=0, lr=np.nan):
        steps = 10.0 * np.arange(first, first + len(losses))
        values = np.full((len(losses), len(COLUMNS)), np.nan, np.float32)
        known = {"epoch": steps / 10, "train_loss": losses, "test_accuracy": 0.9, "parameters": 42, "neurons": 8}
        known["lr"] = lr
        for name, column in known.items():
            values[:, COLUMNS.index(name)] = column
        packed = pack({"columns": list(COLUMNS)}, {"steps": steps, "values": values})
        writer.client.xadd(writer.keys.metrics, {"h": packed.head, "b": packed.body}, id=entry_id(int(steps[-1])))
        writer.set(step=int(steps[-1]))

    def curvature(self, writer, step, value):
        event = curvature_at(step)
        object.__setattr__(event, "lambda_max", value)
        object.__setattr__(event, "flatness", {"element": value / 3})
        writer.event(event)


@pytest.fixture
def runs(client, redis):
    return Runs(client, redis)


@pytest.fixture
def both(runs):
    return [runs.make(seed, method) for method in ("grown", "fixed") for seed in range(8)]


def compare(client, **asked):
    answer = client.post("/api/comparisons", json=asked)
    assert answer.status_code == 200, answer.text
    json.dumps(answer.json(), allow_nan=False)
    return answer.json()


def test_runs_become_groups_pairs_and_a_verdict(client, both):
    found = compare(client, runs=both)
    assert [(group["name"], group["seeds"]) for group in found["groups"]] == [
        ("grown", list(range(8))),
        ("fixed", list(range(8))),
    ]
    [contrast] = found["contrasts"]
    assert (contrast["name"], len(contrast["pairs"]), contrast["paired"]) == ("grown / fixed", 8, True)
    rows = {row["measure"]: row for row in found["verdicts"]}
    assert set(rows) == {"lambda_none", "lambda_element"}
    assert rows["lambda_none"]["ratio"] == pytest.approx(0.5)
    assert rows["lambda_none"]["p_holm"] == pytest.approx(4 / 256)
    assert rows["lambda_none"]["reading"] == "flatter"
    assert {other["by"] for other in rows["lambda_none"]["others"]} == {"updates", "epochs", "flops", "neurons"}
    assert found["target"] == pytest.approx(0.01)
    assert found["words"] == "aligned by equal training loss: 0.01 nats"
    assert found["comparable"]["ok"] is True
    assert found["table"]["rows"][0]["reading"] == "flatter"
    assert found["going"] == 16


def test_bands_and_runs_are_told_along_the_clock(client, both):
    found = compare(client, runs=both, by="updates", target=10)
    group = found["groups"][0]
    band = group["bands"]["lambda_none"]
    assert (band["x"][0], band["x"][-1]) == (0, 20)
    assert (len(band["each"]), band["n"][0]) == (8, 8)
    run = next(run for run in found["runs"] if run["group"] == group["key"])
    assert run["clock"] == run["updates"] == [0, 10, 20]
    assert run["values"]["train_loss"] == pytest.approx(0.1)
    assert run["plane"] is True


def test_measures_go_with_learning_rate_by_batch_size(client, runs):
    """λ falls with η/S exactly; accuracy is the same everywhere, so that it has no order."""
    momentum = {"kind": "momentum", "lr": 0.2, "momentum": 0.5}
    made = [runs.make(s, batch=batch, factor=batch, optimizer=momentum) for s in range(3) for batch in (10, 20, 40)]
    found = compare(client, runs=made, measure="lambda_none")
    rank = found["ranks"]["lambda_none"]
    assert (rank["value"], rank["low"], rank["high"], rank["settings"], rank["seeds"]) == (-1, -1, -1, 3, 3)
    assert set(found["ranks"]) == {"lambda_none"}
    told = sorted({run["values"]["lr_batch_ratio"] for run in found["runs"]})
    assert told == pytest.approx([0.01, 0.02, 0.04])
    assert client.get(f"/api/runs/{made[0]}").json()["lr_gain"] == 2


def test_adam_has_no_learning_rate_by_batch_size(client, runs):
    made = [runs.make(0, batch=batch, optimizer={"kind": "adam", "lr": 0.2}) for batch in (10, 20, 40)]
    found = compare(client, runs=made)
    assert found["ranks"] == {}
    assert not any("lr_batch_ratio" in run["values"] for run in found["runs"])
    assert client.get(f"/api/runs/{made[0]}").json()["lr_gain"] is None


def test_compute_is_six_operations_a_parameter_and_point(client, runs):
    run = runs.make(0, data={"kind": "rings", "n": 300}, batch=32)
    train = 225  # a quarter of 300 points is held out
    found = compare(client, runs=[run], by="flops")
    assert found["target"] == pytest.approx(6 * 42 * 20 * train / 8)  # 8 updates see all training points once
    assert "6 operations" in found["counted"]["flops"]


def test_a_group_is_the_same_whatever_stands_beside_it(client, both):
    alone = compare(client, runs=both[:8], by="loss", target=0.05)["groups"][0]
    beside = compare(client, runs=both, by="loss", target=0.05)["groups"][0]
    assert alone["bands"] == beside["bands"]
    assert alone["key"] == beside["key"]


def test_a_comparison_works_while_runs_go_on(client, redis, runs):
    pair = [runs.make(0, method, losses=(1.0, 0.5)) for method in ("grown", "fixed")]
    assert compare(client, runs=pair)["target"] == pytest.approx(0.5)
    waiting = client.post("/api/runs", json={"seed": 1}).json()["id"]
    for run in pair:
        runs.rows(Writer(redis, run), (0.2,), first=2)
        runs.curvature(Writer(redis, run), 20, 1.0)
    found = compare(client, runs=[*pair, waiting])
    assert found["target"] == pytest.approx(0.2)
    assert (found["going"], found["empty"]) == (3, [waiting])


def test_births_stand_on_the_clock_and_those_taken_back_are_left_out(client, redis, runs):
    run = runs.make(0, "grown")
    writer = Writer(redis, run)
    writer.event(grown_at(21))
    writer.event(grown_at(22))
    writer.event(Undone(step=23, seq=0, epoch=2.3, birth_step=22, birth_seq=0, unit=2, left=1))
    runs.rows(writer, (0.005,), first=3)
    [told] = compare(client, runs=[run], by="updates")["runs"]
    assert told["births"] == [{"updates": 21.0, "at": 21.0}]


def test_the_validation_part_is_compared_and_the_moment_that_came_back_is_marked(client, redis, runs):
    def run(seed):
        made = runs.make(seed, validation_share=0.2, stop={"early_stop": {}})
        writer = Writer(redis, made)
        for step, loss in ((21, 0.9), (22, 0.4), (23, 0.7)):
            writer.event(Validation(step=step, seq=1, epoch=step / 10, loss=loss, accuracy=0.5))
        back = {"best_step": 22, "best_epoch": 2.2, "on": "validation_loss", "value": 0.4}
        writer.event(Restored(step=24, seq=0, epoch=2.4, **back))
        writer.event(Validation(step=24, seq=2, epoch=2.4, loss=0.4, accuracy=0.5))
        return made

    found = compare(client, runs=[run(seed) for seed in range(2)], by="updates")
    assert [one["restored"] for one in found["runs"]] == [{"updates": 22.0, "at": 22.0}] * 2
    [group] = found["groups"]
    assert {"validation_loss", "validation_accuracy"} <= set(group["bands"])
    assert "validation_matthews" not in group["bands"]
    apart = compare(client, runs=[run(3), runs.make(3)])
    assert apart["comparable"]["differs"] == ["split"]


def test_a_tag_stands_for_its_runs(client, runs):
    tagged = {runs.make(seed, tags=["table1"]) for seed in range(2)}
    runs.make(9)
    assert {run["id"] for run in compare(client, tag="table1")["runs"]} == tagged
    assert compare(client, tag="nobody")["runs"] == []


def test_what_is_not_comparable_is_named_and_gets_no_verdict(client, runs):
    rings = [runs.make(seed, method) for method in ("grown", "fixed") for seed in range(2)]
    moons = [runs.make(seed, data={"kind": "moons"}) for seed in range(2)]
    found = compare(client, runs=[*rings, *moons])
    assert found["verdicts"] == []
    assert found["comparable"]["differs"] == ["data"]
    assert set(found["comparable"]["common"]) == set(rings)
    assert compare(client, runs=found["comparable"]["common"])["comparable"]["ok"] is True


def test_runs_on_two_losses_get_no_verdict_and_the_sentence_why(client, runs):
    pair = [runs.make(seed, method, loss=loss) for method, loss in (("grown", "mse"), ("fixed", "cross_entropy"))
            for seed in range(6)]  # fmt: skip
    found = compare(client, runs=pair)
    assert (found["verdicts"], found["comparable"]["differs"]) == ([], ["loss"])
    why = "These runs differ in their loss, so there is no verdict."
    for said in (found["answer"], found["comparable"]["words"], found["table"]["csv"], found["table"]["latex"]):
        assert why in said
    table = client.post("/api/comparisons/export?file=table.csv", json={"runs": pair})
    assert why in table.text


def test_runs_that_are_gone_are_named(client, both):
    client.delete(f"/api/runs/{both[0]}")
    found = compare(client, runs=both)
    assert found["missing"] == [both[0]]
    assert found["contrasts"][0]["without_partner"] == 1
    assert found["contrasts"][0]["words"] == "7 pairs by seed; 1 run without a partner left out."


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"runs": ["a/b"]}, "runs.0"),
        ({"by": "colour"}, "by"),
        ({"target": -1}, "target"),
        ({"measure": "λ"}, "measure"),
    ],
)
def test_a_bad_field_is_named(client, body, path):
    answer = client.post("/api/comparisons", json={"runs": ["a"], **body})
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"][0]["path"] == path


def test_nothing_and_nobody_are_refused(client, both):
    answer = client.post("/api/comparisons", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "nothing_to_compare")
    answer = client.post("/api/comparisons", json={"runs": both, "against": "nobody"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")
    assert "grown, fixed" in answer.json()["error"]["hint"]


def test_groups_are_offered_the_newest_first(client, both, runs):
    other = runs.make(3, batch=16, tags=["small"])
    groups = client.get("/api/comparisons/groups").json()["groups"]
    assert groups[0]["runs"] == [other]
    assert groups[0]["tags"] == ["small"]
    assert {(group["grows"], tuple(group["seeds"])) for group in groups[1:]} == {
        (True, tuple(range(8))), (False, tuple(range(8))),
    }  # fmt: skip
    assert client.get("/api/comparisons/groups").json()["groups"][1]["states"] == {"queued": 8}


@pytest.mark.anyio
async def test_an_unmoved_run_is_read_once(served):
    writer = await served.make(seed=3)
    writer.metrics(0, 10)
    reader = CurveReader()
    first = await reader.read(served.parts.log, writer.run)
    assert await reader.read(served.parts.log, writer.run) is first
    writer.metrics(20)
    writer.set(step=20)
    assert len((await reader.read(served.parts.log, writer.run)).curve) == 3


@pytest.mark.anyio
async def test_a_run_may_be_compared_with_one_of_a_sweep_on_the_same_points(served):
    writer = await served.make(seed=3)
    writer.metrics(0, 10)
    alone = (await CurveReader().read(served.parts.log, writer.run)).curve
    spec = await served.parts.log.spec(writer.run)
    for data, differs in ((spec.data, ()), (Moons(), ("data",))):
        base = spec.model_copy(update={"data": data, "stop": StopRule(epochs=1)})
        (swept,) = sweep(SweepSpec(base=base, seeds=(3,)), threads=1).curves()
        assert unlike([(alone, swept)]) == differs


def test_of_a_probe_whose_settings_changed_only_the_newest_numbers_are_kept():
    def sharpness(step, rho):
        return {"kind": "sharpness", "step": step, "subset": "s", "rho": rho, "sam": rho * step, "asam": 1.0}

    heads = [sharpness(8, 0.05), sharpness(16, 0.1), sharpness(24, 0.1)]
    columns = _columns((np.zeros(0), np.zeros((0, len(COLUMNS)))), heads)
    assert columns["updates"].tolist() == [8, 16, 24]
    np.testing.assert_array_equal(columns["sam"], [np.nan, 1.6, 0.1 * 24])
    np.testing.assert_array_equal(columns["asam"], [1, 1, 1])
    assert np.isnan(columns["trace"]).all()


def test_what_can_be_measured_is_told_and_all_else_refused_with_it(client):
    told = {measure["name"]: measure for measure in client.get("/api/schema").json()["measures"]}
    assert told["lambda_layer"] == {
        "name": "lambda_layer", "label": "λ by layer", "unit": "", "better": "neither", "flatness": True,
        "aggregation": "geometric", "probe": "curvature", "told": True, "set_by": [],
    }  # fmt: skip
    assert (told["test_accuracy"]["better"], told["test_accuracy"]["aggregation"]) == ("higher", "arithmetic")
    assert told["sam"]["set_by"] == ["rho"]
    answer = client.post("/api/comparisons", json={"measure": "sharpness"})
    assert answer.status_code == 422
    (fault,) = answer.json()["error"]["fields"]
    assert fault["path"] == "measure"
    assert all(name in fault["allowed"] for name in ("lambda_layer", "asam", "test_accuracy"))
