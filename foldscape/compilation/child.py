"""The process that compiles: ``python -m foldscape.compilation.child <niceness>``, asked through its standard input."""

from __future__ import annotations

import fcntl
import importlib
import os
import pickle
import select
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

PATIENCE_SECONDS = 3.0


def main() -> None:
    """Compile what is asked for until nobody asks any more."""
    os.nice(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what anything prints goes to the log
    questions = os.fdopen(0, "rb", buffering=0)
    while select.select([questions], [], [], PATIENCE_SECONDS)[0] and (head := questions.read(8)):
        _compile(*pickle.loads(_whole(questions, int.from_bytes(head))))
        with suppress(BrokenPipeError):
            answers.write(b".")


def _whole(stream: BinaryIO, length: int) -> bytes:
    read = b""
    while len(read) < length and (more := stream.read(length - len(read))):
        read += more
    return read


def _compile(module: str, name: str, signature: Any) -> None:
    """Compile a kernel, unless it is on disk; who asks at the same time waits for the one that compiles."""
    try:
        kernel = getattr(importlib.import_module(module), name)
        file = kernel._cache._cache_file
        with Path(file._cache_path, f"{file._index_name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kernel.compile(signature)
    except Exception:
        traceback.print_exc()  # who asked compiles it alone, and says what is wrong


if __name__ == "__main__":
    main()
