"""Each block of code in README and docs is tried out: Python and commands are run, YAML is read as the spec it is.

The blocks of a page share one folder and one namespace, in their order. Long commands are run on less: a sweep on two
seeds of three epochs, a study on twenty nets.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from typer.testing import CliRunner

from foldscape.cli import build_cli
from foldscape.reading import read_mapping
from foldscape.spec import RunSpec
from foldscape.sweep.spec import SweepSpec
from tests.extras import PAGE

ROOT = Path(__file__).parent.parent
TAGS = {"python", "sh", "yaml", "toml", "text"}
NAMED = re.compile(r"# (\S+\.\w+)\n")
SET = re.compile(r"^([A-Z_]+=\S+ )+")
"""Variables that are set before a command."""
SMALL_STUDY = {
    "utilisation": ["--set", "nets=20", "--set", "draws=1", "--set", "steps=50"],
    "sde": ["--set", "chains=100"],
    "learnt_first": ["--set", "runs=2"],
}


def run_commands(example: Example) -> None:
    """Run the commands of a block of shell, line by line."""
    for line in example.parsed.splitlines():
        line = SET.sub("", line)
        parts = groupby(shlex.split(line, comments=True), lambda word: word == "&&")
        for program, *words in [list(part) for joins, part in parts if not joins]:
            if [Path(program).name, *words] == ["foldscape", "up"]:
                continue  # it stays until it is stopped; tests of its own start it
            if Path(program).name == "foldscape":
                run_foldscape(words)
            elif program == "make":
                assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line
            else:
                raise AssertionError(f"Nobody looks at {line!r}; teach tests/documents.py to.")


def run_foldscape(words: list[str]) -> None:
    """Run the command line with these words, on less where it would take long."""
    result = CliRunner().invoke(build_cli(), words + (SMALL_STUDY[words[1]] if words[0] == "study" else []))
    assert result.exit_code == 0, f"foldscape {shlex.join(words)}: {result.output}"
    if words[0] == "new":
        shorten(Path(f"{words[1]}.yaml"))


def shorten(path: Path) -> None:
    """Leave two seeds of three epochs of a sweep."""
    plain = yaml.safe_load(path.read_text())
    plain["base"]["stop"]["epochs"] = 3
    plain["vary"]["model"]["grown"]["growth"]["schedule"] = {"kind": "at_epochs", "epochs": [1, 2]}
    plain |= {"seeds": [0, 1], "measure": {"every": 1, "births": False, "flatness": ["none", "layer"]}}
    path.write_text(yaml.safe_dump(plain))


def read_spec(example: Example) -> None:
    """Read a block of YAML as the spec it is; one whose first line names a file is kept for the commands after it."""
    plain = read_mapping(str(example.parsed))
    if Path(example.document.path) == PAGE:  # its kinds are known to processes that have its package
        return
    (SweepSpec if {"question", "base", "vary", "published"} & set(plain) else RunSpec).model_validate(plain)
    if named := NAMED.match(example.parsed):
        Path(named[1]).write_text(example.parsed)


class Python(PythonCodeBlockParser):
    """Runs a block of Python; one whose first line names a file is part of a package, which has tests of its own."""

    def __call__(self, document: Document) -> Iterable[Region]:
        """Give the blocks that are to be run."""
        return (region for region in super().__call__(document) if not NAMED.match(region.parsed))


def known_tags(document: Document) -> list[Region]:
    """Refuse blocks that no parser would see."""
    for tag in re.findall(r"^```(.*)\n(?:.*\n)*?```$", document.text, re.MULTILINE):
        assert tag in TAGS, f"{document.path}: a block is tagged {tag!r}; use one of {sorted(TAGS)}."
    return []


def enter(namespace: dict[str, Any]) -> None:
    """Go into a folder of this page's own."""
    namespace["_back"], namespace["_folder"] = Path.cwd(), tempfile.TemporaryDirectory()
    os.chdir(namespace["_folder"].name)


def leave(namespace: dict[str, Any]) -> None:
    """Go back, and forget the folder."""
    os.chdir(namespace["_back"])
    namespace["_folder"].cleanup()


documents = Sybil(
    [
        known_tags,
        Python(),
        CodeBlockParser("sh", run_commands),
        CodeBlockParser("yaml", read_spec),
    ],
    path=str(ROOT),
    patterns=["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/**/*.md"],
    setup=enter,
    teardown=leave,
)
