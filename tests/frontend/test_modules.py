"""Runs the tests of the JavaScript modules in Node, against vectors from the Python side."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

HERE = Path(__file__).parent
TESTS = sorted(HERE.glob("*.test.mjs"))


@pytest.fixture(scope="session")
def vectors(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("vectors", HERE / "vectors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = tmp_path_factory.mktemp("vectors") / "vectors.json"
    path.write_bytes(orjson.dumps(module.all_vectors(), option=orjson.OPT_SERIALIZE_NUMPY))
    return path


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name)
def test_module(test, vectors):
    node = shutil.which("node")
    assert node, "the tests of the pages need Node 20"
    ran = subprocess.run(
        [node, "--test", str(test)],
        env={**os.environ, "VECTORS": str(vectors)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def linked(*paths):
    node = shutil.which("node")
    command = [node, "--experimental-vm-modules", "--no-warnings", str(HERE / "linked.mjs"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_every_module_parses_and_takes_only_names_that_others_give():
    paths = sorted((HERE.parent.parent / "frontend" / "assets").rglob("*.mjs"))
    ran = linked(*paths)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('import { near } from "./given.mjs";\nimport { near } from "./given.mjs";', "already been declared"),
        ('import { far } from "./given.mjs";', "far"),
    ],
)
def test_a_module_that_cannot_be_loaded_is_found(tmp_path, text, words):
    (tmp_path / "given.mjs").write_text("export const near = 1;")
    (tmp_path / "taking.mjs").write_text(text)
    ran = linked(tmp_path / "taking.mjs")
    assert ran.returncode == 1
    assert words in ran.stdout
