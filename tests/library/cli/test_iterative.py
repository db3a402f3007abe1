"""What each block does, on the command line."""

import csv

import pytest
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli

RUN = """
data: {kind: digits}
net: {wiring: res_mlp, blocks: 2, width: 16, inner: 16}
stop: {epochs: 1}
probes: [{kind: iterative, every: 1}]
"""


@pytest.fixture
def asked(tmp_path):
    """Call the command with a run and give what it writes as CSV."""
    (tmp_path / "run.yaml").write_text(RUN)

    def ask(*more):
        table = tmp_path / "table.csv"
        done = CliRunner().invoke(build_cli(), ["iterative", str(tmp_path / "run.yaml"), "--table", str(table), *more])
        assert done.exit_code == 0, done.output
        return list(csv.DictReader(table.read_text().splitlines()))

    return ask


@pytest.fixture(scope="module")
def told():
    import yaml

    spec = foldscape.RunSpec.model_validate(yaml.safe_load(RUN))
    return [event for event in foldscape.run(spec) if event.kind == "iterative"][-1]


def test_a_line_a_block_with_what_the_probe_tells(asked, told):
    rows = asked()
    assert [row["block"] for row in rows] == told.names
    for place, row in enumerate(rows):
        assert float(row["cosine"]) == pytest.approx(told.cosine[0, place])
        assert float(row["cosine_error"]) == pytest.approx(told.cosine[1, place])
        assert float(row["accuracy_after"]) == pytest.approx(told.accuracy[0, place + 1])


def test_a_line_a_way_and_number_of_times(asked, told):
    rows = asked("--unroll", "2")
    assert [(row["way"], row["extra"]) for row in rows] == [
        (way, str(e)) for way in ("plain", "scaled") for e in range(3)
    ]
    found = [float(row["loss"]) for row in rows]
    assert found == pytest.approx([*told.unrolled_loss[0, 0, :3], *told.unrolled_loss[0, 1, :3]])


def test_people_get_a_table(tmp_path):
    (tmp_path / "run.yaml").write_text(RUN)
    done = CliRunner().invoke(build_cli(), ["iterative", str(tmp_path / "run.yaml")])
    assert "block2" in done.output
    assert "cosine" in done.output
