"""Files of published sets: found, downloaded, checked, or missed in a sentence."""

import gzip
import hashlib
import io
import urllib.error

import pytest

from foldscape.data import store
from foldscape.data.store import Remote
from foldscape.errors import NotOnDisk

CONTENT = b"numbers"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
PUBLISHED = Remote("numbers.bin", DIGEST, ("https://one.example/n.gz", "https://two.example/n.gz"), gzip.decompress)


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLDSCAPE_DATA", str(tmp_path / "given"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def host(monkeypatch):
    """Answers of a host by address, and what was asked for."""
    answers, asked = {}, []

    def urlopen(url, timeout):
        asked.append(url)
        if url not in answers:
            raise urllib.error.URLError("no such host")
        return io.BytesIO(answers[url])

    monkeypatch.setattr(store.urllib.request, "urlopen", urlopen)
    return answers, asked


@pytest.mark.parametrize(
    ("name", "content"),
    [("numbers.bin", CONTENT), ("numbers.bin.gz", gzip.compress(CONTENT, mtime=0))],
    ids=["plain", "packed"],
)
def test_a_file_is_read_from_the_given_folder_packed_or_not(places, host, name, content):
    folder = places / "given" / "set"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    assert store.fetched("set", PUBLISHED) == CONTENT
    assert host[1] == []


def test_a_download_tries_every_host_and_is_kept(places, host):
    answers, asked = host
    answers[PUBLISHED.urls[1]] = gzip.compress(CONTENT)
    assert store.fetched("set", PUBLISHED) == CONTENT
    assert asked == list(PUBLISHED.urls)
    assert store.fetched("set", PUBLISHED) == CONTENT
    assert len(asked) == 2
    assert store.on_disk("set", PUBLISHED) == places / "cache/foldscape/set/numbers.bin"


def test_other_bytes_are_refused_and_not_kept(places, host):
    host[0].update(dict.fromkeys(PUBLISHED.urls, gzip.compress(b"other")))
    with pytest.raises(NotOnDisk, match="published is sha256"):
        store.fetched("set", PUBLISHED)
    assert store.on_disk("set", PUBLISHED) is None


def test_a_broken_file_on_disk_is_named(places, host):
    folder = places / "cache" / "foldscape" / "set"
    folder.mkdir(parents=True)
    (folder / "numbers.bin").write_bytes(b"other")
    with pytest.raises(NotOnDisk, match=r"numbers\.bin is not the published file.*Delete it"):
        store.fetched("set", PUBLISHED)


def test_a_file_that_is_not_to_be_had_says_where_to_put_it(places, host):
    with pytest.raises(NotOnDisk) as error:
        store.fetched("set", PUBLISHED)
    for word in ("numbers.bin", "given/set", "one.example", "FOLDSCAPE_DATA"):
        assert word in str(error.value)


def test_a_file_that_is_not_published_alone_says_so(places, host):
    with pytest.raises(NotOnDisk, match="not published on its own"):
        store.fetched("set", Remote("part.bin", DIGEST))
