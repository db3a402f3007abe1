"""One child process of the supervisor: started, watched, restarted, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MOST_STARTS = 5
WITHIN_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


class GaveUp(Exception):
    """A part ended so often that restarting makes no sense."""

    def __init__(self, part: Part) -> None:
        self.part = part
        words = part.last_words()
        told = f" Its last words: {words}" if words else ""
        super().__init__(f"{part.name} ended {MOST_STARTS} times within a minute.{told} See {part.log}.")


@dataclass
class Part:
    """A child process.

    Attributes:
        name: For people.
        command: Its command line.
        environment: Its environment.
        log: File that takes its output.
        patience: Seconds it has for ending by itself.
        pass_fds: File descriptors it inherits.
        before: Called before each start.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    patience: float
    pass_fds: tuple[int, ...] = ()
    before: Callable[[], None] | None = None
    process: asyncio.subprocess.Process | None = None
    _starts: deque[float] = field(default_factory=deque)
    _stopping: bool = False

    async def start(self) -> None:
        """Start the process; it dies with us even when we are killed (on Linux)."""
        self._starts.append(time.monotonic())
        if self.before:
            self.before()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env=dict(self.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.pass_fds,
                preexec_fn=_die_with(os.getpid()) if sys.platform == "linux" else None,
            )

    async def keep_alive(self) -> None:
        """Start the process again whenever it ends.

        Raises:
            GaveUp: When it ended five times within a minute.
        """
        while True:
            assert self.process is not None
            await self.process.wait()
            self._end_group(signal.SIGKILL)
            if self._stopping:
                return
            now = time.monotonic()
            while self._starts and now - self._starts[0] > WITHIN_SECONDS:
                self._starts.popleft()
            if len(self._starts) >= MOST_STARTS:
                raise GaveUp(self)
            await asyncio.sleep(min(FIRST_PAUSE * 2 ** len(self._starts), LONGEST_PAUSE))
            await self.start()

    async def stop(self) -> None:
        """End the process: politely, then with everything it started."""
        self._stopping = True
        if self.process is None:
            return
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), self.patience)
        self._end_group(signal.SIGKILL)
        await self.process.wait()

    def last_words(self) -> str:
        """Give the last line it wrote."""
        with contextlib.suppress(OSError):
            lines = self.log.read_bytes()[-4000:].decode(errors="replace").strip().splitlines()
            return lines[-1].strip() if lines else ""
        return ""

    def _end_group(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def _die_with(parent: int) -> Callable[[], None]:
    """Make a function that ties a child's life to ours; runs in the child between fork and exec."""
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)

    return tie
