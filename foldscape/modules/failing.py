"""Say in words where and on what a module fails when it is run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import torch
from torch import nn

from foldscape.errors import FoldscapeError, NotPossible


class Fails(NotPossible):
    """A module raised an error of its own while it ran."""


@contextmanager
def module_errors(module: nn.Module, inputs: tuple[Any, ...]) -> Iterator[None]:
    """Turn whatever a module raises while it runs into one sentence.

    Args:
        module: The net.
        inputs: What it was run on.

    Raises:
        Fails: With the place and the module's own complaint.
        FoldscapeError: If the block raises one, as it is.
    """
    try:
        yield
    except FoldscapeError:
        raise
    except Exception as complaint:
        where = _place(module, complaint.__traceback__)
        raise Fails(
            f"The {type(module).__name__} fails on these inputs{where}: {first_line(complaint)}.",
            hint=f"It was run on {_described(inputs)}; run it on them once by itself.",
        ) from complaint


def first_line(complaint: BaseException) -> str:
    """Give the first line of an error, without its full stop, or its name if it says nothing."""
    lines = str(complaint).strip().splitlines()
    return lines[0][:200].rstrip(".: ") if lines else type(complaint).__name__


def _place(module: nn.Module, trace: TracebackType | None) -> str:
    """Name the innermost part whose code was running."""
    names = {id(part): name for name, part in module.named_modules()}
    found = ""
    while trace is not None:
        part = trace.tb_frame.f_locals.get("self")
        if names.get(id(part)):
            found = f", in {names[id(part)]!r} ({type(part).__name__})"
        trace = trace.tb_next
    return found


def _described(inputs: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{str(one.dtype).removeprefix('torch.')} of shape {tuple(one.shape)}"
        if isinstance(one, torch.Tensor)
        else f"a {type(one).__name__}"
        for one in inputs
    )
