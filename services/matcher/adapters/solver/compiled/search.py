"""The ejection search with annealing: from any allowed plan to a better one, as compiled code at a million steps a second."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.kernels import fields as at
from services.matcher.adapters.solver.compiled.layout import NO_PLAN, lay_out
from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.compiled.tables import Tables, placement_at, tables_of
from services.matcher.adapters.solver.valuation import value_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import Relief

BLOCK = 100_000
"""Steps between two looks at whether to stop."""
SHORTEST_ROUND = 250_000
HOT, COLD = 0.6, 0.00005
"""First and last temperature, as parts of the price of one unplaced student."""
REHEAT = 0.4
"""Later rounds begin at this part of that price, so that what was found is not lost."""

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
        rows = np.full((len(self.tables.index.students), 4), -1, dtype=np.int32)
        for one in placements:
            found = rows_of(self.tables, one)
            if found is not None:
                rows[self.tables.index.student_at[one.student]] = found
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
    def steps(self) -> int:
        """How many steps were made."""
        return int(self._flat.totals[at.STEPS])

    def placements(self, *, of_best: bool = True) -> list[Placement]:
        """The best plan, or the present one, with the fixed placements, by student."""
        section, size = at.S_BEST if of_best else at.S_NOW, 4 * len(self.tables.index.students)
        rows = self._flat.state[self._flat.facts[section] :][:size].reshape(-1, 4)
        found = [_placement(self.atlas, self.tables, row) for row in rows if row[0] >= 0]
        return sorted([*self._fixed.placed.values(), *found], key=lambda one: one.student)


def rows_of(tables: Tables, placement: Placement) -> tuple[int, int, int, int] | None:
    """The rows of place, guide, so and io that a placement is; None when it is none of the options."""
    index, places = tables.index, tables.places
    student, period_set = index.student_at.get(placement.student), index.set_at.get(frozenset(placement.periods))
    if student is None or period_set is None or len(placement.wpb) != 1:
        return None
    person = index.supervisor_at.get(placement.wpb[0].supervisor)
    workplace = index.workplace_at.get(placement.workplace, -1)
    for place in range(places.start[student], places.start[student + 1]):
        if places.workplace[place] == workplace and places.set[place] == period_set:
            pool = int(places.guides[place])
            first, last = tables.guides.start[pool], tables.guides.start[pool + 1]
            guide = _row(tables.guides.supervisor, (first, last), person)
            so = _trainer_row(tables, placement.so, int(places.sos[place]), is_io=False)
            io = _trainer_row(tables, placement.io, int(places.ios[place]), is_io=True)
            return None if guide is None or so is None or io is None else (place, guide, so, io)
    return None


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
    place, guide, so, io = (int(one) for one in row)
    sos, ios = tables.sos.items, tables.ios.items
    so_person = int(sos[so]) if so >= 0 else -1
    io_person = int(ios[io - len(sos)]) if io >= 0 else -1
    return placement_at(atlas, tables, place, (int(tables.guides.supervisor[guide]), so_person, io_person))


def fixed_of(region: Region, plan: Plan) -> set[StudentId]:
    """Those who stay: placed with a duo, a team or relief, and the seniors at sites where somebody has senior relief."""
    placed = plan.by_student()
    fixed = {one.student for one in placed.values() if one.duo_with or one.relief is not None or len(one.wpb) > 1}
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
    """An allowed plan that costs no more than the allowed incumbent, which keeps its teams, duos and reliefs; without
    reasons and certificate. `on_progress` hears the best value and the steps after every block; `stop` ends it there."""
    atlas = Atlas(region)
    return improve_with(atlas, tables_of(atlas), incumbent, limits, (on_progress, stop))


def improve_with(atlas: Atlas, tables: Tables, incumbent: Plan, limits: SearchLimits, watch: tuple[Told, Stop]) -> Plan:
    """The same for who has the tables of the region already."""
    region, held = atlas.region, incumbent.by_student()
    stays = fixed_of(region, incumbent)
    stays |= {name for name, one in held.items() if name not in stays and rows_of(tables, one) is None}
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
