"""What is loaded before a run is what the run takes: nothing is left to be compiled once it has begun."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import gc, json, sys
from numba.core.dispatcher import Dispatcher
from foldscape.spec import RunSpec
from foldscape.training import {warm}, run

def loaded():
    kernels = [one for one in gc.get_objects() if isinstance(one, Dispatcher) and hasattr(one._cache, "_cache_file")]
    return {f"{one.py_func.__module__}.{one.py_func.__name__}": len(one.overloads) for one in kernels}

{warm}()
before = loaded()
for _ in run(RunSpec.model_validate(json.loads(sys.argv[1]))):
    pass
after = loaded()
print(json.dumps([{name: many for name, many in after.items() if many != before.get(name)}, "torch" in sys.modules]))
"""
SHORT = {"stop": {"epochs": 2}}


@pytest.mark.parametrize("data", ["rings", "two_spirals"])
def test_play_begins_with_what_is_loaded_first_and_without_torch(data):
    spec = {"data": {"kind": data}, "net": {"hidden": [8, 8]}, "speed": 10, **SHORT}
    assert _missing("warm_first", spec) == [{}, False]


def test_all_else_is_loaded_by_the_whole_warming():
    grown = {"rule": {"kind": "folding"}, "schedule": {"kind": "periodic", "start": 1, "every": 1, "births": 1}}
    probes = [{"kind": kind} for kind in ("frame", "curvature", "slice", "sharpness", "density", "traces", "noise")]
    assert _missing("warm", {"growth": grown, "probes": probes, **SHORT})[0] == {}


def _missing(warm, spec):
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{warm}", warm), json.dumps(spec)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
