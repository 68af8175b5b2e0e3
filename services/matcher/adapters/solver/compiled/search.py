"""The ejection search with annealing: from any allowed plan to a better one, as compiled code at a million steps a second."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.kernels import fields as at
from services.matcher.adapters.solver.compiled.layout import NO_PLAN, lay_out
from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.compiled.pooling import Pooling
from services.matcher.adapters.solver.compiled.tables import Tables, placement_at, pooled_tables_of
from services.matcher.adapters.solver.valuation import value_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Placement, Plan, WpbShare
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import Relief

BLOCK = 100_000
"""Steps between two looks at whether to stop."""
SHORTEST_ROUND = 250_000
HOT, COLD = 0.6, 0.00005
"""First and last temperature, as parts of the price of one unplaced student."""
REHEAT = 0.4
"""Later rounds begin at this part of that price, so that what was found is not lost."""

PARTNER = 5
"""Where the partner of a duo stands in a row."""

Told = Callable[[int, int], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How many steps, and the seed: nothing else decides, so that the same input gives the same plan."""

    steps: int
    seed: int = 1


class EjectionSearch:
    """The state of a search of one region: some placements fixed, some students movable, the best plan so far."""

    def __init__(self, atlas: Atlas, tables: Tables, fixed: Ledger, movable: Collection[StudentId], seed: int) -> None:
        """Nobody but the fixed is placed yet."""
        self.atlas, self.tables, self._fixed = atlas, tables, fixed
        self._flat = lay_out(tables, fixed, movable, seed)
        self._arrays = (self._flat.facts, self._flat.prices, self._flat.state, self._flat.totals)

    def begin(self, placements: Iterable[Placement]) -> None:
        """Start from an allowed plan, completed as cheaply as fits; what is none of the tables' options is left out."""
        index = self.tables.index
        rows = np.full((len(index.students), at.ROW), -1, dtype=np.int32)
        for one in placements:
            found = rows_of(self.tables, one)
            if found is not None:
                rows[index.student_at[one.student]] = found
                if one.duo_with is not None:
                    rows[index.student_at[one.student], PARTNER] = index.student_at[one.duo_with]
        compiled().begin(*self._arrays, rows)

    def run(self, steps: int, window: tuple[int, int], temperatures: tuple[float, float]) -> None:
        """So many steps, which begin at a point of a schedule of some length that cools from hot to cold."""
        done, length = window
        compiled().run(*self._arrays, (steps, done, length, *temperatures))

    def return_to_best(self) -> None:
        """Go on from the best plan."""
        compiled().return_to_best(*self._arrays)

    @property
    def best(self) -> int | None:
        """What the best plan so far costs."""
        value = int(self._flat.totals[at.BEST])
        return None if value == NO_PLAN else value

    @property
    def value(self) -> int:
        """What the present plan costs."""
        return int(self._flat.totals[at.COST])

    @property
    def gives_up_visits(self) -> bool:
        """Some steps take a trainer from a site altogether, since trainers are scarce."""
        return bool(self._flat.facts[at.ARE_TRAINERS_SCARCE])

    @gives_up_visits.setter
    def gives_up_visits(self, is_on: bool) -> None:
        self._flat.facts[at.ARE_TRAINERS_SCARCE] = is_on

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return int(self._flat.totals[at.STEPS])

    def placements(self, *, of_best: bool = True) -> list[Placement]:
        """The best plan, or the present one, with the fixed placements, by student."""
        section, size = at.S_BEST if of_best else at.S_NOW, at.ROW * len(self.tables.index.students)
        rows = self._flat.state[self._flat.facts[section] :][:size].reshape(-1, at.ROW)
        found = [_placement(self.atlas, self.tables, row) for row in rows if row[0] >= 0]
        return sorted([*self._fixed.placed.values(), *found], key=lambda one: one.student)


Row = tuple[int, int, int, int, int, int, int, int]
"""Place, guide row, so row, io row, relief, duo partner, row of the second of a team, hours taken of the guide."""
RELIEFS = (None, Relief.PEER, Relief.SENIOR)


def rows_of(tables: Tables, placement: Placement) -> Row | None:
    """The row that a placement is, without the partner of a duo; None when it is none of the options."""
    index, places = tables.index, tables.places
    student, period_set = index.student_at.get(placement.student), index.set_at.get(frozenset(placement.periods))
    if student is None or period_set is None or not 1 <= len(placement.wpb) <= 2:
        return None
    workplace = index.workplace_at.get(placement.workplace, -1)
    for place in range(places.start[student], places.start[student + 1]):
        if places.workplace[place] == workplace and places.set[place] == period_set:
            guides = _guide_rows(tables, placement, (student, place))
            so = _trainer_row(tables, placement.so, int(places.sos[place]), is_io=False)
            io = _trainer_row(tables, placement.io, int(places.ios[place]), is_io=True)
            if guides is None or so is None or io is None:
                return None
            first, second, taken = guides
            return (place, first, so, io, RELIEFS.index(placement.relief), -1, second, taken)
    return None


def _guide_rows(tables: Tables, placement: Placement, where: tuple[int, int]) -> tuple[int, int, int] | None:
    """The rows of the guide and the second of a team, -1 for none, and the hours that the guide spends."""
    (student, place), shares, guides = where, placement.wpb, tables.guides
    pool = int(tables.places.guides[place])
    window = int(guides.start[pool]), int(guides.start[pool + 1])
    people = [tables.index.supervisor_at.get(share.supervisor) for share in shares]
    rows = [_row(guides.supervisor, window, person) for person in people]
    first, second = rows[0], rows[1] if len(rows) > 1 else -1
    if first is None or second is None:
        return None
    if tables.pooling is None:
        is_plain = len(shares) == 1 and placement.relief is None and placement.duo_with is None
        return (first, -1, int(guides.taken[first])) if is_plain else None
    if len(shares) > 1 and (tables.places.kept[place] or not _is_team(tables.pooling, people)):
        return None
    return first, second, shares[0].qh + int(guides.taken[first] - tables.needs[student, 0])


def _is_team(pooling: Pooling, people: list[int | None]) -> bool:
    homes = {int(pooling.home[one]) if one is not None else -1 for one in people}
    return pooling.team_qh > 0 and len(homes) == 1 and homes.pop() >= 0


def _trainer_row(tables: Tables, trainer: SupervisorId | None, crew: int, *, is_io: bool) -> int | None:
    """The row among the trainers of both tiers; -1 for nobody where nobody is asked."""
    if trainer is None or crew < 0:
        return -1 if trainer is None and crew < 0 else None
    pools, who = tables.ios if is_io else tables.sos, tables.index.supervisor_at.get(trainer)
    row = _row(pools.items, (pools.start[crew], pools.start[crew + 1]), who)
    return row if row is None or not is_io else row + len(tables.sos.items)


def _row(items: NDArray[np.int32], window: tuple[int, int], wanted: int | None) -> int | None:
    first, last = window
    found = np.nonzero(items[first:last] == (-1 if wanted is None else wanted))[0]
    return int(first + found[0]) if len(found) else None


def _placement(atlas: Atlas, tables: Tables, row: NDArray[np.int32]) -> Placement:
    place, guide, so, io, relief, partner, second, taken = (int(one) for one in row)
    sos, ios = tables.sos.items, tables.ios.items
    so_person = int(sos[so]) if so >= 0 else -1
    io_person = int(ios[io - len(sos)]) if io >= 0 else -1
    plain = placement_at(atlas, tables, place, (int(tables.guides.supervisor[guide]), so_person, io_person))
    if tables.pooling is None:
        return plain
    student = int(tables.places.student[place])
    need = int(tables.needs[student, 0])
    shares = [WpbShare(plain.wpb[0].supervisor, taken - int(tables.guides.taken[guide]) + need)]
    if second >= 0:
        whole = need if relief == 0 else int(tables.pooling.relieved[student, relief - 1])
        shares.append(WpbShare(tables.index.supervisors[tables.guides.supervisor[second]], whole - shares[0].qh))
    duo_with = tables.index.students[partner] if partner >= 0 else None
    return replace(plain, wpb=tuple(shares), duo_with=duo_with, relief=RELIEFS[relief])


def fixed_of(atlas: Atlas, tables: Tables, plan: Plan) -> set[StudentId]:
    """Those who stay since the arrays do not know what they have: teams of three, say, and where levers are not in the
    tables duos, teams, reliefs, and the seniors at sites where somebody has senior relief."""
    placed = plan.by_student()
    fixed = {one.student for one in placed.values() if rows_of(tables, one) is None}
    fixed |= {one.student for one in placed.values() if one.duo_with is not None and one.duo_with in fixed}
    if tables.pooling is not None:
        return fixed
    region = atlas.region
    site_of = {name: region.workplaces[one.workplace].site for name, one in placed.items()}
    helped = {site_of[name] for name, one in placed.items() if one.relief is Relief.SENIOR}
    seniors = region.settings.levers.senior.seniors
    return fixed | {name for name in placed if site_of[name] in helped and region.students[name].phase in seniors}


def improve(
    region: Region,
    incumbent: Plan,
    limits: SearchLimits,
    on_progress: Told = lambda _value, _steps: None,
    stop: Stop = lambda: False,
) -> Plan:
    """An allowed plan that costs no more than the allowed incumbent, without reasons and certificate. `on_progress` hears
    the best value and the steps after every block; `stop` ends it there."""
    atlas = Atlas(region)
    return improve_with(atlas, pooled_tables_of(atlas), incumbent, limits, (on_progress, stop))


def improve_with(atlas: Atlas, tables: Tables, incumbent: Plan, limits: SearchLimits, watch: tuple[Told, Stop]) -> Plan:
    """The same for who has the tables of the region already."""
    region, held = atlas.region, incumbent.by_student()
    stays = fixed_of(atlas, tables, incumbent)
    fixed = Ledger(atlas, (held[name] for name in sorted(stays)))
    search = EjectionSearch(atlas, tables, fixed, set(region.students) - stays, limits.seed)
    search.begin(one for name, one in sorted(held.items()) if name not in stays)
    for _ in rounds(search, limits.steps, region.settings.costs.unplaced):
        watch[0](search.best or 0, search.steps)
        if watch[1]():
            break
    if search.best is None or search.best > value_of(atlas, held):
        return replace(incumbent, unplaced=(), certificate=None)
    return Plan(region.id, region.today, tuple(search.placements()))


def rounds(search: EjectionSearch, steps: int, unplaced: int) -> Iterator[None]:
    """Anneal in rounds, each twice as long as the one before and from the best plan: good whenever it is stopped."""
    length, hot, left = SHORTEST_ROUND, HOT, steps
    while left > 0:
        length = left if left < 2 * length else length
        for done in range(0, length, BLOCK):
            search.run(min(BLOCK, length - done), (done, length), (hot * unplaced, COLD * unplaced))
            yield
        left, length, hot = left - length, 2 * length, REHEAT
        search.return_to_best()
