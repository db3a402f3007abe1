"""What the library gives out: listed, there, and light to import."""

import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli

PACKAGES = ["foldscape", "foldscape.landscape", "foldscape.landscape.recorded", "foldscape.sweep"]


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_public_is_listed_and_there(package):
    module = importlib.import_module(package)
    assert module.__all__ == sorted(module.__all__)
    assert {name for name in dir(module) if not name.startswith("_")} >= set(module.__all__)
    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018 - asked for on purpose


def test_a_fresh_process_lists_it_and_loads_it_when_it_is_asked_for():
    code = (
        "import sys, foldscape; print(*[name for name in dir(foldscape) if name[0] != '_'])\n"
        "print('numpy' in sys.modules, 'torch' in sys.modules); print(callable(foldscape.landscape.of_run))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0].split() == foldscape.__all__
    assert said[1:] == ["False False", "True"]


def test_the_command_line_says_its_version():
    done = CliRunner().invoke(build_cli(), ["--version"])
    assert (done.exit_code, done.output) == (0, f"foldscape {foldscape.__version__}\n")
    assert foldscape.__version__ == version("foldscape")
