# mypy: disable-error-code="misc"
"""Optimise a kernel once, with all that it calls.

Numba takes each function that a kernel calls through the whole of LLVM by itself, machine code included, and once more
inside each of its callers. Only the kernel is ever called from outside, so what it calls is linked into it as it was
lowered, and LLVM sees the code once: a third less to compile, and the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba import _dynfunc
from numba.core import codegen, cpu
from numba.core.compiler_lock import global_compiler_lock

_CREATE, _EXECUTE = codegen.Codegen.create_library, cpu.CPUContext.get_executable


class _Part(codegen.JITCodeLibrary):
    """Code that is only ever linked into other code."""

    def finalize(self) -> None:
        """Take in what it calls, and leave all else to the kernel."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True


@contextmanager
def optimised_once(kernel: Any) -> Iterator[None]:
    """While a kernel compiles, keep what it calls from being compiled by itself. Numba has no option for that.

    Args:
        kernel: The dispatcher that compiles.
    """
    with global_compiler_lock:
        kernel.targetctx.refresh()  # makes numba's own libraries, which have to stand by themselves
        before = codegen.Codegen.create_library, cpu.CPUContext.get_executable

        def create_library(maker: Any, name: str, **options: Any) -> Any:
            return _CREATE(maker, name, **options) if name == kernel.py_func.__qualname__ else _Part(maker, name)

        def get_executable(context: Any, library: Any, about: Any, environment: Any) -> Any:
            if not isinstance(library, _Part):
                return _EXECUTE(context, library, about, environment)
            library._ensure_finalized()
            return _dynfunc.make_function(
                about.lookup_module(), about.qualname, about.qualname, 0, environment, (library,)
            )

        codegen.Codegen.create_library, cpu.CPUContext.get_executable = create_library, get_executable
        try:
            yield
        finally:
            codegen.Codegen.create_library, cpu.CPUContext.get_executable = before


def tie_environments(kernel: Any) -> None:
    """Tell a kernel's code where the environments of its parts are; numba does so for each function it compiles."""
    for compiled in kernel.overloads.values():
        for environment in compiled._find_referenced_environments():
            compiled.library.codegen.set_env(environment.env_name, environment)
