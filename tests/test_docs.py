"""The reference pages tell what the code does, and the pages for contributors name what is there."""

import re
from pathlib import Path

import yaml

from docs.generate import stale

ROOT = Path(__file__).parent.parent


def test_the_reference_pages_are_true():
    assert stale() == [], "run `make docs`"


def test_contributing_names_only_what_is_there():
    named = re.findall(r"`([\w.-]+/[\w./*-]*)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 50
    assert [path for path in named if not any(ROOT.glob(path.rstrip("/")))] == []


def test_commits_are_looked_at_by_the_linter_of_ci():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    revision = next(hook["rev"] for hook in hooks if hook["repo"].endswith("ruff-pre-commit"))
    assert f"ruff=={revision.removeprefix('v')}" in (ROOT / "constraints.txt").read_text().splitlines()
