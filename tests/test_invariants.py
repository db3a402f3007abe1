"""Every invariant that a test names is explained, and every one that is explained is tested."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ID = re.compile(r"\bT-(?:0|[A-H]\d*)(?:-\d+)?\b")


def named_in_tests():
    paths = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "tests").rglob("*.mjs")]
    return {name for path in paths if path != Path(__file__) for name in ID.findall(path.read_text())}


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
