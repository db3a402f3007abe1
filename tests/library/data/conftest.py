"""Sets that have to be downloaded are read from this machine only; a test that misses one is skipped with its name."""

import urllib.error

import pytest

from foldscape.data import store
from foldscape.errors import NotOnDisk


@pytest.fixture
def load(monkeypatch, tmp_path_factory):
    """Load a set by its spec and a seed."""

    def offline(url, timeout):
        raise urllib.error.URLError("tests download nothing")

    monkeypatch.setattr(store.urllib.request, "urlopen", offline)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))

    def loaded(one, seed=0):
        try:
            return one.load(seed)
        except NotOnDisk as error:
            pytest.skip(f"{one.kind} is not on this machine: {error}")

    return loaded
