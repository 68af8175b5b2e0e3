"""How many students of each size of need one supervisor can take at once: every maximal way."""

from functools import cache

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.model import Load

Patterns = npt.NDArray[np.int64]

MOST_PATTERNS = 6000
"""With more ways than this the supervisor has so much room that the hours row alone is nearly as sharp."""


def patterns_of(load: Load) -> Patterns | None:
    """One maximal way a row: students per size, and last, for a trainer, the sites they go to; None when too many."""
    sizes = tuple((size, most) for size, _, most in load.counts)
    heads = sum(most for _, most in sizes) if load.most is None else load.most
    if not load.openings or not load.fixed:
        return _enumerated(sizes, load.hours, heads)
    found = []
    for sites in range(1, min(len(load.openings), load.hours // load.fixed) + 1):
        ways = _enumerated(sizes, load.hours - sites * load.fixed, heads)
        if ways is None:
            return None
        found.append(np.column_stack([ways, np.full(len(ways), sites, dtype=np.int64)]))
    ways = np.concatenate(found) if found else np.zeros((1, len(sizes) + 1), dtype=np.int64)
    return ways if len(ways) <= MOST_PATTERNS else None


@cache
def _enumerated(sizes: tuple[tuple[int, int], ...], hours: int, heads: int) -> Patterns | None:
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index][0])
    ways: list[list[int]] = []
    if not _fill(order, sizes, (hours, heads), [0] * len(sizes), ways):
        return None
    return np.array(ways, dtype=np.int64).reshape(len(ways), len(sizes))


def _fill(
    order: list[int],
    sizes: tuple[tuple[int, int], ...],
    room: tuple[int, int],
    way: list[int],
    ways: list[list[int]],
) -> bool:
    """Every way that fills the room with these sizes, the largest first; the last takes what is left."""
    if not order:
        ways.append(way.copy())
        return len(ways) <= MOST_PATTERNS
    (index, *rest), (hours, heads) = order, room
    size, most = sizes[index]
    most = min(most, heads, hours // size if size else most)
    for number in range(most, -1 if rest else most - 1, -1):
        way[index] = number
        if not _fill(rest, sizes, (hours - number * size, heads - number), way, ways):
            return False
    way[index] = 0
    return True
