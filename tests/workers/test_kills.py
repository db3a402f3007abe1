"""``foldscape up`` with everything killed in turn, the supervisor last: the log is that of an undisturbed run."""

import contextlib
import json
import os
import signal
import urllib.error
from pathlib import Path

import pytest

from tests.workers.running import assert_same, small, told, undisturbed
from tests.workers.test_supervisor import ask, lines_until, running_with, up, wait_for
from workers import embedded_redis
from workers.keys import RunKeys
from workers.run_log.connect import connect
from workers.settings import Settings

pytestmark = pytest.mark.timeout(240)
BACK = 60
"""Seconds within which a run goes on after a fault; a quiet machine needs a tenth, most of it for a worker's start."""


def pid_of(home, words):
    """The pid of the part of a home whose command line holds some words."""
    lines = {pid: (Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in running_with(home)}
    [pid] = [pid for pid, line in lines.items() if words in line]
    return pid


def test_whatever_is_killed_the_log_is_that_of_an_undisturbed_run(tmp_path):
    process = up(tmp_path, "--port", "0")
    try:
        url = lines_until(process, r"ready: (http://127\.0\.0\.1:\d+)")[0][1]
        schedules = {"lr_schedule": {"kind": "sgdr"}, "batch_schedule": {"kind": "step", "every": 20}}
        spec = small(speed=60, stop={"epochs": 100_000}, **schedules)
        run = ask(url, "/api/runs?name=mine", spec.model_dump_json().encode())["id"]

        def summary():
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                return ask(url, f"/api/runs/{run}")

        def goes_on(step):
            found = wait_for(lambda: (found := summary()) and found["step"] > step and found, BACK)
            assert (found["state"], found["message"]) == ("running", "")
            return found

        def say(**command):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                return ask(url, f"/api/runs/{run}/commands", json.dumps(command).encode())

        grow = {"kind": "grow", "rule": {"kind": "random_direction"}}
        found = goes_on(100)
        worker = int(found["worker"].rpartition("-")[2])
        for pids in ((worker, pid_of(tmp_path, b"backend.serve")), (pid_of(tmp_path, b"redis-server"),)):
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            step = found["step"]
            wait_for(lambda: say(**grow), BACK)  # in the outage, as soon as somebody takes it
            found = goes_on(step)
        assert os.stat(tmp_path).st_mode & 0o077 == 0 or tmp_path.stat().st_uid != os.getuid()
        assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("redis-*/*"))
        process.kill()
        process.communicate()
        wait_for(lambda: not running_with(tmp_path), 60)
        process = up(tmp_path, "--port", "0")
        url = lines_until(process, r"ready: (http://127\.0\.0\.1:\d+)")[0][1]
        say(**grow)
        step = goes_on(found["step"])["step"]
        goes_on(step)
        say(kind="stop")
        wait_for(lambda: (found := summary()) and found["state"] == "stopped")
        address = embedded_redis.redis_address(embedded_redis.socket_path(tmp_path))
        with connect(Settings(redis=address)) as client:
            assert client.config_get("maxmemory")["maxmemory"] == "2048000000"
            assert sum(b'"grow"' in fields[b"c"] for _, fields in client.xrange(RunKeys(run).applied)) == 3
            assert_same(told(client, run), undisturbed(client, run))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
