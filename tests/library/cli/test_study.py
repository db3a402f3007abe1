"""``foldscape study``: the table that the library gives, one clear sentence a fault."""

import csv
import io

import pytest
from typer.testing import CliRunner

from foldscape.cli import build_cli
from foldscape.studies.utilisation import Utilisation

SMALL = ["--set", "nets=20", "--set", "steps=50", "--set", "draws=2", "--set", "sets=[sine]"]


def call(*words):
    return CliRunner().invoke(build_cli(), ["study", *words])


def test_the_table_is_that_of_the_library():
    done = call("utilisation", *SMALL, "--table", "-")
    assert done.exit_code == 0
    spec = Utilisation(nets=20, steps=50, draws=2, sets=("sine",))
    last = list(spec.run())[-1]
    names, lines = spec.table([row.model_dump(mode="json") for row in last.rows])
    expected = [list(names)] + [["" if value is None else str(value) for value in line] for line in lines]
    assert list(csv.reader(io.StringIO(done.stdout))) == expected


def test_another_kind_needs_nothing_but_its_name():
    done = call("sde", "--set", "chains=100", "--set", "rows=[hessian, wells]", "--table", "-")
    assert done.exit_code == 0
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(line["row"], line["quantity"]) for line in lines] == [
        ("hessian", "excess loss"),
        ("wells", "share of basin A"),
    ]
    assert float(lines[0]["measured"]) == pytest.approx(float(lines[0]["corrected"]), rel=0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "nets=5"), "nets"),
        (("nothing",), "nothing"),
        (("sde", "--set", "lr=0.2"), "has to be below 0.1"),
        (("missing.yaml",), "missing.yaml cannot be read"),
        (("--set", "nets=[1"), "did not find"),
    ],
)
def test_a_fault_is_said_in_one_sentence(words, said):
    done = call(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_study_from_a_file(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("{kind: utilisation, nets: 20, steps: 50, draws: 1, sets: [sine], rows: [never_grown]}")
    done = call(str(path), "--table", str(tmp_path / "table.csv"))
    assert done.exit_code == 0
    assert (tmp_path / "table.csv").read_text().splitlines()[1].startswith("sine,never_grown,20,")
