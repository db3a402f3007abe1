"""Presets with what was published of them, and a sweep as files for a paper."""

import json

import pytest

from foldscape.sweep import problems, run, verify
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.presets import presets, spec_of
from foldscape.sweep.published import held_against
from foldscape.sweep.spec import SweepSpec

PAPER = [name for name in presets() if spec_of(name).published]


def test_every_table_of_the_paper_has_a_preset():
    wanted = {"table1-digits", "table1-mnist-10", "table1-mnist-500", "table1-ag-news", "table1-ag-news-100"}
    assert wanted | {"table1-digits-50", "table2-cola", "table2-cola-roberta"} <= set(PAPER)


@pytest.mark.parametrize("name", PAPER)
def test_a_preset_can_be_launched_and_its_published_settings_are_its_own(name):
    spec = spec_of(name)
    assert problems(spec) == []
    for settings in (
        *(row.settings for row in spec.published.rows),
        *(side for claim in spec.published.claims for side in (claim.smaller, claim.larger)),
    ):
        for axis, setting in settings.items():
            assert setting in spec.vary[axis], f"{axis} {setting}"


@pytest.fixture(scope="module")
def small():
    """Two seeds of three epochs on few points."""
    plain = spec_of("table1-digits").model_dump(mode="json")
    plain["base"]["stop"]["epochs"] = 3
    plain["vary"]["model"]["grown"]["growth"]["schedule"] = {"kind": "at_epochs", "epochs": [1, 2]}
    plain |= {"seeds": [0, 1], "measure": {"every": 1, "births": False, "flatness": ["none", "layer"]}}
    plain["published"]["claims"][0]["measures"] = ["lambda_layer"]
    return run(SweepSpec.model_validate(plain))


def test_published_numbers_and_claims_stand_beside_the_runs(small):
    found = held_against(small.spec, small.rows)
    assert len(found["rows"]) == 4
    for row in found["rows"]:
        assert row["ours"]["test_accuracy"]["n"] == 2
        assert row["ours"]["test_matthews"]["mean"] < row["ours"]["test_accuracy"]["mean"]
    growing, batch = found["claims"]
    assert {reading["settings"]["batch"] for reading in growing["readings"]} == {"10", "100"}
    assert "undecided" in growing["verdict"]
    assert {reading["settings"]["model"] for reading in batch["readings"]} == {"grown", "fixed"}


def test_without_runs_nothing_is_judged():
    found = held_against(spec_of("table1-digits"), [])
    assert all("not judged" in claim["verdict"].lower() for claim in found["claims"])
    assert held_against(SweepSpec(), []) is None


def test_an_exported_sweep_holds_what_verify_needs(small, tmp_path):
    paths = export_sweep(small.spec, small.rows, tmp_path, manifest=small.manifest)
    assert {"manifest.json", "published.json", "table.tex", "scatter.svg"} <= {path.name for path in paths}
    told = json.loads((tmp_path / "published.json").read_text())
    assert told["source"] == small.spec.published.source
    (again,) = verify(tmp_path / "manifest.json", cells=1, seed=1)
    assert again.agrees
