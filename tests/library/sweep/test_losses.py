"""Runs on different losses, data or points: no verdict anywhere, and everywhere the sentence why."""

import json

import pytest

from foldscape.comparison import compare, table
from foldscape.comparison.claims import Published, judge_claims
from foldscape.exports import read
from foldscape.sweep import SweepSpec, run
from foldscape.sweep.curves import compared_field
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.published import by_axes, held_against

WHY = "These runs differ in their loss, so there is no verdict."
ACROSS = {
    "question": "Which loss ends in flatter minima?",
    "primary": {"measure": "lambda_layer", "align": "epochs"},
    "base": {"data": {"kind": "rings", "n": 80}, "net": {"hidden": [3]}, "stop": {"epochs": 2}},
    "vary": {"loss": ["cross_entropy", "mse"]},
    "seeds": "0-5",
    "measure": {"every": 1, "flatness": ["layer"]},
    "published": {
        "source": "nobody",
        "claims": [{"words": "mse is flatter.", "smaller": {"loss": "mse"}, "larger": {"loss": "cross_entropy"}}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def done():
    return run(SweepSpec.model_validate(ACROSS), threads=1)


def test_two_losses_get_no_verdict_from_the_library(done):
    curves = done.curves()
    assert {curve.loss for curve in curves} == {"cross_entropy", "mse"}
    found = compare(curves, by="epochs", contrast=compared_field(done.spec), primary="lambda_layer")
    assert (found.verdicts, found.comparable.differs) == ([], ("loss",))
    assert found.answer.startswith(WHY)
    assert WHY in table(found, "lambda_layer").caption
    alone = compare([curve for curve in curves if curve.loss == "mse"], by="loss")
    assert alone.words.endswith(" of squared error")
    assert "nats" not in alone.words


def test_a_claim_across_two_losses_is_not_judged(done):
    (claim,) = held_against(done.spec, done.rows)["claims"]
    assert claim["verdict"] == WHY
    assert {(row["holds"], row["said"], row["pairs"], row["p"]) for row in claim["readings"]} == {
        ("open", "not comparable", 0, None)
    }


def test_the_files_of_an_export_say_why(done, tmp_path):
    export_sweep(done.spec, done.rows, tmp_path, manifest=done.manifest)
    assert WHY in (tmp_path / "table.csv").read_text().splitlines()[0]
    assert WHY in (tmp_path / "table.tex").read_text()
    assert WHY in (tmp_path / "notebook.ipynb").read_text()
    assert json.loads((tmp_path / "comparison.json").read_text())["comparable"]["differs"] == ["loss"]
    assert json.loads((tmp_path / "published.json").read_text())["claims"][0]["verdict"] == WHY
    again, _ = read(tmp_path / "comparison.json")
    assert (again.verdicts, again.comparable.differs) == ([], ("loss",))


@pytest.mark.parametrize(
    ("setting", "differs"),
    [
        ({"data.noise": 0.3}, {"data"}),
        ({"data.test_share": 0.5}, {"data", "split", "points"}),
        ({"data": {"kind": "moons", "n": 80}}, {"data"}),
    ],
)
def test_other_data_and_other_splits_are_noticed_too(setting, differs):
    plain = {name: value for name, value in ACROSS.items() if name != "published"}
    plain |= {"vary": {"set": {"one": {}, "two": setting}}, "seeds": [0, 1]}
    spec = SweepSpec.model_validate(plain)
    done = run(spec, threads=1)
    found = compare(done.curves(), by="epochs")
    assert (found.verdicts, set(found.comparable.differs)) == ([], differs)
    claim = {"words": "One is flatter.", "smaller": {"set": "one"}, "larger": {"set": "two"}}
    rows = judge_claims(Published.model_validate({"source": "nobody", "claims": [claim]}), by_axes(spec, done.rows))
    assert {row.said for row in rows} == {"not comparable"}
