"""A kernel is compiled as one piece: the same answers, its parts not by themselves, numba as it was afterwards."""

import gc

import numpy as np
import pytest
from numba import njit
from numba.core import codegen, cpu, targetconfig

from foldscape.compilation.linking import compiled_whole, tie_environments
from foldscape.kernel import part

BEFORE = codegen.Codegen.create_library, cpu.CPUContext.get_executable, targetconfig.TargetConfig.values


def whole(function):
    """Compile as a kernel is, but keep nothing."""
    compiled = njit(function)
    compile_it = compiled.compile

    def compile_whole(signature):
        with compiled_whole(compiled):
            entry = compile_it(signature)
            tie_environments(compiled)
        return entry

    compiled.compile = compile_whole
    return compiled


@part
def _below(values, at):
    if at >= len(values):
        raise IndexError(f"no entry {at}")
    return values[at] * 2


@part
def _summed(values):
    total = values.dtype.type(0)
    for k in range(len(values)):
        total += _below(values, k)
    return total, np.sort(values)[0], values.max()


def kernel(values, at):
    return _summed(values), _below(values, at)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_it_gives_what_numba_gives(dtype):
    values = np.array([3, 1, 2], dtype)
    assert whole(kernel)(values, 1) == njit(kernel)(values, 1) == ((12, 1, 3), 2)


def test_a_part_raises_as_by_itself():
    with pytest.raises(IndexError, match="no entry 7"):
        whole(kernel)(np.arange(3.0), 7)


def test_a_part_called_from_python_is_refused():
    values = np.arange(3.0)
    for _ in range(2):
        with pytest.raises(TypeError, match="_below is a part of kernels"):
            _below(values, 0)
        whole(kernel)(values, 0)


def test_numba_is_as_it_was_also_after_an_error():
    assert gc.isenabled()
    with pytest.raises(Exception, match="not_there"):
        whole(lambda x: x.not_there)(np.arange(3.0))
    after = codegen.Codegen.create_library, cpu.CPUContext.get_executable, targetconfig.TargetConfig.values
    assert after == BEFORE
    assert gc.isenabled()


def test_ordinary_functions_may_use_what_a_kernel_has_compiled():
    values = np.array([5.0, 4.0])
    whole(kernel)(values, 0)
    assert njit(lambda x: np.sort(x)[0] + x.max())(values) == 9


def test_flags_have_the_values_that_numba_gives_them():
    from numba.core.compiler import Flags

    from foldscape.compilation.linking import _values

    flags = Flags()
    flags.nrt, flags.error_model = True, "numpy"
    assert _values(flags) == BEFORE[2](flags)
