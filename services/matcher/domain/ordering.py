"""The order of what costs the same: a seeded hash, whatever the order of the input."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from operator import attrgetter
from typing import Protocol, TypeVar


class Priced(Protocol):
    """What has a cost in points."""

    @property
    def cost(self) -> int: ...


One = TypeVar("One", bound=Priced)


def cheapest_first(things: Iterable[One], tie: Callable[[One], bytes]) -> list[One]:
    """By cost, and what costs the same by `tie`, which is asked of nothing else."""
    found, first = sorted(things, key=attrgetter("cost")), 0
    for last in range(1, len(found) + 1):
        if last == len(found) or found[last].cost != found[first].cost:
            if last - first > 1:
                found[first:last] = sorted(found[first:last], key=tie)
            first = last
    return found


def tie_break(seed: int, *ids: str) -> bytes:
    """A seeded hash that orders what costs the same, whatever the order of the input."""
    return blake2b("\x1f".join((str(seed), *ids)).encode(), digest_size=8).digest()
