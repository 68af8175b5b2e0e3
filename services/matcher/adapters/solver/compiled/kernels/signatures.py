"""The types of the compiled functions: each is compiled once, for exactly these. Inner ones take bare pointers, since an
array costs seven words at every call and a look at the sign of every index."""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.types import Array, CPointer, Tuple, UniTuple, boolean, float64, int32, int64, void
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

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

b1, i8, f8 = boolean, int64, float64
FACTS = STATE = CPointer(int32)
POINTS = CPointer(int64)
FACTS_ARRAY = STATE_ARRAY = int32[::1]
POINTS_ARRAY = int64[::1]
CHOSEN = int32[:, ::1]
PAIR, TRIPLE, FOUR = UniTuple(int64, 2), UniTuple(int64, 3), UniTuple(int64, 4)
OUTCOME = Tuple((boolean, int64, float64))
PLAN = Tuple((int64, int64, int64, float64, float64))

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def compile_as(signature: Any) -> Decorator:
    """Compile an inner function for one signature, with a cache on disk."""
    decorate: Decorator = njit(signature, cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return decorate


def entry_as(signature: Any) -> Decorator:
    """Compile a function that Python calls."""
    decorate: Decorator = njit(signature, cache=True, nogil=True, no_cfunc_wrapper=True)
    return decorate


@intrinsic
def pointer(typing_context: Any, array: Any) -> Any:
    """Where the items of a contiguous array begin."""
    if not isinstance(array, Array):
        return None

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return make_array(array)(context, builder, value=arguments[0]).data

    return CPointer(array.dtype)(array), code
