"""The columns and rows of a region: who is placed where, who guides, and what is left over."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from services.matcher.adapters.solver.bounds.easing import Eased
from services.matcher.adapters.solver.bounds.program import Ints, Program
from services.matcher.domain.vocabulary import Tier

Key = tuple[int, int]
"""The number of a supervisor, workplace or site, and of a period."""


@dataclass(frozen=True, slots=True)
class Load:
    """One supervisor in one period: per size of need the columns that count students and their most, and the limits.

    `openings` are the columns that say at which sites a trainer guides somebody, each of which takes `fixed`.
    """

    supervisor: int
    period: int
    tier: Tier
    hours: int
    most: int | None
    counts: tuple[tuple[int, tuple[int, ...], int], ...]
    fixed: int = 0
    openings: tuple[int, ...] = ()

    @property
    def is_guide(self) -> bool:
        """A workplace supervisor, no trainer."""
        return self.tier is Tier.WPB

    def with_hours(self, hours: int) -> "Load":
        """The same with other hours; a size of which the hours set the most may be taken as often as they allow."""
        counts = tuple(
            (size, columns, hours // size if size and most == self.hours // size else most)
            for size, columns, most in self.counts
        )
        return replace(self, hours=hours, counts=counts)


@dataclass(frozen=True, slots=True)
class Cut:
    """A valid row of one load: weights per dimension of its patterns, whole entries, at most `side`."""

    load: Load
    weights: tuple[int, ...]
    entries: tuple[tuple[int, int], ...]
    side: int


@dataclass(frozen=True, slots=True)
class Split:
    """Students counted together, the columns that say how many come to whom, and in which parts they might."""

    columns: tuple[int, ...]
    made: tuple[int, ...]
    parts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """Of these columns, which place students at one site, no more are taken than `most` for each of the openings taken."""

    columns: tuple[int, ...]
    openings: tuple[int, ...]
    most: int


@dataclass(slots=True)
class Model:
    """A program and the meaning of its columns and rows.

    Column i says that the i-th student is left out; `first + j` that the j-th place of the tables is taken.
    `links` are the rows that count who comes to a supervisor in a period, in the order of the counts of a guide;
    `openings` are the columns that say whether a trainer goes to a site in a period, `visits` per student and site the
    columns that place the one at the other and the openings of which one is then needed, `visit_rows` those that are rows.
    `counted_for` names for a column that counts students of one workplace one of their places' columns. `guidance` are the
    rows about supervisors, which may be left out where nobody is scarce; `load_rows` those among them that price load;
    `splits` say how students could come to several supervisors.
    """

    eased: Eased
    program: Program = field(default_factory=Program)
    loads: list[Load] = field(default_factory=list)
    seat_rows: dict[Key, int] = field(default_factory=dict)
    hour_rows: dict[Key, int] = field(default_factory=dict)
    limits: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    links: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    counted_for: dict[int, int] = field(default_factory=dict)
    openings: dict[tuple[int, int, int], int] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    visit_rows: dict[int, tuple[int, ...]] = field(default_factory=dict)
    cuts: list[tuple[int, Cut]] = field(default_factory=list)
    guidance: list[int] = field(default_factory=list)
    load_rows: list[int] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    group_rows: dict[int, int] = field(default_factory=dict)
    """The row of each watched group that has a price, by its number."""
    counted: Ints | None = None
    """Which students count where it is counted how many are left out; None: all."""

    @property
    def first(self) -> int:
        """The column of the first place."""
        return len(self.eased.tables.index.students)

    def add(self, cut: Cut) -> None:
        """A cut as a row."""
        self.cuts.append((self.program.row(cut.entries, at_most=cut.side), cut))

    def periods(self) -> list[list[int]]:
        """The periods of each period set."""
        sets = self.eased.tables.index.sets
        return [sets[number].tolist() for number in range(len(sets))]
