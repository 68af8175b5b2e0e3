"""An integer program in exact integers, and the bound that any row prices prove without rounding errors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HEADS, COUNTS, EVERYTHING, NEVER = range(1, 5)
"""What a search may branch on, one depth after the other: who is left out, who guides how many, all but what never is."""
PRICE_PARTS = 1 << 20
"""Row prices are rounded to such parts of a point, so that every sum below is exact in 64 bits."""
LARGEST_PRICE = 1 << 23
"""Row prices beyond this are cut off: the bound stays valid, and the exact sums fit in 64 bits."""
SAFE_PRODUCT = 1 << 62


@dataclass(frozen=True, slots=True)
class Arrays:
    """The program as arrays, rows in compressed form."""

    primary: Ints
    secondary: Ints
    lower: Ints
    upper: Ints
    depth: npt.NDArray[np.int8]
    starts: Ints
    columns: Ints
    values: Ints
    row_lower: Floats
    row_upper: Floats

    def row_of_entry(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(len(self.row_lower), dtype=np.int64), np.diff(self.starts))

    def part(self, rows: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]:
        """Some rows in compressed form: where each starts and all end, columns, values."""
        sizes = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        entries = np.repeat(self.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
        return starts.astype(np.int32), self.columns[entries].astype(np.int32), self.values[entries].astype(np.float64)


class Program:
    """Minimise costs over columns between whole bounds, subject to rows with whole coefficients and whole sides."""

    def __init__(self) -> None:
        """Start empty."""
        self.primary: list[int] = []
        self.secondary: list[int] = []
        self.lower: list[int] = []
        self.upper: list[int] = []
        self.depth: list[int] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []
        self._starts: list[int] = [0]
        self._columns: list[int] = []
        self._values: list[int] = []
        self._arrays: Arrays | None = None

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.upper)

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.row_lower)

    def column(self, upper: int, *, primary: int = 0, secondary: int = 0, lower: int = 0, depth: int = NEVER) -> int:
        """A column, between its bounds; its index. `depth` says from which depth of a search on it is to be whole."""
        self.primary.append(primary)
        self.secondary.append(secondary)
        self.lower.append(lower)
        self.upper.append(upper)
        self.depth.append(depth)
        return len(self.upper) - 1

    def row(self, entries: Iterable[tuple[int, int]], *, at_least: float = -np.inf, at_most: float = np.inf) -> int:
        """A row, between its sides; its index. A column may be named once only."""
        for column, value in entries:
            self._columns.append(column)
            self._values.append(value)
        self._starts.append(len(self._columns))
        self.row_lower.append(at_least)
        self.row_upper.append(at_most)
        return len(self.row_lower) - 1

    def raise_side(self, row: int, at_least: float) -> None:
        """A higher lower side."""
        self.row_lower[row] = at_least
        self._arrays = None

    def entries(self, row: int) -> tuple[Sequence[int], Sequence[int]]:
        """The columns and coefficients of a row."""
        part = slice(self._starts[row], self._starts[row + 1])
        return self._columns[part], self._values[part]

    def unit(self) -> int:
        """Every primary cost of a plan is a multiple of this."""
        return gcd(*self.primary)

    def arrays(self) -> Arrays:
        """The program as arrays."""
        known = self._arrays
        if known is None or len(known.row_lower) != self.height or len(known.upper) != self.width:
            known = Arrays(
                np.array(self.primary, dtype=np.int64),
                np.array(self.secondary, dtype=np.int64),
                np.array(self.lower, dtype=np.int64),
                np.array(self.upper, dtype=np.int64),
                np.array(self.depth, dtype=np.int8),
                np.array(self._starts, dtype=np.int64),
                np.array(self._columns, dtype=np.int64),
                np.array(self._values, dtype=np.int64),
                np.array(self.row_lower, dtype=np.float64),
                np.array(self.row_upper, dtype=np.float64),
            )
            self._arrays = known
        return known


def rounded_prices(arrays: Arrays, prices: Floats) -> Ints:
    """Row prices in whole parts of a point; a price on a side that a row lacks is 0."""
    parts = np.rint(np.clip(np.nan_to_num(prices), -LARGEST_PRICE, LARGEST_PRICE) * PRICE_PARTS).astype(np.int64)
    parts[(parts > 0) & ~np.isfinite(arrays.row_lower)] = 0
    parts[(parts < 0) & ~np.isfinite(arrays.row_upper)] = 0
    return parts


def reduced_costs(arrays: Arrays, cost: Ints, parts: Ints) -> Ints:
    """Costs less what the rows pay, in parts of a point, exact; numbers of any size where 64 bits could overflow."""
    rows = arrays.row_of_entry()
    if not len(rows):
        return cost * PRICE_PARTS
    most = int(np.bincount(arrays.columns).max()) * int(np.abs(arrays.values).max()) * int(np.abs(parts).max())
    kind: type = np.int64 if most < SAFE_PRODUCT >> 1 else np.object_
    reduced: Ints = cost.astype(kind) * PRICE_PARTS
    np.subtract.at(reduced, arrays.columns, arrays.values.astype(kind) * parts[rows].astype(kind))
    return reduced


def proven(arrays: Arrays, cost: Ints, prices: Floats) -> float:
    """A lower bound on the cost of every solution, proven by these row prices whatever they are; never rounded up."""
    parts = rounded_prices(arrays, prices)
    reduced = reduced_costs(arrays, cost, parts)
    side = np.where(parts > 0, arrays.row_lower, np.where(parts < 0, arrays.row_upper, 0.0)).astype(np.int64)
    total = exact_dot(parts, side) + exact_dot(reduced, np.where(reduced > 0, arrays.lower, arrays.upper))
    return total // (PRICE_PARTS >> 10) / 1024


def exact_dot(a: Ints, b: Ints) -> int:
    """The sum of the products, exact, with whole numbers of any size where 64 bits would not do."""
    if not len(a):
        return 0
    if a.dtype == np.object_:
        return sum(int(x) * int(y) for x, y in zip(a, b, strict=True) if x and y)
    largest = int(np.abs(a).max()) * int(np.abs(b).max())
    if largest * len(a) < SAFE_PRODUCT:
        return int(a @ b)
    return sum(int(x) * int(y) for x, y in zip(a, b, strict=True) if x and y)
