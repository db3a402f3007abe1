"""Compiled code that is kept on disk for as long as no source beside it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import njit, types
from numba.core.compiler_lock import global_compiler_lock
from numba.np import arrayobj

from foldscape.compilation import apart
from foldscape.compilation.linking import compiled_whole, tie_environments

_njit: Any = njit  # its types know not all of its options


@lru_cache
def fingerprint(folder: Path) -> str:
    """Digest the Python sources of a folder."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def kernel(*, indices_from_end: bool = True, reads: Sequence[ModuleType] = (), **options: Any) -> Callable[[Any], Any]:
    """Compile a function, without the GIL, and keep the machine code on disk.

    Numba takes the age of the function's own file for the version of its code. Kernels call into the files beside
    theirs, so here the version is the content of the whole folder: an edit in any of them compiles anew.

    Args:
        indices_from_end: Whether ``array[-1]`` is the last entry, as in Python. Code that follows links from one array
            to the next spends a quarter of its time on asking; without, nothing in it may index below 0.
        reads: Packages elsewhere whose kernels it calls; their content counts as well.
        options: What else numba's ``njit`` takes.

    Returns:
        The decorator.
    """

    def compile_kept(function: Any) -> Any:
        compiled = _njit(cache=True, nogil=True, no_cfunc_wrapper=True, **options)(function)
        folders = [Path(function.__code__.co_filename).parent, *(Path(package.__path__[0]) for package in reads)]
        compiled._cache._cache_file._source_stamp = "".join(fingerprint(folder) for folder in folders)
        load_or_compile = compiled.compile

        def compile_here(signature: Any) -> Any:
            indices = nullcontext() if indices_from_end else _indices_as_they_are()
            with compiled_whole(compiled), indices:
                entry = load_or_compile(signature)
                tie_environments(compiled)
            return entry

        def compile_once(signature: Any) -> Any:
            apart.prepare(compiled, signature)
            return compile_here(signature)

        compiled.compile = compile_once
        return compiled

    return compile_kept


def part(function: Any = None, **options: Any) -> Any:
    """Mark a function that is compiled into the kernels that call it, and never called from Python.

    Args:
        function: The function, where the decorator stands without brackets.
        options: What numba's ``njit`` takes.

    Returns:
        What kernels call.
    """
    mark = partial(_part, options=options)
    return mark if function is None else mark(function)


def _part(function: Any, options: dict[str, Any]) -> Any:
    compiled = _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)

    def refuse(*_: Any) -> None:
        raise TypeError(f"{function.__qualname__} is a part of kernels and has no entry for Python; call a kernel")

    compiled._compile_for_args = refuse
    compiled._insert = lambda *_: None  # what Python would find to call is no code
    return compiled


@contextmanager
def _indices_as_they_are() -> Iterator[None]:
    """Let numba lower integer indices without looking at their sign. It has no option for that."""
    with global_compiler_lock:
        usual = arrayobj.fix_integer_index
        arrayobj.fix_integer_index = _index_as_it_is
        try:
            yield
        finally:
            arrayobj.fix_integer_index = usual


def _index_as_it_is(context: Any, builder: Any, kind: Any, index: Any, _size: Any) -> Any:
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)
