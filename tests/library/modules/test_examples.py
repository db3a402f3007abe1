"""What the manual and the docstrings show runs."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

CURVATURE = Path(__file__).parents[3] / "docs" / "curvature.md"


def test_the_example_of_ones_own_loss_runs():
    code = next(part for part in CURVATURE.read_text().split("```python\n") if "def residual" in part).split("```")[0]
    names = {}
    exec(compile(code, str(CURVATURE), "exec"), names)
    assert names["found"].converged


@pytest.mark.parametrize("name", ["foldscape.modules.batch_loss", "foldscape.net.labels"])
def test_docstring_examples_run(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
