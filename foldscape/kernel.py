"""Compiled code that is kept on disk for as long as no source beside it changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit


@lru_cache
def fingerprint(folder: Path) -> str:
    """Digest the Python sources of a folder."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def kernel(**options: Any) -> Callable[[Any], Any]:
    """Compile a function, without the GIL, and keep the machine code on disk.

    Numba takes the age of the function's own file for the version of its code. Kernels call into the files beside
    theirs, so here the version is the content of the whole folder: an edit in any of them compiles anew.

    Args:
        options: What else numba's ``njit`` takes.

    Returns:
        The decorator.
    """

    def compile_kept(function: Any) -> Any:
        compiled: Any = njit(cache=True, nogil=True, **options)(function)
        compiled._cache._cache_file._source_stamp = fingerprint(Path(function.__code__.co_filename).parent)
        return compiled

    return compile_kept
