"""Where the files of published data sets lie on this machine, and how they get there."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foldscape.errors import NotOnDisk

SECONDS_TO_ANSWER = 20


def _as_it_is(answer: bytes) -> bytes:
    return answer


@dataclass(frozen=True)
class Remote:
    """A published file.

    Attributes:
        name: Its name on disk, below the folder of its set; it may lie there packed, with ``.gz`` at its end.
        digest: Hash of its unpacked bytes, as ``sha256:...`` or ``md5:...``.
        urls: Where it is published, to be tried in turn; empty when it has to be put there by hand.
        unpack: Takes the file out of what an address gives.
    """

    name: str
    digest: str
    urls: tuple[str, ...] = ()
    unpack: Callable[[bytes], bytes] = _as_it_is


def folders(data_set: str) -> tuple[Path, ...]:
    """List the folders in which the files of a set are looked for; the last is where downloads go.

    Args:
        data_set: Folder name of the set.

    Returns:
        The folders, in the order in which they are tried.
    """
    given = os.environ.get("FOLDSCAPE_DATA")
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "foldscape" / data_set
    return (Path(given).expanduser() / data_set, own) if given else (own,)


def fetched(data_set: str, remote: Remote) -> bytes:
    """Give the unpacked bytes of a file, downloaded first where it has to be.

    Args:
        data_set: Folder name of the set.
        remote: The file.

    Returns:
        The bytes, whose digest is that of the published file.

    Raises:
        NotOnDisk: If it is neither here nor to be had, or not the published bytes.
    """
    found = on_disk(data_set, remote)
    if found is None:
        return _fetched(data_set, remote)
    content = found.read_bytes()
    if found.name != remote.name:
        content = gzip.decompress(content)
    if (digest := _digest(content, remote)) != remote.digest:
        raise NotOnDisk(
            f"{found} is not the published file: its hash is {digest}, published is {remote.digest}.",
            hint="Delete it and start again.",
        )
    return content


def on_disk(data_set: str, remote: Remote) -> Path | None:
    """Give the path of a file, packed or not; ``None`` when it is not on this machine."""
    for folder in folders(data_set):
        for path in (folder / remote.name, folder / f"{remote.name}.gz"):
            if path.is_file():
                return path
    return None


def _fetched(data_set: str, remote: Remote) -> bytes:
    told = []
    for url in remote.urls:
        try:
            with urllib.request.urlopen(url, timeout=SECONDS_TO_ANSWER) as answer:
                content = remote.unpack(answer.read())
        except (OSError, urllib.error.URLError, KeyError, EOFError) as error:
            told.append(f"{url}: {error}")
            continue
        if (digest := _digest(content, remote)) == remote.digest:
            keep(folders(data_set)[-1] / remote.name, content)
            return content
        told.append(f"{url}: its hash is {digest}, published is {remote.digest}")
    looked = " or ".join(str(folder) for folder in folders(data_set))
    tried = f"Downloading it failed ({'; '.join(told)})." if told else "It is not published on its own."
    raise NotOnDisk(
        f"The file {remote.name} of {data_set} is not on this machine; it was looked for in {looked}. {tried}",
        hint=f"Put it there, or set FOLDSCAPE_DATA to a folder that has {data_set}/{remote.name}.",
    )


def keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, whoever else writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)


def _digest(content: bytes, remote: Remote) -> str:
    kind, _, _ = remote.digest.partition(":")
    return f"{kind}:{hashlib.new(kind, content, usedforsecurity=False).hexdigest()}"
