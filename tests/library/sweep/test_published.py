"""Presets with what was published of them, and a sweep as files for a paper."""

import json

import pytest

from foldscape.sweep import problems, run, verify
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.presets import models_of, presets, spec_of, title_of
from foldscape.sweep.published import held_against
from foldscape.sweep.spec import SweepSpec

PUBLISHED = [name for name in presets() if spec_of(name).published]
PAPER = [name for name in PUBLISHED if "Caillon" in spec_of(name).published.source]


def test_every_table_of_the_paper_has_a_preset():
    wanted = {"table1-digits", "table1-mnist-10", "table1-mnist-500", "table1-ag-news", "table1-ag-news-100"}
    assert wanted | {"table1-digits-50", "table2-cola", "table2-cola-roberta"} <= set(PAPER)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_preset_can_be_launched_and_its_published_settings_are_its_own(name):
    spec = spec_of(name)
    assert problems(spec) == []
    pairs = [claim for claim in spec.published.claims if claim.kind == "smaller"]
    for settings in (
        *(row.settings for row in spec.published.rows),
        *(side for claim in pairs for side in (claim.smaller, claim.larger)),
    ):
        for axis, setting in settings.items():
            assert setting in spec.vary[axis], f"{axis} {setting}"


@pytest.mark.parametrize("name", PAPER)
def test_accuracy_is_judged_beside_flatness(name):
    spec = spec_of(name)
    judged = {measure for claim in spec.published.claims for measure in claim.measures}
    assert {"lambda_none", "lambda_layer", "lambda_block", "lambda_element"} < judged
    assert ("test_matthews" if spec.base.data.uneven else "test_accuracy") in judged


@pytest.mark.parametrize("name", list(presets()))
def test_a_preset_has_pairs_enough_or_says_in_its_first_line_that_it_has_not(name):
    pairs = len(spec_of(name).seeds)
    title = title_of(presets()[name])
    assert pairs >= 6 or (f"{pairs} pairs for their cost" in title and f"{2.0 ** (1 - pairs):g}" in title)


def test_presets_on_a_frozen_encoder_say_that_the_paper_fine_tunes():
    for name in ("table2-cola", "table2-cola-roberta"):
        differs = spec_of(name).published.differs
        assert "fine-tunes" in differs
        assert "frozen" in differs


def test_a_size_that_the_papers_own_numbers_deny_is_an_erratum():
    claims = {claim["words"]: claim for claim in held_against(spec_of("table2-cola"), [])["claims"]}
    said = [claim["erratum"] for claim in claims.values()]
    assert [words for words in said if words] == ["The source's own numbers give 677,780 / 189,450 = 3.6, not 10."]
    assert not any(claim["erratum"] for claim in held_against(spec_of("table1-mnist-10"), [])["claims"])


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
    growing, batch, sized, accurate = found["claims"]
    assert {reading["settings"]["batch"] for reading in growing["readings"]} == {"10", "100"}
    assert "undecided" in growing["verdict"]
    assert {reading["settings"]["model"] for reading in batch["readings"]} == {"grown", "fixed"}
    assert {(reading["bound"], reading["is_ratio"]) for reading in sized["readings"]} == {(1 / 2.5, True)}
    assert {(reading["measure"], reading["bound"], reading["is_ratio"]) for reading in accurate["readings"]} == {
        ("test_accuracy", 0.02, False)
    }


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


def test_the_nets_of_a_preset_stand_by_themselves():
    """What the form adds to any draft as the axis ``model``: a graph that grows beside one of the final size."""
    spec = spec_of("table1-digits")
    model = models_of(spec)
    assert {name: one["net"]["hidden"] for name, one in model.items()} == {"grown": [], "fixed": [10]}
    assert all(one["net"]["wiring"] == "dag" and one["net"]["bias"] is False for one in model.values())
    assert model["grown"]["growth"]["rule"] == {"kind": "random_insertion"}
    assert "growth" not in model["fixed"]
    without = SweepSpec.model_validate({"vary": {"lr": [0.1]}, "seeds": "0-1"})
    assert models_of(without) == {}
    assert not problems(SweepSpec.model_validate({"vary": {"model": model}, "seeds": "0-1"}))
