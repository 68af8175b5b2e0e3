"""The types of the compiled functions: each is compiled once, for exactly these. Inner ones take bare pointers, since an
array costs seven words at every call and a look at the sign of every index."""

from collections.abc import Callable
from typing import Any

import numba
from numba.core import types as numba_types
from numba.extending import intrinsic
from numba.np import arrayobj

__all__ = [
    "CHOSEN",
    "FACTS",
    "FACTS_ARRAY",
    "FOUR",
    "OUTCOME",
    "PAIR",
    "PLAN",
    "POINTS",
    "POINTS_ARRAY",
    "STATE",
    "STATE_ARRAY",
    "TRIPLE",
    "b1",
    "compile_as",
    "entry_as",
    "f8",
    "i8",
    "pointer",
    "void",
]

types: Any = numba_types  # numba's own annotations leave most of this untyped
njit: Any = numba.njit
HAS_CACHE = bool(getattr(numba.config, "CACHE_DIR"))  # noqa: B009  # not among its annotations
b1, i8, f8, void = types.boolean, types.int64, types.float64, types.void
FACTS = STATE = types.CPointer(types.int32)
POINTS = types.CPointer(i8)
FACTS_ARRAY = STATE_ARRAY = types.int32[::1]
POINTS_ARRAY = i8[::1]
CHOSEN = types.int32[:, ::1]
PAIR, TRIPLE, FOUR = types.UniTuple(i8, 2), types.UniTuple(i8, 3), types.UniTuple(i8, 4)
OUTCOME = types.Tuple((b1, i8, f8))
PLAN = types.Tuple((i8, i8, i8, f8, f8))

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def compile_as(signature: Any) -> Decorator:
    """Compile an inner function for one signature, with a cache on disk where there is a place for it."""
    decorate: Decorator = njit(signature, cache=HAS_CACHE, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return decorate


def entry_as(signature: Any) -> Decorator:
    """Compile a function that Python calls."""
    decorate: Decorator = njit(signature, cache=HAS_CACHE, nogil=True, no_cfunc_wrapper=True)
    return decorate


@intrinsic
def _pointer(_typing_context: Any, array: Any) -> Any:
    """Where the items of a contiguous array begin."""
    if not isinstance(array, types.Array):
        return None

    make_array: Any = arrayobj.make_array

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return make_array(array)(context, builder, value=arguments[0]).data

    return types.CPointer(array.dtype)(array), code


pointer: Any = _pointer
