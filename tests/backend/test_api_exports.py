"""Published numbers beside a sweep's, and exports over HTTP: the files, their names, and what is refused."""

import io
import json
import subprocess
import sys
import zipfile

import pytest

from foldscape.exports import read
from foldscape.sweep import SweepSpec, run
from foldscape.sweep.folder import Folder
from workers.job_lease import SweepLease

SMALL = {
    "question": "Which learns faster?",
    "base": {"data": {"kind": "rings", "n": 80}, "net": {"hidden": [3]}, "stop": {"epochs": 4}},
    "vary": {"lr": [0.01, 0.03]},
    "seeds": "0-1",
    "measure": {"every": 2, "flatness": ["layer"]},
    "published": {
        "source": "a paper",
        "rows": [{"settings": {"lr": "0.01"}, "accuracy": 0.9, "flatness": 3}],
        "claims": [{"words": "slower is flatter", "smaller": {"lr": "0.01"}, "larger": {"lr": "0.03"}}],
    },
}
FILES = {
    "manifest.json", "published.json", "comparison.json", "table.csv", "table.tex", "runs.parquet", "runs.csv",
    "scatter.svg", "scatter.pdf", "flatness.svg", "flatness.pdf", "curves.svg", "curves.pdf", "notebook.ipynb",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    return run(SweepSpec.model_validate(SMALL), threads=1).rows


@pytest.fixture
def sweep(client):
    return client.post("/api/sweeps?name=my%20first%2F%C3%A9", json=SMALL).json()["id"]


@pytest.fixture
def say(redis, sweep):
    lease = SweepLease(redis, sweep, 60_000)
    lease.take("worker-1", 5)

    def told(*rows):
        for row in rows:
            text = row.model_dump_json()
            lease.tell(f'{{"share":0.5,"rows":[{text}]}}', {"share": 0.5}, {row.key: text})

    return told


def unpacked(answer, folder):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return {path.name: path for path in folder.rglob("*") if path.is_file()}


def test_published_numbers_stand_beside_ours_and_follow_them(client, sweep, say, rows):
    before = client.get(f"/api/sweeps/{sweep}/published").json()
    assert before["rows"][0] == {"settings": {"lr": "0.01"}, "accuracy": 0.9, "flatness": 3, "ours": {}}
    assert before["claims"][0]["verdict"] == "Not judged yet: its runs are missing."
    say(*rows)
    found = client.get(f"/api/sweeps/{sweep}/published").json()
    last = [row.curve.last("test_accuracy") for row in rows if row.settings["lr"] == "0.01"]
    ours = found["rows"][0]["ours"]["test_accuracy"]
    assert (ours["n"], ours["mean"]) == (2, pytest.approx(sum(last) / 2))
    readings = found["claims"][0]["readings"]
    assert {(one["by"], one["pairs"], one["holds"]) for one in readings} == {("loss", 2, "open"), ("epochs", 2, "open")}
    assert found["matthews"] is False


def test_where_one_class_is_common_the_correlation_is_asked_for(client):
    texts = {**SMALL, "base": {"data": {"kind": "cola_lite"}, "net": {"hidden": [3]}, "stop": {"epochs": 1}}}
    made = client.post("/api/sweeps", json=texts).json()["id"]
    assert client.get(f"/api/sweeps/{made}/published").json()["matthews"] is True


def test_a_sweep_of_which_nothing_was_published_says_null(client):
    made = client.post("/api/sweeps", json=SMALL | {"published": None}).json()["id"]
    assert client.get(f"/api/sweeps/{made}/published").json() is None
    assert client.get("/api/sweeps/nobody/published").json()["error"]["code"] == "sweep_not_found"


def test_a_sweep_is_exported_with_its_runs_and_manifest(client, sweep, say, rows, tmp_path):
    say(*rows)
    answer = client.get(f"/api/sweeps/{sweep}/export?by=updates&measure=lambda_layer&target=4")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-first.zip"'
    there = unpacked(answer, tmp_path)
    assert {f"{row.key}.json" for row in rows} | FILES == set(there)
    folder = Folder(tmp_path / "my-first")
    assert folder.rows(SweepSpec.model_validate(folder.read()["spec"])) == list(rows)
    assert folder.read() == client.get(f"/api/sweeps/{sweep}/manifest").json()
    comparison, about = read(there["comparison.json"])
    assert (about["by"], about["target"], about["question"]) == ("updates", 4, "Which learns faster?")
    assert sum(len(group.curves) for group in comparison.groups) == 4


def test_one_file_comes_alone(client, sweep, say, rows):
    say(*rows)
    answer = client.get(f"/api/sweeps/{sweep}/export?file=table.tex")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-first-table.tex"'
    assert answer.headers["content-type"].startswith("text/x-tex")
    assert r"\begin{tabular}" in answer.text
    missed = client.get(f"/api/sweeps/{sweep}/export?file=../x")
    assert (missed.status_code, missed.json()["error"]["code"]) == (404, "no_such_file")
    assert "table.tex" in missed.json()["error"]["hint"]


def test_what_cannot_be_exported_is_said_in_the_one_shape(client, sweep):
    early = client.get(f"/api/sweeps/{sweep}/export")
    assert (early.status_code, early.json()["error"]["code"]) == (422, "invalid_input")
    assert early.json()["error"]["message"] == "There are no runs to export."
    assert client.get(f"/api/sweeps/{sweep}/export?by=colour").json()["error"]["fields"][0]["path"] == "by"
    assert client.post("/api/comparisons/export", json={}).json()["error"]["code"] == "nothing_to_compare"


def test_a_comparison_is_exported_as_it_was_asked(client, sweep, say, rows, tmp_path):
    say(*rows)
    asked = {"sweep": sweep, "by": "epochs", "measure": "lambda_layer", "contrast": "optimizer.lr"}
    answer = client.post("/api/comparisons/export", json=asked)
    assert answer.headers["content-disposition"] == 'attachment; filename="lr-0.01-seed-0-and-3-more.zip"'
    there = unpacked(answer, tmp_path)
    assert set(there) == FILES - {"manifest.json", "published.json"}
    about = json.loads(there["comparison.json"].read_text())
    assert {name: about[name] for name in asked if name != "sweep"} == {k: v for k, v in asked.items() if k != "sweep"}


def test_a_comparison_tells_failed_runs_and_those_to_come(client, sweep, say, rows):
    failed = rows[1].model_copy(update={"state": "failed", "message": "it blew up"})
    say(rows[0], failed)
    found = client.post("/api/comparisons", json={"sweep": sweep, "measure": "lambda_layer"}).json()
    assert found["failed"] == [f"{failed.name}: it blew up"]
    assert (found["going"], found["table"]["rows"][0]["test_accuracy"][-3:]) == (2, "[1]")


def test_presets_say_what_they_take_and_need(client, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("FOLDSCAPE_DATA", raising=False)
    found = client.get("/api/sweep-presets").json()
    paper = {name for name, one in found.items() if one["group"] == "Caillon & Cerisara 2021"}
    assert paper == {name for name in found if name.startswith("table")}
    assert found["ratio-digits"]["group"] == found["ratio-mnist"]["group"] == "Jastrzębski et al. 2017"
    assert found["ensembles-digits"]["group"] == "Huang et al. 2017, Garipov et al. 2018, Breiman 1996"
    assert found["table1-digits"]["needs"] == []
    assert [(need["what"], need["comes"]) for need in found["table1-mnist-10"]["needs"]] == [("mnist", True)]
    assert [(need["what"], need["comes"]) for need in found["table1-ag-news"]["needs"]] == [("ag_news", False)]
    assert found["table1-digits"]["runs"] == 40


def test_importing_the_application_draws_nothing():
    code = "import sys, backend.app; print({'matplotlib', 'nbformat', 'torch'} & set(sys.modules) or 'none')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
