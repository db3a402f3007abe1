"""Makes the sample that the Landscape page shows before anybody has a run: python -m docs.landscape_sample ADDRESS.

It trains a net on rings that grows by three neurons, on the Foldscape that runs at the address, measures its slice,
plane and path, and writes what the API answers, with the points, to the page's assets.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from backend.binary import read_message
from foldscape.wire import as_base64, unpack

PLACE = Path(__file__).parent.parent / "frontend" / "assets" / "landscape" / "sample.json"
SIDE = 41
RUN = {
    "data": {"kind": "rings", "n": 300},
    "net": {"hidden": [1, 6]},
    "batch": 20,
    "seed": 3,
    "stop": {"epochs": 160},
    "growth": {"schedule": {"kind": "periodic", "every": 20}, "rule": {"kind": "random_direction"}},
    "probes": [{"kind": "frame"}],
}
VIEWS: dict[str, dict[str, Any]] = {
    "slice": {"slice": {"scale": "neuron-relative", "reach": [-0.3, 0.3]}},
    "plane": {
        "plane": {"scale": "neuron-relative", "x_reach": [-0.3, 0.3], "y_reach": [-0.3, 0.3], "resolution": SIDE}
    },
    "path": {"resolution": SIDE},
    "spectrum": {},
}


def call(address: str, path: str, body: Any = None) -> Any:
    """Ask the API, and give its answer as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def waited(address: str, path: str) -> Any:
    """Give what stands at a path once it is over."""
    while (found := call(address, path))["state"] not in ("done", "stopped", "failed"):
        time.sleep(0.2)
    assert found["state"] == "done", found["message"]
    return found


def points(address: str, run: str) -> dict[str, Any]:
    """Give the points of a run."""
    with urllib.request.urlopen(f"{address}/api/runs/{run}/data") as answer:
        _, head, body = read_message(answer.read())
    _, arrays = unpack(json.dumps(head).encode(), body)
    return {"classes": head["classes"], "arrays": {name: as_base64(array) for name, array in arrays.items()}}


def main(address: str) -> None:
    """Make the sample."""
    run = call(address, "/api/runs", RUN)["id"]
    waited(address, f"/api/runs/{run}")
    views = {}
    for view, spec in VIEWS.items():
        made = call(address, "/api/landscapes", {"view": view, "run": run, **spec})
        found = waited(address, f"/api/landscapes/{made['id']}")
        kept = ("state", "share", "started", "ended", "cells")
        views[view] = {"summary": {name: found[name] for name in kept}, "rows": found["rows"]}
    PLACE.write_text(json.dumps({"views": views, "data": points(address, run)}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
