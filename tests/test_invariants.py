"""Every invariant that a test names is explained, and every one that is explained is tested."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ID = re.compile(r"\bT-(?:0|[A-H]\d*)(?:-\d+)?\b")
NAME = re.compile(r"^ *def (test_T_\w+)", re.MULTILINE)
IN_NAME = re.compile(r"_T_((?:0|[A-H]\d*)(?:_\d+)?)(?![A-Za-z0-9])")


def named_in_tests():
    paths = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "tests").rglob("*.mjs")]
    texts = [path.read_text() for path in paths if path != Path(__file__)]
    spelt = {name for text in texts for name in ID.findall(text)}
    parts = {part for text in texts for name in NAME.findall(text) for part in IN_NAME.findall(name)}
    assert len(parts) > 40
    return spelt | {f"T-{part.replace('_', '-')}" for part in parts}


def test_the_list_of_invariants_is_that_of_the_tests():
    page = (ROOT / "docs" / "invariants.md").read_text()
    explained = re.findall(r"^\| (T-\S+) \|", page, re.MULTILINE)
    assert len(explained) == len(set(explained)) > 40
    assert set(explained) == named_in_tests()


def test_comments_point_at_what_readers_have():
    hidden = re.compile(r"\b[Ss]cience (?:\d\.\d|[A-H][-\d])")
    folders = ("foldscape", "backend", "workers", "frontend", "tests", "benchmarks", "docs")
    paths = [path for folder in folders for kind in ("py", "mjs", "md") for path in (ROOT / folder).rglob(f"*.{kind}")]
    assert len(paths) > 500
    assert not [str(path) for path in paths if hidden.search(path.read_text())]
