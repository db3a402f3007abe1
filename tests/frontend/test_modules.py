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
