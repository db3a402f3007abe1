"""An exported comparison: every file, the words that each must carry, and the same bits twice."""

import csv
import io
import json
import re
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from pyarrow import parquet

from foldscape.comparison import Curve, compare
from foldscape.errors import InvalidInput
from foldscape.exports import export, read
from foldscape.exports.figures import curve_figure
from foldscape.vocabulary import CLOCKS

FILES = {
    "comparison.json", "table.csv", "table.tex", "runs.parquet", "runs.csv", "notebook.ipynb",
    *(f"{name}.{kind}" for name in ("scatter", "flatness", "curves") for kind in ("svg", "pdf")),
}  # fmt: skip


def curve(seed, method, factor, births=()):
    rng = np.random.default_rng([seed, len(method)])
    at = np.arange(6)
    loss = np.geomspace(2, 0.02 * (1 + 0.1 * rng.random()), 6)
    flat = {f"lambda_{name}": factor * np.exp(0.1 * rng.normal(size=6)) for name in ("none", "layer", "element")}
    columns = {"updates": 10 * at, "epoch": at, "train_loss": loss, "test_accuracy": 1 - loss / 3, **flat}
    settings = {"method": method, "optimizer": {"lr": 0.05}}
    return Curve(f"{method}-{seed}", f"green-otter-{seed}", settings, seed, columns, births=births)


CURVES = [one for s in range(9) for one in (curve(s, "grown", 0.5, (20, 40)), curve(s, "fixed", 1.0))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("paper")
    export(CURVES, place, question="Are grown nets flatter?", measure="lambda_layer")
    return place


def test_everything_is_there(folder):
    assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.parametrize("name", ["scatter", "flatness", "curves"])
def test_a_figure_says_what_it_shows_where_it_is_aligned_and_of_which_runs(folder, name):
    svg = (folder / f"{name}.svg").read_text()
    text = " ".join(re.findall(r">([^<>]+)<", svg))
    for words in ("Are grown nets flatter?", "aligned by equal training loss", "n = 18 runs", "grown-0", "λ by layer"):
        assert words in text
    assert all(one.run in svg for one in CURVES)
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_a_curve_has_the_axis_that_the_page_has(folder):
    assert f">{CLOCKS['loss'].axis()}<" in (folder / "curves.svg").read_text()


def test_restarts_that_a_run_came_to_are_marked_on_its_curve():
    curves = [replace(curve(seed, "grown", 0.5), restarts=(10, 30, 990)) for seed in range(2)]
    figure = curve_figure(compare(curves, by="updates"), "train_loss")
    marked = [
        marks.get_offsets()[:, 0].tolist() for marks in figure.axes[0].collections if len(marks.get_offsets()) > 1
    ]
    assert marked == [[10, 30]] * 2


def test_every_number_is_in_the_tables_of_runs(folder):
    rows = parquet.read_table(folder / "runs.parquet").to_pylist()
    assert len(rows) == sum(map(len, CURVES))
    first = [row for row in rows if row["run"] == "grown-0"]
    assert [row["lambda_layer"] for row in first] == CURVES[0]["lambda_layer"].tolist()
    assert [row["birth"] for row in first] == [False, False, True, False, True, False]
    assert not any(row["restored"] for row in rows)
    assert first[0]["setting.method"] == "grown"
    assert first[0]["lambda_block"] is None
    written = list(csv.DictReader(io.StringIO((folder / "runs.csv").read_text())))
    assert [float(row["train_loss"]) for row in written] == pytest.approx([row["train_loss"] for row in rows], rel=1e-8)


def test_it_reads_back_to_the_same_readings(folder):
    again, about = read(folder / "comparison.json")
    fresh = compare(CURVES)
    assert [row.words for row in again.verdicts] == [row.words for row in fresh.verdicts]
    assert about["stand"]["libraries"]["torch"]
    assert "flatter" in {row.reading for row in again.verdicts}


def test_the_same_runs_give_the_same_bits(folder, tmp_path):
    export(CURVES, tmp_path, question="Are grown nets flatter?", measure="lambda_layer")
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_notebook_is_valid_and_runs_as_it_stands(folder, monkeypatch):
    book = nbformat.read(folder / "notebook.ipynb", as_version=4)
    nbformat.validate(book)
    monkeypatch.chdir(folder)
    scope = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            exec(cell.source, scope)
    assert scope["comparison"].words.startswith("aligned by equal training loss")


def test_only_a_sweep_can_be_verified(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({}))
    export(CURVES, tmp_path)
    sources = [cell.source for cell in nbformat.read(tmp_path / "notebook.ipynb", as_version=4).cells]
    assert any("verify(" in source for source in sources)


def test_nothing_to_export_is_said(tmp_path):
    with pytest.raises(InvalidInput, match="no runs to export"):
        export([], tmp_path)
