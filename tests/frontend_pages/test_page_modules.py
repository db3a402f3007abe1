"""Runs the tests of the pages' JavaScript modules in Node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from foldscape.events import KINDS
from foldscape.measures.declared import MEASURES, columns_as_json

TESTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name)
def test_module(test: Path) -> None:
    node = shutil.which("node")
    assert node, "the tests of the pages need Node 20"
    env = os.environ | {"MEASURES": json.dumps(columns_as_json())}
    ran = subprocess.run([node, "--test", str(test)], capture_output=True, text=True, timeout=60, check=False, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_pages_name_no_measure_that_is_not_declared() -> None:
    """Columns stand in the pages as names only where they choose what is drawn; their words come from the server."""
    assets = Path(__file__).parents[2] / "frontend" / "assets"
    sources = {path.relative_to(assets): path.read_text() for path in assets.rglob("*.mjs")}
    fields_of_events = {field.name for event in KINDS.values() for field in fields(event)}
    column = re.compile(r"\b(?:lambda_[a-z]+|(?:train|test)_(?!(?:x|y|size|share)\b)[a-z]+)\b")
    named = {name: path for path, source in sources.items() for name in column.findall(source)}
    named = {name: path for name, path in named.items() if name not in fields_of_events}
    assert set(named) - set(MEASURES) == set(), named
    labels = [column.label for column in MEASURES.values() if column.label.startswith("λ ")]
    assert labels
    assert [path for path, source in sources.items() for label in labels if f'"{label}"' in source] == []
