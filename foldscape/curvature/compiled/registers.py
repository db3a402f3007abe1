# mypy: allow-untyped-calls, allow-untyped-decorators
"""A register full of floats as one value inside compiled code: eight single or four double ones.

A vectorising compiler keeps the sums of a matrix product in memory; written out, they stay in the registers, and the
product runs at the speed of a BLAS without its calls. ``load`` takes neighbours in memory, ``store`` puts them back. On
a machine with narrower registers the compiler splits each value. Nothing here checks bounds.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types
from numba.core import cgutils
from numba.np import arrayobj

BYTES = 32

# A type checker cannot follow what becomes of arguments inside compiled code.
intrinsic: Any = extending.intrinsic


class _Register(types.Type):
    def __init__(self, scalar: Any) -> None:
        self.scalar, self.width = scalar, 8 * BYTES // scalar.bitwidth
        super().__init__(name=f"{scalar}x{self.width}")

    @property
    def code(self) -> Any:
        return ir.VectorType(ir.FloatType() if self.width == 8 else ir.DoubleType(), self.width)


@extending.register_model(_Register)
class _RegisterModel(extending.models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, fe_type.code)


def _call(builder: Any, name: str, result: Any, args: list[Any], **flags: Any) -> Any:
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(result, [arg.type for arg in args]), f"llvm.{name}"
    )
    return builder.call(function, args, **flags)


def _suffix(register: Any) -> str:
    return f"v{register.width}f{register.scalar.bitwidth}"


@intrinsic
def address(typingctx: Any, array: Any, index: Any) -> Any:
    """Give the place of an entry, for the functions below; the array has to outlive it."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(arrayobj.make_array(sig.args[0])(context, builder, args[0]).data, [args[1]], inbounds=True)

    return types.CPointer(array.dtype)(array, types.intp), build


@intrinsic
def beyond(typingctx: Any, place: Any, index: Any) -> Any:
    """Give the place so many entries further on."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]], inbounds=True)

    return place(place, types.intp), build


@intrinsic
def width_of(typingctx: Any, place: Any) -> Any:
    """Lanes of a register of what lies there."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(ir.IntType(64), _Register(place.dtype).width)

    return types.intp(place), build


@intrinsic
def load(typingctx: Any, place: Any, index: Any) -> Any:
    """place[index : index + width]."""
    register = _Register(place.dtype)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = builder.gep(args[0], [args[1]], inbounds=True)
        return builder.load(builder.bitcast(at, register.code.as_pointer()), align=place.dtype.bitwidth // 8)

    return register(place, types.intp), build


@intrinsic
def store(typingctx: Any, place: Any, index: Any, value: Any) -> Any:
    """place[index : index + width] = value."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = builder.gep(args[0], [args[1]], inbounds=True)
        builder.store(args[2], builder.bitcast(at, value.code.as_pointer()), align=place.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(place, types.intp, value), build


@intrinsic
def spread(typingctx: Any, place: Any, index: Any) -> Any:
    """place[index] in every lane."""
    register = _Register(place.dtype)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        scalar = builder.load(builder.gep(args[0], [args[1]], inbounds=True))
        nothing = ir.Constant(register.code, ir.Undefined)
        single = builder.insert_element(nothing, scalar, ir.Constant(ir.IntType(32), 0))
        places = ir.Constant(ir.VectorType(ir.IntType(32), register.width), [0] * register.width)
        return builder.shuffle_vector(single, nothing, places)

    return register(place, types.intp), build


@intrinsic
def zeros(typingctx: Any, place: Any) -> Any:
    """0 in every lane, of the type that lies there."""
    register = _Register(place.dtype)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(register.code, [0.0] * register.width)

    return register(place), build


@intrinsic
def add(typingctx: Any, a: Any, b: Any) -> Any:
    """Give a + b."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.fadd(*args)

    return a(a, a), build


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """Give a * b + c, in one instruction where there is one."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(builder, f"fmuladd.{_suffix(a)}", a.code, list(args))

    return a(a, a, a), build


@intrinsic
def total(typingctx: Any, a: Any) -> Any:
    """Sum of the lanes, pair by pair."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        start = ir.Constant(a.code.element, -0.0)
        return _call(
            builder, f"vector.reduce.fadd.{_suffix(a)}", a.code.element, [start, args[0]], fastmath=("reassoc",)
        )

    return a.scalar(a), build
