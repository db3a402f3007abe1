"""A process that compiles apart never compiles itself, and asks once for each kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = """
import json, sys, threading
import numpy as np
from numba.core import event
from foldscape.compilation import apart
from foldscape.compilation.apart import compile_apart, in_no_hurry
from kernels_to_compile import sum_of_squares

compiled = event.RecordingListener()
event.register("numba:compile", compiled)
compile_apart()
asked = []
ask = apart._Child.compile
def told(child, request):
    asked.append(child.niceness)
    return ask(child, request)
apart._Child.compile = told
{more}
values = np.arange(4.0)
found = []
threads = [threading.Thread(target=lambda: found.append(sum_of_squares(values))) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
with in_no_hurry():
    found.append(float(sum_of_squares(values.astype(np.float32))))
print(json.dumps([found, len(compiled.buffer), asked]))
"""


def run(cache, more=""):
    """Run the script with a cache of its own; gives what it found, how much it compiled, whom it asked."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    ran = subprocess.run(
        [sys.executable, "-W", "default::ResourceWarning", "-c", SCRIPT.replace("{more}", more)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "ResourceWarning" not in ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def test_another_process_compiles_once_and_the_next_start_compiles_nothing(cache):
    found, compiled, asked = run(cache)
    assert found == [14.0] * 5
    assert compiled == 0
    assert asked == [0, 15]  # once for four threads, once in no hurry
    found, compiled, asked = run(cache)
    assert (found, compiled, asked) == ([14.0] * 5, 0, [])


def test_a_child_that_has_ended_is_replaced(tmp_path):
    more = "gone = apart._Child(0); gone._process.kill(); gone._process.wait(); apart._workshop._idle.append(gone)"
    found, compiled, asked = run(tmp_path, more)
    assert found == [14.0] * 5
    assert compiled == 0
    assert len(asked) == 3


def test_where_no_other_process_can_it_compiles_itself(tmp_path):
    found, compiled, _ = run(tmp_path, "apart.sys.executable = '/bin/false'")
    assert found == [14.0] * 5
    assert compiled > 0
