# mypy: disable-error-code="misc, method-assign, assignment, no-untyped-call, attr-defined"
"""Compile a kernel as one piece, with all that it calls.

Numba takes each function that a kernel calls through the whole of LLVM by itself, machine code included, and once more
inside each of its callers. Only the kernel is ever called from outside, so what it calls is linked into it as it was
lowered: half of the work, and the same bits.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from llvmlite.binding import Linkage  # type: ignore[import-untyped]
from numba import _dynfunc
from numba.core import codegen, cpu, targetconfig
from numba.core.compiler_lock import global_compiler_lock

_EXECUTE = cpu.CPUContext.get_executable


class _Part(codegen.JITCodeLibrary):
    """Code that is only ever linked into other code."""

    def finalize(self) -> None:
        """Take in what it calls, and leave all else to the kernel."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True


class _Whole(codegen.JITCodeLibrary):
    """A kernel with all that it calls."""

    def _optimize_final_module(self) -> None:
        """Keep the parts to this kernel, and optimise.

        Were they visible, a kernel would run those of whichever kernel was loaded first, which may sum in another
        order; and LLVM knows that nobody else calls them, which makes a partition a tenth faster.
        """
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == Linkage.linkonce_odr:
                function.linkage = Linkage.private  # without a name that other code could be tied to
        super()._optimize_final_module()


@contextmanager
def compiled_whole(kernel: Any) -> Iterator[None]:
    """While a kernel compiles, keep what it calls from being compiled by itself. Numba has no option for that.

    Args:
        kernel: The dispatcher that compiles.
    """
    with global_compiler_lock, _without_collecting():
        kernel.targetctx.refresh()  # makes numba's own libraries, which have to stand by themselves
        before = codegen.Codegen.create_library, cpu.CPUContext.get_executable
        values, targetconfig.TargetConfig.values = targetconfig.TargetConfig.values, _values

        def create_library(maker: Any, name: str, **options: Any) -> Any:
            return (_Whole if name == kernel.py_func.__qualname__ else _Part)(maker, name, **options)

        codegen.Codegen.create_library, cpu.CPUContext.get_executable = create_library, _get_executable
        try:
            yield
        finally:
            codegen.Codegen.create_library, cpu.CPUContext.get_executable = before
            targetconfig.TargetConfig.values = values


def _get_executable(context: Any, library: Any, about: Any, environment: Any) -> Any:
    if not isinstance(library, _Part):
        return _EXECUTE(context, library, about, environment)
    library._ensure_finalized()
    name, nowhere = about.qualname, 0
    return _dynfunc.make_function(about.lookup_module(), name, name, nowhere, environment, (library,))


def _values(flags: Any) -> dict[str, Any]:
    """Give all options as numba does, which asks a hundred thousand times a kernel and takes a tenth of the time."""
    return {**_defaults(type(flags)), **flags._values}  # type: ignore[arg-type]


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    return {name: option.default for name, option in kind.options.items()}


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Collect no garbage meanwhile: it looks through all that numba keeps, a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def tie_environments(kernel: Any) -> None:
    """Tell a kernel's code where the environments of its parts are; numba does so for each function it compiles."""
    for compiled in kernel.overloads.values():
        for environment in compiled._find_referenced_environments():
            compiled.library.codegen.set_env(environment.env_name, environment)
