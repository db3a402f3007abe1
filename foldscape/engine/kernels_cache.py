"""Compiled code that is kept on disk for as long as no kernel's source changes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit


def fingerprint(folder: Path = Path(__file__).parent) -> str:
    """Digest the sources of all kernels."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("kernels*.py")))).hexdigest()


def cached(function: Any) -> Any:
    """Compile a function, without the GIL, and keep the machine code on disk.

    Numba takes the age of the function's own file for the version of its code. Kernels call into other files, so here
    the version is the content of all of them.
    """
    compiled: Any = njit(cache=True, nogil=True)(function)
    compiled._cache._cache_file._source_stamp = fingerprint()
    return compiled
