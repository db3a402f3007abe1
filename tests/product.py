"""Start the whole product as a newcomer does, on a free port and in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_S = 840


@contextmanager
def running_product(folder: Path, **environment: str) -> Iterator[str]:
    """Run ``foldscape up`` until the block ends.

    Args:
        folder: For the product's data.
        environment: Settings, by the names of their variables.

    Yields:
        The URL, once every part answers.
    """
    port = free_port()
    log = (folder / "up.log").open("w")
    command = [sys.executable, "-m", "foldscape", "up", "--port", str(port), "--home", str(folder), "--no-browser"]
    child = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, child, folder)
        yield url
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(30)
        log.close()


def wait_until_ready(url: str, child: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the health page says that every part is there."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"The product ended: {(folder / 'up.log').read_text()}")
        try:
            health = call(f"{url}/api/health")
            if health["ok"] and all(health["queues"][name]["workers"] for name in ("interactive", "batch")):
                return
        except (
            urllib.error.URLError,
            ConnectionError,
            TimeoutError,
            KeyError,
        ):  # a slow start keeps the caller waiting
            pass
        time.sleep(0.2)
    raise RuntimeError(f"The product was not ready within {READY_S} s: {(folder / 'up.log').read_text()}")


def call(url: str, body: object | None = None, method: str | None = None) -> dict:
    """Send a request with a JSON body and read the JSON answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"{}")


def wait_until_done(url: str, *paths: str, seconds: float = 120) -> None:
    """Wait until runs, or other pieces of work, are done.

    Args:
        url: Of the product.
        paths: Where each of them stands, as ``/api/runs/quiet-heron``.
        seconds: Longest wait.

    Raises:
        RuntimeError: If one ends otherwise, or takes longer.
    """
    end = time.monotonic() + seconds
    for path in paths:
        while (found := call(f"{url}{path}"))["state"] != "done":
            if found["state"] in ("stopped", "failed") or time.monotonic() > end:
                why = found.get("message") or "no reason given"
                raise RuntimeError(f"{path} is {found['state']} and not done: {why}")
            time.sleep(0.1)


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
