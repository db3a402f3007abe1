"""The first start on a machine, and the one after it: a run in the terminal, ``foldscape up``, and an idle server.

``python -m benchmarks.cold`` works with an empty cache of compiled code in a folder of its own. A picture moves once a
run that was asked for as soon as the pages answered has told three frames. ``CPU`` is what all processes together have
computed until then: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from backend.binary import read_message
from benchmarks.machine import describe

GOALS = {"run": (12.0, 3.0), "up": (20.0, 5.0)}  # seconds: the first time, and afterwards
GOAL_MB = 700
FRAMES, EPOCHS = 3, 5
STILL_SECONDS = 20.0


def family(process):
    """Give a process and all below it."""
    with suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def command_line(process):
    """Give how a process was started, or nothing when it has ended."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def computed(process):
    """Seconds of processor time of a process and all below it, those that have ended included."""
    total = 0.0
    for one in family(process):
        with suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def megabytes(process):
    """Memory of a process and all below it (shares of what they share), by name."""
    found = {}
    for one in family(process):
        with suppress(psutil.Error):
            words = command_line(one)
            names = ("redis-server", "uvicorn", "-Q interactive", "-Q batch", "spawn", "compilation.child", "up")
            name = next((name for name in names if name in words), one.name())
            found[name] = found.get(name, 0) + one.memory_full_info().pss / 2**20
    return found


def first_run(environment, folder):
    """Run a toy net in the terminal: seconds to its first event, seconds to its end, processor time."""
    spec = folder / "toy.yaml"
    spec.write_text(f"stop: {{epochs: {EPOCHS}}}\n")
    began = time.perf_counter()
    line = [sys.executable, "-m", "foldscape", "run", str(spec), "--events", "-"]
    child = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process, first, last = psutil.Process(child.pid), 0.0, 0.0
    for _ in child.stdout:
        first = first or time.perf_counter() - began
        last = computed(process)
    child.wait()
    return first, time.perf_counter() - began, last


@contextmanager
def server(environment, home):
    """Start everything; gives the process and when it was started."""
    line = [sys.executable, "-m", "workers.cli", "up", "--no-browser", "--port", "0", "--home", str(home)]
    with (home.parent / f"{home.name}.log").open("w") as log:
        began = time.perf_counter()
        child = subprocess.Popen(line, env=environment, stdout=log, stderr=log)
    try:
        yield psutil.Process(child.pid), began
    finally:
        child.terminate()
        child.wait(60)


def ask(url, body=None):
    """Ask the API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def until(work, seconds=900.0):
    """Try until something comes of it."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with suppress(OSError, ValueError):
            if value := work():
                return value
        time.sleep(0.05)
    raise TimeoutError(f"nothing came within {seconds:.0f} s")


def moving(home, began, process):
    """Ask for a run as soon as the pages answer: seconds until they do, until frames move, and processor time."""
    url = until(lambda: (home / "lock").read_text().strip())
    run = json.loads(until(lambda: ask(f"{url}/api/runs?name=cold", {"speed": 10})))["id"]
    answered = time.perf_counter() - began
    until(lambda: len(read_message(ask(f"{url}/api/runs/{run}/frames"))[1]["events"]) >= FRAMES)
    told = answered, time.perf_counter() - began, computed(process)
    ask(f"{url}/api/runs/{run}/commands", {"kind": "stop"})
    return told


def idle(process):
    """Memory once nothing compiles any more and no work is done."""
    quiet_since, before = time.perf_counter(), computed(process)
    while time.perf_counter() - quiet_since < STILL_SECONDS:
        time.sleep(2)
        now = computed(process)
        if now - before > 1.0 or any("compilation.child" in line for line in map(command_line, family(process))):
            quiet_since = time.perf_counter()
        before = now
    return megabytes(process)


def main():
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{describe()}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        for kind, cache in (("run", folder / "cache-run"), ("up", folder / "cache-up")):
            environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
            for when, goal in zip(("first", "again"), GOALS[kind], strict=True):
                if kind == "run":
                    first, whole, cpu = first_run(environment, folder)
                    print(f"run, {when}: first event {first:.1f} s (goal {goal:.0f}), {EPOCHS} epochs {whole:.1f} s, "
                          f"CPU {cpu:.1f} s; load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
                    continue
                home = folder / f"home-{when}"
                home.mkdir()
                with server(environment, home) as (process, began):
                    answered, moved, cpu = moving(home, began, process)
                    print(f"up, {when}: pages answer {answered:.1f} s, picture moves {moved:.1f} s (goal {goal:.0f}), "
                          f"CPU {cpu:.1f} s; load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
                    parts = idle(process)
                    told = ", ".join(f"{part} {size:.0f}" for part, size in parts.items())
                    print(f"idle, {when}: {sum(parts.values()):.0f} MB (goal {GOAL_MB}): {told}", flush=True)


if __name__ == "__main__":
    main()
