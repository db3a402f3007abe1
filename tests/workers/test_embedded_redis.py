import os
import stat

import pytest

from workers import embedded_redis
from workers.embedded_redis import Binary
from workers.errors import CannotStart


def test_a_server_is_found_and_young_enough():
    binary = embedded_redis.find_binary()
    assert os.access(binary.path, os.X_OK)
    assert binary.version[:2] >= embedded_redis.OLDEST


def test_without_a_server_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(embedded_redis, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotStart, match="Install redis-server"):
        embedded_redis.find_binary()


def test_an_old_server_is_named(monkeypatch, tmp_path):
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.7 sha=0'\n")
    old.chmod(0o755)
    monkeypatch.setattr(embedded_redis, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match=r"redis-server is 5\.0\.7"):
        embedded_redis.find_binary()


def test_an_older_server_never_opens_a_newer_one_s_files(tmp_path):
    assert embedded_redis.data_folder(tmp_path, Binary("redis-server", (6, 2, 14))) == tmp_path / "redis-6"
    (tmp_path / "redis-7").mkdir()
    assert embedded_redis.data_folder(tmp_path, Binary("redis-server", (7, 0, 15))) == tmp_path / "redis-7"
    with pytest.raises(CannotStart, match="cannot read"):
        embedded_redis.data_folder(tmp_path, Binary("redis-server", (6, 2, 14)))


def test_a_long_path_gets_a_short_socket_that_is_ours_alone(tmp_path):
    assert embedded_redis.socket_path(tmp_path) == tmp_path / "redis.sock"
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    path = embedded_redis.socket_path(deep)
    assert len(os.fsencode(path)) < 107
    assert path == embedded_redis.socket_path(deep)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.rmdir()
