"""The compose file says what it should, and its commands are those that start by hand."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
import yaml

from workers import embedded_redis, keys
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
    assert given["--maxmemory"] == "${FOLDSCAPE_REDIS_MB:-2048}m"
    assert given["--requirepass"].startswith("${FOLDSCAPE_PASSWORD:?")
    assert service["volumes"] == ["redis:/data"]


def test_the_redis_line_starts_with_a_password(tmp_path):
    line = [
        word.replace("${FOLDSCAPE_PASSWORD:?choose a password for Redis}", "s3cret").replace(
            "${FOLDSCAPE_REDIS_MB:-2048}", "64"
        )
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


def test_every_service_is_watched_bounded_and_named_exactly():
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert re.fullmatch(r"\d+g", service["mem_limit"]), name
    assert re.fullmatch(r"redis:\d+\.\d+\.\d+-\w+", SERVICES["redis"]["image"])
    assert re.search(r"^FROM python:\d+\.\d+\.\d+-slim-\w+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_what_the_image_copies_is_sent_and_nothing_else():
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = {
        word
        for line in re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        for word in line.split()
    }
    assert ignored[ignored.index("*")] == "*"
    assert {word.removeprefix("!") for word in ignored if word.startswith("!")} == copied


def test_a_health_check_of_a_worker_sees_its_own_host_alone(settings, client):
    line = [sys.executable, *SERVICES["worker-batch"]["healthcheck"]["test"][2:]]
    environment = os.environ | {"FOLDSCAPE_REDIS": settings.redis}

    def is_well():
        return subprocess.run(line, env=environment, cwd=ROOT).returncode == 0

    assert not is_well()
    client.sadd(keys.WORKERS, "one")
    client.hset(keys.worker_key("one"), mapping={"queue": "batch", "host": socket.gethostname()})
    assert is_well()


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
