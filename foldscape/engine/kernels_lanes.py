# mypy: allow-untyped-calls, allow-untyped-decorators
"""Eight float32 at a time, as one value inside compiled code.

Kernels of small nets run over a dozen samples a call. Loops that short lose most of their time in what a vectorising
compiler puts around them, so the vectors are written out: ``load`` takes eight neighbours in memory, arithmetic and
the functions below work on all eight, ``store`` puts them back. On a machine with narrower registers the compiler
splits each vector. Nothing here checks bounds.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.np import arrayobj

LANES = 8

LaneVector = Any
"""Eight float32; exists inside compiled code only."""
Pointer = Any
"""Where some float32 lie; unlike an array not counted in and out at every call, a tenth of a small net's time."""

_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_WHOLE = ir.VectorType(ir.IntType(32), LANES)

# A type checker cannot follow what becomes of arguments inside compiled code.
intrinsic: Any = extending.intrinsic


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name="float32x8")


@extending.register_model(_Lanes)
class _LanesModel(extending.models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VECTOR)


lanes = _Lanes()
floats = types.CPointer(types.float32)


def _arithmetic(symbol: Any, instruction: str) -> None:
    """Give two vectors an operator."""

    class Typed(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return signature(lanes, lanes, lanes) if args == (lanes, lanes) else None

    infer_global(symbol)(Typed)

    @extending.lower_builtin(symbol, lanes, lanes)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


for _symbol, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_symbol, _instruction)


@intrinsic
def address(typingctx: Any, array: Any, index: Any) -> Any:
    """Give the place of an entry of a flat array, for the functions below; the array has to outlive it."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(arrayobj.make_array(sig.args[0])(context, builder, args[0]).data, [args[1]], inbounds=True)

    return floats(array, types.intp), build


def _splat(builder: Any, scalar: Any, vector_type: Any = _VECTOR) -> Any:
    zero = ir.Constant(ir.IntType(32), 0)
    single = builder.insert_element(ir.Constant(vector_type, ir.Undefined), scalar, zero)
    places = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, ir.Constant(vector_type, ir.Undefined), places)


def _call(builder: Any, name: str, result: Any, args: list[Any], **flags: Any) -> Any:
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(result, [arg.type for arg in args]), f"llvm.{name}"
    )
    return builder.call(function, args, **flags)


@intrinsic
def load(typingctx: Any, place: Any, index: Any) -> Any:
    """place[index : index + 8]."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = builder.gep(args[0], [args[1]], inbounds=True)
        return builder.load(builder.bitcast(at, _VECTOR.as_pointer()), align=4)

    return lanes(floats, types.intp), build


@intrinsic
def store(typingctx: Any, place: Any, index: Any, value: Any) -> Any:
    """place[index : index + 8] = value."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = builder.gep(args[0], [args[1]], inbounds=True)
        builder.store(args[2], builder.bitcast(at, _VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(floats, types.intp, lanes), build


@intrinsic
def spread(typingctx: Any, place: Any, index: Any) -> Any:
    """place[index] in every lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _splat(builder, builder.load(builder.gep(args[0], [args[1]], inbounds=True)))

    return lanes(floats, types.intp), build


@intrinsic
def get(typingctx: Any, place: Any, index: Any) -> Any:
    """place[index]."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(builder.gep(args[0], [args[1]], inbounds=True))

    return types.float32(floats, types.intp), build


@intrinsic
def put(typingctx: Any, place: Any, index: Any, value: Any) -> Any:
    """place[index] = value."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], builder.gep(args[0], [args[1]], inbounds=True))
        return context.get_dummy_value()

    return types.void(floats, types.intp, types.float32), build


@intrinsic
def add_at(typingctx: Any, place: Any, index: Any, value: Any) -> Any:
    """place[index] += value."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = builder.gep(args[0], [args[1]], inbounds=True)
        builder.store(builder.fadd(builder.load(at), args[2]), at)
        return context.get_dummy_value()

    return types.void(floats, types.intp, types.float32), build


@intrinsic
def fill(typingctx: Any, scalar: Any) -> Any:
    """Give a float in every lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _splat(builder, context.cast(builder, args[0], sig.args[0], types.float32))

    return lanes(scalar), build


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """Give a * b + c, in one instruction where there is one."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(builder, "fmuladd.v8f32", _VECTOR, list(args))

    return lanes(lanes, lanes, lanes), build


@intrinsic
def sqrt(typingctx: Any, a: Any) -> Any:
    """Square root, correctly rounded."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(builder, "sqrt.v8f32", _VECTOR, list(args))

    return lanes(lanes), build


@intrinsic
def total(typingctx: Any, a: Any) -> Any:
    """Sum of the lanes, pair by pair."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        start = ir.Constant(ir.FloatType(), -0.0)
        return _call(builder, "vector.reduce.fadd.v8f32", ir.FloatType(), [start, args[0]], fastmath=("reassoc",))

    return types.float32(lanes), build


def _choice(comparison: str) -> Any:
    def choose(typingctx: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            a, b, yes, no = args
            return builder.select(builder.fcmp_ordered(comparison, a, b), yes, no)

        return lanes(lanes, lanes, lanes, lanes), build

    return intrinsic(choose)


if_less = _choice("<")
"""``yes`` in the lanes where a < b, else ``no``; a NaN is not less than anything."""
if_equal = _choice("==")
"""``yes`` in the lanes where a == b, else ``no``."""


@intrinsic
def power_of_two(typingctx: Any, shifted: Any) -> Any:
    """2**n, from n + 127 + 1.5 * 2**23: the last bits of such a float are an exponent."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _WHOLE)
        moved = builder.shl(bits, ir.Constant(_WHOLE, [23] * LANES))
        return builder.bitcast(moved, _VECTOR)

    return lanes(lanes), build
