"""Published pictures, from their bytes."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array, Labels
from foldscape.data import store
from foldscape.data.store import Remote

Bytes = npt.NDArray[np.uint8]


def scaled(pixels: Bytes) -> Float32Array:
    """Give pixels as numbers from 0 to 1, in one piece of memory."""
    scaled = pixels.astype(np.float32)
    scaled /= np.float32(255)
    return scaled


def idx_pictures(folder: str, remote: Remote) -> Bytes:
    """Read the pictures of an IDX file, (N, pixels)."""
    raw = _unpacked(folder, remote)
    rows, columns = np.frombuffer(raw, ">u4", count=2, offset=8)
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, int(rows) * int(columns))


def idx_labels(folder: str, remote: Remote) -> Labels:
    """Read the labels of an IDX file, (N,)."""
    return np.frombuffer(_unpacked(folder, remote), np.uint8, offset=8).astype(np.int64)


def _unpacked(folder: str, remote: Remote) -> bytes:
    content = store.fetched(folder, remote)
    return gzip.decompress(content) if remote.name.endswith(".gz") else content


def records(raw: bytes, length: int) -> Bytes:
    """Give the records (N, length) of a binary file."""
    return np.frombuffer(raw, np.uint8).reshape(-1, length)


def members(archive: bytes, names: Sequence[str], length: int) -> list[Bytes]:
    """Give the records of some files of a packed archive, file by file."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = [tar.extractfile(name) for name in names]
        return [records(file.read(), length) for file in files if file is not None]
