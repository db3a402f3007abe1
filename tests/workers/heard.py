"""What the library says for a spec, by itself: in this process, or in one with the threads of an interactive worker.

``python -m tests.workers.heard`` reads a spec as JSON and writes what it heard.
"""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np

from foldscape.device import OF_ALL
from foldscape.events import Metrics
from foldscape.spec import RunSpec
from foldscape.training import Loop
from foldscape.wire import pack_event
from workers.keys import entry_id

ROOT = Path(__file__).parents[2]


def heard(spec):
    """Carry a run out and give its log."""
    found = {"metrics": [], "frames": [], "events": []}
    for event in Loop(spec).events():
        if isinstance(event, Metrics):
            found["metrics"].append((event.step, np.asarray(event.values, np.float32).tobytes()))
        else:
            part = "frames" if event.kind in ("frame", "predictions") else "events"
            found[part].append((entry_id(event.step, event.seq), *pack_event(event)))
    return found


def heard_apart(spec):
    """Do so on one thread: convolutions sum in another order on two, and the bits of a run follow."""
    told = {**os.environ, **dict.fromkeys(OF_ALL, "1")}
    line = [sys.executable, "-m", "tests.workers.heard"]
    done = subprocess.run(
        line, input=spec.model_dump_json().encode(), capture_output=True, check=True, cwd=ROOT, env=told
    )
    return pickle.loads(done.stdout)


def timeless(log):
    """Give a log without the seconds that growths took."""
    events = []
    for entry, head, body in log.get("events", ()):
        plain = json.loads(head)
        if plain["kind"] == "grown":
            plain.pop("seconds", None)
        events.append((entry, plain, body))
    return log | ({"events": events} if "events" in log else {})


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(heard(RunSpec.model_validate_json(sys.stdin.read()))))
