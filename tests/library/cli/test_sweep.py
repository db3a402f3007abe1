"""The researcher's script, step by step, in the terminal."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from foldscape.cli import build_cli
from foldscape.sweep.presets import presets

SMALL = {
    "question": "Which is flatter?",
    "base": {
        "data": {"kind": "rings", "n": 80},
        "net": {"hidden": [3], "output_scale": 1},
        "optimizer": {"kind": "sgd", "lr": 0.2},
        "stop": {"epochs": 6},
    },
    "vary": {"lr": [0.1, 0.3]},
    "seeds": "0-2",
    "measure": {"every": 2, "flatness": ["layer"]},
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(SMALL))
    return tmp_path


def told(*line, code=0):
    result = CliRunner().invoke(build_cli(), list(line))
    assert result.exit_code == code, result.output
    return result.output


def test_the_script_from_file_to_verdict(here):
    assert "6 runs (2 combinations, 3 seeds), 72 updates" in told("check", "small.yaml")
    assert "cannot give a p below 0.25" in told("try", "small.yaml")
    followed = told("sweep", "small.yaml", "--follow", "--threads", "1")
    assert followed.count("done  lr 0.") == 6
    assert followed.count("it can decide nothing; 6 pairs reach 0.031") == 2
    assert len(list((here / "small" / "cells").iterdir())) == 6
    assert "done  lr" not in told("sweep", "small.yaml", "--follow")
    judged = told("compare", "small", "--align", "loss,updates,compute")
    for words in ("Which is flatter?", "equal training loss", "equal updates", "equal compute", "3 pairs by seed"):
        assert words in judged
    assert told("verify", "small/manifest.json").count("the same bits") == 2


def test_verify_notices_another_number(here):
    told("sweep", "small.yaml")
    for path in (here / "small" / "cells").iterdir():
        plain = json.loads(path.read_text())
        plain["curve"]["columns"]["test_loss"][0] += 0.01
        path.write_text(json.dumps(plain))
    assert "test_loss differs by" in told("verify", "small", code=1)


@pytest.mark.parametrize("name", list(presets()))
def test_new_writes_a_preset_that_can_be_checked(here, name):
    told("new", "mine", "--preset", name)
    assert (here / "mine.yaml").read_text() == presets()[name]
    assert "is there already" in told("new", "mine", code=2)
    assert "runs (" in told("check", "mine.yaml")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vary": {"batch": [100]}}, "batch 100 is larger than the 60 training points"),
        ({"quest": 1}, "did you mean question?"),
        ({"limits": {"runs": 3}}, "more than limits.runs, 3"),
    ],
)
def test_a_sweep_that_cannot_be_run_is_refused_in_words(here, change, words):
    (here / "bad.yaml").write_text(yaml.safe_dump(SMALL | change))
    assert words in told("sweep", "bad.yaml", code=2)
    assert not (here / "bad").exists()


def test_what_is_not_there_is_said_in_words(here):
    assert "cannot be read" in told("sweep", "nothing.yaml", code=2)
    assert "Give a folder that a sweep was written to" in told("compare", "nothing", code=2)
    assert "There is no preset 'nothing'" in told("new", "x", "--preset", "nothing", code=2)
    told("sweep", "small.yaml")
    assert "noon is no clock" in told("compare", "small", "--align", "noon", code=2)


@pytest.mark.parametrize("name", ["", "  ", "a\0", "a\u202e", "n" * 81])
def test_a_name_that_cannot_be_seen_is_refused(here, name):
    assert "cannot be used" in told("new", name, code=2)
