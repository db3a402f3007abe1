"""Commands that others add: one that is broken is named, and the rest works."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from foldscape.cli import GROUP, build_cli

BROKEN = {
    "gone": "no_such_module_here:register",
    "nothing": "json:no_such_function",
    "raises": "operator:truediv",  # called with one argument
    "exits": "broken_plugin:leave",
}
MODULE = """
def leave(app):
    app.command("half")(print)
    raise RuntimeError("its licence\\nhas run out")

def fine(app):
    @app.command("hello")
    def hello() -> None:
        print("hello there")
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution that names broken commands and one that is not."""
    place = tmp_path / "broken_plugin-1.2.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.2\n")
    lines = [f"{name} = {value}" for name, value in {**BROKEN, "fine": "broken_plugin:fine"}.items()]
    (place / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
    (tmp_path / "broken_plugin.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    return tmp_path


def test_each_broken_one_is_named_and_the_rest_works(installed, capsys):
    app = build_cli()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(BROKEN)
    for name, value in BROKEN.items():
        [line] = [line for line in said if f"'{name}'" in line]
        assert f"({value} of broken-plugin 1.2)" in line
    assert "RuntimeError: its licence has run out" in "\n".join(said)
    assert CliRunner().invoke(app, ["hello"]).output == "hello there\n"
    assert CliRunner().invoke(app, ["half"]).exit_code == 2
    assert "optimizer" in CliRunner().invoke(app, ["schema"]).output


def test_help_is_told_all_the_same(installed):
    done = subprocess.run([sys.executable, "-m", "foldscape", "--help"], capture_output=True, text=True, check=True)
    assert "hello" in done.stdout
    assert "no_such_module_here" in done.stderr
    assert "Traceback" not in done.stderr
