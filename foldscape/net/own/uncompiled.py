"""Run what was compiled as it was written: the same bits in every process, whoever has compiled it or not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def uncompiled() -> Iterator[None]:
    """Let ``torch.compile`` do nothing within the block; it is the process's, so that one thread at a time is in it."""
    if "torch._dynamo" not in sys.modules:  # Only then can anything be compiled, and the import takes seconds.
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
