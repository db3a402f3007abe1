"""``foldscape up`` as a process: ready, survives a dead worker, stops without a trace; refuses with one sentence."""

import contextlib
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

from workers.errors import CannotStart
from workers.part import Part
from workers.supervisor import _make_folder, _only_one

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


def test_a_lock_file_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "lock").mkdir()
    said = up(tmp_path, "--port", "0").communicate(timeout=60)[0]
    assert said.startswith(f"The lock file {tmp_path / 'lock'} cannot be opened: Is a directory.")
    assert "--home" in said
    assert "Traceback" not in said


def test_a_home_that_is_read_only_is_told_and_a_new_one_is_ours_alone(tmp_path):
    before = os.umask(0o022)
    try:
        _make_folder(tmp_path / "new")
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
        (tmp_path / "new" / "redis-6").mkdir(mode=0o755)
        _make_folder(tmp_path / "new")
        assert (tmp_path / "new" / "redis-6").stat().st_mode & 0o777 == 0o700
        (tmp_path / "new").chmod(0o500)
        with as_somebody(tmp_path), pytest.raises(CannotStart, match=r"(cannot be written|cannot be opened).*denied"):
            _make_folder(tmp_path / "new" / "home")
    finally:
        os.umask(before)
        (tmp_path / "new").chmod(0o700)


@contextlib.contextmanager
def as_somebody(folder):
    """Be no superuser, whom no mode of a folder stops."""
    if os.getuid() != 0:
        yield
        return
    for path in (folder, *folder.parents[:-2]):
        path.chmod(path.stat().st_mode | 0o011)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


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
