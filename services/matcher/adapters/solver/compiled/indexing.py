"""Numbers for everything that has an id, so that arrays can speak of it; the order of the ids, never of the input."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.rules import allowed_period_sets

Ints = NDArray[np.int32]
Points = NDArray[np.int64]
Bools = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Csr:
    """Lists of numbers end to end: list i is `items[start[i]:start[i + 1]]`."""

    start: Ints
    items: Ints

    @staticmethod
    def of(lists: Iterable[Iterable[int]]) -> "Csr":
        """Lay lists end to end."""
        rows = [tuple(one) for one in lists]
        start = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum([len(row) for row in rows], out=start[1:])
        return Csr(start, np.array([item for row in rows for item in row], dtype=np.int32))

    def __getitem__(self, number: int) -> Ints:
        """One of the lists."""
        return self.items[self.start[number] : self.start[number + 1]]

    def __len__(self) -> int:
        """How many lists there are."""
        return len(self.start) - 1


@dataclass(frozen=True, slots=True)
class Index:
    """The ids in order, and the period sets that students may use; a workplace without a site has no number."""

    students: tuple[StudentId, ...]
    sites: tuple[SiteId, ...]
    workplaces: tuple[WorkplaceId, ...]
    supervisors: tuple[SupervisorId, ...]
    periods: tuple[PeriodId, ...]
    student_at: Mapping[StudentId, int]
    site_at: Mapping[SiteId, int]
    workplace_at: Mapping[WorkplaceId, int]
    supervisor_at: Mapping[SupervisorId, int]
    sets: Csr
    set_at: Mapping[frozenset[PeriodId], int]


def index_of(atlas: Atlas) -> Index:
    """Number everything in the region."""
    region = atlas.region
    students, sites = tuple(sorted(region.students)), tuple(sorted(region.sites))
    workplaces = tuple(sorted(one.id for one in region.workplaces.values() if one.site in region.sites))
    supervisors, periods = tuple(sorted(region.supervisors)), tuple(sorted(region.periods))
    period_at = {period: number for number, period in enumerate(periods)}
    found = {frozenset(names) for one in region.students.values() for _, names in allowed_period_sets(region, one)}
    ordered = sorted(sorted(period_at[name] for name in names) for names in found)
    set_at = {frozenset(periods[one] for one in members): number for number, members in enumerate(ordered)}
    return Index(
        students,
        sites,
        workplaces,
        supervisors,
        periods,
        {one: number for number, one in enumerate(students)},
        {one: number for number, one in enumerate(sites)},
        {one: number for number, one in enumerate(workplaces)},
        {one: number for number, one in enumerate(supervisors)},
        Csr.of(ordered),
        set_at,
    )


def hashes_of(seed: int, ids: Iterable[str]) -> Hashes:
    """A seeded hash per id, the same whatever else the region holds."""
    digests = (blake2b(f"{seed}\x1f{one}".encode(), digest_size=8).digest() for one in ids)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


def mixed(*hashes: Hashes) -> Hashes:
    """One hash of several (splitmix64 over their sum): orders what costs the same without favour."""
    value = np.zeros(1, dtype=np.uint64)
    for number, one in enumerate(hashes):
        value = value + one * np.uint64(2 * number + 1) + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value = value ^ (value >> np.uint64(31))
    return value


def codes_of(values: Iterable[object]) -> tuple[Ints, dict[object, int]]:
    """A number per distinct value, and which number it is."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(one, len(known)) for one in values], dtype=np.int32), known


def ranges(starts: Ints, lengths: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For lists given by start and length: the owner of every item, and the item's position."""
    owner = np.repeat(np.arange(len(starts)), lengths)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return owner, starts[owner] + offset


def pairs_of(first: Ints, second: Ints) -> tuple[Ints, NDArray[np.int64]]:
    """The distinct pairs in order, as two rows, and which of them each is; as one number a pair sorts ten times as fast."""
    width = int(second.max(initial=0)) + 1
    found, which = np.unique(first.astype(np.int64) * width + second, return_inverse=True)
    return np.stack([found // width, found % width]).astype(np.int32), which.ravel()
