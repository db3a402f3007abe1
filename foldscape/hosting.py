"""Whether what is asked may come from a stranger: where this process answers others, or works for those who do.

In one's own process, on the command line or in Python, a spec may name what lies anywhere on the machine; a spec that
came over HTTP may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_of_process = False
_of_context: ContextVar[bool] = ContextVar("hosted", default=False)


def is_hosted() -> bool:
    """Whether strangers may have asked for what is done here."""
    return _of_process or _of_context.get()


def host() -> None:
    """Take everything in this process for asked by strangers from here on: a worker says it before its first run."""
    global _of_process
    _of_process = True


@contextmanager
def hosted() -> Iterator[None]:
    """Take what is done within the block for asked by strangers, in the tasks and threads too that it begins."""
    token = _of_context.set(True)
    try:
        yield
    finally:
        _of_context.reset(token)
