"""The compose file says what it should, and its commands are those that start by hand."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
import yaml

from workers import embedded_redis
from workers.settings import Settings
from workers.supervisor import WEB_APP

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_redis_keeps_everything_and_is_not_published():
    service = SERVICES["redis"]
    assert "ports" not in service
    line = service["command"]
    given = dict(zip(line[1::2], line[2::2], strict=True))
    assert given["--appendonly"] == "yes"
    assert given["--maxmemory-policy"] == "noeviction"
    assert given["--requirepass"].startswith("${FOLDSCAPE_PASSWORD:?")
    assert service["volumes"] == ["redis:/data"]


def test_the_redis_line_starts_with_a_password(tmp_path):
    line = [
        word.replace("${FOLDSCAPE_PASSWORD:?choose a password for Redis}", "s3cret")
        for word in SERVICES["redis"]["command"]
    ]
    binary = embedded_redis.find_binary().path
    socket = tmp_path / "r.sock"
    with subprocess.Popen(
        [binary, *line[1:], "--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            until = time.monotonic() + 10
            while not socket.exists() and time.monotonic() < until:
                time.sleep(0.005)
            with redis.Redis(unix_socket_path=str(socket)) as client, pytest.raises(redis.AuthenticationError):
                client.ping()
            with redis.Redis(unix_socket_path=str(socket), password="s3cret") as client:
                assert client.config_get("appendonly")["appendonly"] == "yes"
        finally:
            process.kill()


@pytest.mark.parametrize("queue", ["interactive", "batch", "gpu"])
def test_each_queue_has_a_worker_with_time_to_hand_over(queue):
    service = SERVICES[f"worker-{queue}"]
    assert service["command"] == ["python", "-m", "workers.cli", "worker", queue]
    assert int(service["stop_grace_period"].removesuffix("s")) > 10
    assert "ports" not in service
    devices = service.get("deploy", {}).get("resources", {}).get("reservations", {}).get("devices", [])
    assert bool(devices) == (queue == "gpu") == (service.get("profiles") == ["gpu"])


def test_the_web_process_is_on_this_host_alone_unless_said_otherwise_and_asks_for_a_token():
    service = SERVICES["web"]
    assert WEB_APP in service["command"]
    assert service["ports"] == ["${FOLDSCAPE_PORT:-127.0.0.1:8050}:8050"]
    assert ":?" in service["environment"]["FOLDSCAPE_TOKEN"]


def test_every_variable_in_the_file_is_a_setting():
    known = {f"FOLDSCAPE_{name.upper()}" for name in Settings.model_fields} | {"FOLDSCAPE_PASSWORD", "FOLDSCAPE_TOKEN"}
    assert set(re.findall(r"FOLDSCAPE_\w+", (ROOT / "docker-compose.yml").read_text())) <= known
    assert set(re.findall(r"FOLDSCAPE_\w+", (ROOT / "Dockerfile").read_text())) <= known


def test_the_worker_command_exists():
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", "worker", "nobody"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert "interactive" in done.stderr
