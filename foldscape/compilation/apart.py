"""Compile kernels in processes of their own, and load what they leave on disk.

A process that has compiled keeps some 500 MB of LLVM for ever, and compiles one kernel at a time however many
processors there are. A long-lived process therefore asks for each kernel that is not on disk; its other threads go on
meanwhile.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_AT_A_TIME = 2
_LAST = 15
"""Niceness of compiling what nobody waits for."""


class _Child:
    """A process that compiles what it is asked for, and ends when it has not been asked for some seconds."""

    def __init__(self, niceness: int) -> None:
        self.niceness = niceness
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "foldscape.compilation.child", str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    def compile(self, request: bytes) -> bool:
        """Ask for a kernel and wait for it; false when the process has ended."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(len(request).to_bytes(8) + request)
            self._process.stdin.flush()
            return bool(self._process.stdout.read(1))
        except OSError:
            return False

    def end(self) -> None:
        """Let it end, and forget it."""
        self._process.terminate()
        with suppress(OSError), self._process:
            pass


class Workshop:
    """Has kernels compiled, two at a time."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._places = threading.BoundedSemaphore(_AT_A_TIME)
        self._asked: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)

    def compile(self, kernel: Any, signature: Any, niceness: int) -> None:
        """Have a kernel compiled for a signature; where that fails it is not on disk afterwards."""
        with self._asked[kernel, signature]:
            if not is_kept(kernel, signature):
                self._compile(
                    pickle.dumps((kernel.py_func.__module__, kernel.py_func.__qualname__, signature)), niceness
                )

    def _compile(self, request: bytes, niceness: int) -> None:
        with self._places:
            while self._idle:
                child = self._idle.pop()
                if child.niceness == niceness and child.compile(request):
                    break
                child.end()
            else:
                child = _Child(niceness)
                child.compile(request)
            self._idle.append(child)

    def close(self) -> None:
        """Let the processes that wait for work end."""
        while self._idle:
            self._idle.pop().end()


_workshop: Workshop | None = None
_thread = threading.local()


def compile_apart() -> None:
    """From now on, have other processes compile the kernels that this one needs."""
    global _workshop
    if _workshop is None:
        _workshop = Workshop()
        atexit.register(_workshop.close)


@contextmanager
def in_no_hurry() -> Iterator[None]:
    """Let whatever else computes go before what this thread has compiled meanwhile."""
    _thread.niceness = _LAST
    try:
        yield
    finally:
        _thread.niceness = 0


def prepare(kernel: Any, signature: Any) -> None:
    """See to it that a kernel is on disk, where this process compiles apart."""
    if _workshop is not None and not is_kept(kernel, signature):
        _workshop.compile(kernel, signature, getattr(_thread, "niceness", 0))


def is_kept(kernel: Any, signature: Any) -> bool:
    """Whether the code of a kernel for a signature is on disk, or loaded."""
    cache = kernel._cache
    on_disk = cache._index_key(signature, kernel.targetctx.codegen()) in cache._cache_file._load_index()
    return on_disk or signature in kernel.overloads


def is_new(kernel: Any) -> bool:
    """Whether a kernel was never compiled on this machine, as it stands."""
    return not kernel._cache._cache_file._load_index()
