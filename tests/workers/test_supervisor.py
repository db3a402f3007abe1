"""``foldscape up`` as a process: ready, survives a dead worker, stops without a trace; refuses with one sentence."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from workers.part import Part
from workers.supervisor import _only_one

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(240)


def up(data, *more, **environment):
    told = {name: value for name, value in os.environ.items() if not name.startswith("FOLDSCAPE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "workers.cli", "up", "--no-browser", "--home", str(data), *more],
        cwd=ROOT,
        env=told | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def running_with(data):
    """Pids of all processes that know this data folder."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(data) in told:
            found.add(int(path.name))
    return found


def lines_until(process, pattern):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(pattern, line):
            return found, seen
    raise AssertionError("".join(seen))


def ask(url, path, body=None):
    request = urllib.request.Request(url + path, data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise TimeoutError


def test_everything_comes_up_heals_and_goes_without_a_trace(tmp_path):
    process = up(tmp_path, "--port", "0")
    try:
        found, seen = lines_until(process, r"ready: (http://127\.0\.0\.1:\d+)")
        url = found[1]
        assert [line.split()[0] for line in seen[:1]] == ["redis"]
        assert {line.split()[0] for line in seen[1:3]} == {"interactive", "web"}
        lines_until(process, r"^batch +worker is warm")
        made = ask(url, "/api/runs?origin=play", b'{"speed": 5}')
        wait_for(lambda: ask(url, f"/api/runs/{made['id']}")["step"])
        again = up(tmp_path, "--port", "0")
        assert f"already running on {url}" in again.communicate(timeout=60)[0]
        assert again.returncode == 1
        worker = ask(url, f"/api/runs/{made['id']}")["worker"]
        os.kill(int(worker.rpartition("-")[2]), signal.SIGKILL)
        wait_for(lambda: ask(url, f"/api/runs/{made['id']}")["worker"] != worker, 120)
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0, rest
    assert "every run is saved" in rest
    assert running_with(tmp_path) == set()


def test_when_the_supervisor_is_killed_nobody_stays_behind(tmp_path):
    process = up(tmp_path, "--port", "0")
    lines_until(process, r"^redis")
    assert running_with(tmp_path) - {process.pid}
    process.kill()
    process.wait()
    process.stdout.close()
    wait_for(lambda: not running_with(tmp_path), 60)


def test_a_taken_port_is_told_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = up(tmp_path, "--port", str(port)).communicate(timeout=60)[0]
    assert f"Port {port} on 127.0.0.1 cannot be used" in said
    assert f"--port {port + 1}" in said
    assert len(said.strip().splitlines()) == 1


def test_a_dead_redis_is_told(tmp_path):
    process = up(tmp_path, "--port", "0", FOLDSCAPE_REDIS=f"unix://{tmp_path}/none.sock?db=0")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "does not answer" in said
    assert "unset FOLDSCAPE_REDIS" in said
    assert "Traceback" not in said


def test_the_lock_is_free_again_afterwards(tmp_path):
    with _only_one(tmp_path) as note:
        note("http://somewhere")
    with _only_one(tmp_path):
        pass


@pytest.mark.anyio
async def test_a_part_that_always_ends_is_given_up(tmp_path, monkeypatch):
    import workers.part

    monkeypatch.setattr(workers.part, "FIRST_PAUSE", 0.001)
    line = [sys.executable, "-S", "-c", "print('no such thing'); raise SystemExit(3)"]
    part = Part("broken", line, os.environ, tmp_path / "broken.log", 1)
    await part.start()
    with pytest.raises(workers.part.GaveUp, match=r"5 times within a minute\. Its last words: no such thing"):
        await part.keep_alive()
