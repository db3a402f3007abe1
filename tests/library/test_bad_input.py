"""Bad input ends with one sentence, in Python and on the command line: the field, the value, the way out."""

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli
from foldscape.errors import FieldRefused
from foldscape.explain import explain
from tests.bad_input import BAD_INPUT


@pytest.mark.parametrize(("path", "spec", "words"), BAD_INPUT)
def test_python_says_the_field_and_the_way_out(path, spec, words):
    with pytest.raises((ValidationError, FieldRefused)) as refusal:
        foldscape.RunSpec.model_validate(spec).load()
    error = refusal.value
    (field,) = [error.field] if isinstance(error, FieldRefused) else explain(error.errors(), foldscape.RunSpec)
    assert field["path"] == path
    assert words in f"{field['message']} {field['allowed']}"


@pytest.mark.parametrize(("path", "spec", "words"), BAD_INPUT)
def test_so_does_the_command_line(tmp_path, path, spec, words):
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(spec))
    done = CliRunner().invoke(build_cli(), ["run", str(file)])
    said = " ".join(done.output.split())
    assert done.exit_code == 2, said
    assert words in said
    assert path.split(".")[-1] in said.lower()
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [1, 9])
def test_planes_of_one_or_nine_directions_are_refused(tmp_path, number):
    file = tmp_path / "run.yaml"
    file.write_text("stop: {epochs: 1}\n")
    chosen = ", ".join(f"{{kind: eigenvector, index: {i + 1}}}" for i in range(number))
    line = ["landscape", str(file), "--view", "planes", "--set", f"planes.directions=[{chosen}]"]
    done = CliRunner().invoke(build_cli(), line)
    said = " ".join(done.output.split())
    assert done.exit_code == 2
    assert "planes.directions is" in said
    assert ("at least 2" if number == 1 else "at most 5") in said


def test_nets_on_other_points_are_refused_before_any_is_trained(tmp_path):
    for name, kind in (("one", "rings"), ("two", "gaussian_blobs")):
        (tmp_path / f"{name}.yaml").write_text(f"data: {{kind: {kind}}}\nstop: {{epochs: 1000000}}\n")
    done = CliRunner().invoke(build_cli(), ["ensemble", *(str(tmp_path / f"{name}.yaml") for name in ("one", "two"))])
    said = " ".join(done.output.split())
    assert done.exit_code == 2
    assert "tells 2 classes apart and two 3, so they make no ensemble" in said


def test_novelty_of_plane_data_is_refused_before_the_net_is_trained(tmp_path):
    (tmp_path / "run.yaml").write_text("stop: {epochs: 1000000}\n")
    done = CliRunner().invoke(build_cli(), ["novelty", str(tmp_path / "run.yaml")])
    assert done.exit_code == 2
    assert "side by side" in " ".join(done.output.split())


def test_a_net_without_residual_blocks_is_refused_before_it_is_trained(tmp_path):
    (tmp_path / "run.yaml").write_text("data: {kind: digits}\nstop: {epochs: 1000000}\n")
    done = CliRunner().invoke(build_cli(), ["iterative", str(tmp_path / "run.yaml")])
    assert done.exit_code == 2
    assert "net.wiring to res_mlp or resnet" in " ".join(done.output.split())
