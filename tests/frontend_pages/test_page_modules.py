"""Runs the tests of the pages' JavaScript modules in Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name)
def test_module(test: Path) -> None:
    node = shutil.which("node")
    assert node, "the tests of the pages need Node 20"
    ran = subprocess.run([node, "--test", str(test)], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
