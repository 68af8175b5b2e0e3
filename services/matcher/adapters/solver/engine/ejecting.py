"""The compiled ejection search in a neighbourhood: a few thousand steps on small tables, some milliseconds in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.matcher.adapters.solver.compiled.indexing import Ints
from services.matcher.adapters.solver.compiled.kernels import fields as at
from services.matcher.adapters.solver.compiled.layout import NO_PLAN, Flat, lay_out
from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.compiled.tables import Tables, placement_at
from services.matcher.adapters.solver.engine.local import Ground, Stay, tables_near
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Placement


@dataclass(frozen=True, slots=True)
class Effort:
    """Steps, and the first and last temperature as parts of the price of an unplaced student."""

    steps: int
    hot: float = 0.02
    cold: float = 0.00005


def rearranged(
    ground: Ground, ledger: Ledger, free: Sequence[StudentId], stay: Stay, effort: Effort
) -> dict[StudentId, Placement | None]:
    """What becomes of the free students, given in order: those who get another placement, or none, with that.

    The ledger holds everybody before and after. Those who stay are in it, one guide each, and neither duo nor relief.
    """
    held = {one: ledger.remove(one) for one in free if one in ledger.placed}
    tables = tables_near(ground, free, stay)
    flat = lay_out(tables, ledger, free, ground.atlas.region.settings.seed, 0)
    arrays = (flat.facts, flat.prices, flat.state, flat.totals)
    start = _rows(tables, held)
    compiled().begin(*arrays, start)
    unplaced = ground.atlas.region.settings.costs.unplaced
    heats = (effort.hot * unplaced, effort.cold * unplaced)
    compiled().run(*arrays, (effort.steps, 0, effort.steps, *heats))
    for placement in held.values():
        ledger.add(placement)
    return _changed(ground, tables, flat, start)


def _rows(tables: Tables, held: Mapping[StudentId, Placement]) -> Ints:
    """The rows of what is held: one guide each, neither duo nor relief."""
    index, places = tables.index, tables.places
    found = np.full((len(index.students), at.ROW), -1, dtype=np.int32)
    for name, one in held.items():
        student, workplace = index.student_at[name], index.workplace_at[one.workplace]
        first, last = places.start[student], places.start[student + 1]
        here = (places.workplace[first:last] == workplace) & (
            places.set[first:last] == index.set_at[frozenset(one.periods)]
        )
        place = int(first + here.argmax())
        guide, pool = index.supervisor_at[one.wpb[0].supervisor], int(places.guides[place])
        row = _position(tables.guides.supervisor, tables.guides.start, pool, guide)
        so = _trainer(tables, one.so, int(places.sos[place]), is_io=False)
        io = _trainer(tables, one.io, int(places.ios[place]), is_io=True)
        found[student] = (place, row, so, io, 0, -1, -1, tables.guides.taken[row])
    return found


def _trainer(tables: Tables, who: SupervisorId | None, crew: int, *, is_io: bool) -> int:
    if who is None:
        return -1
    pools, offset = (tables.ios, len(tables.sos.items)) if is_io else (tables.sos, 0)
    return offset + _position(pools.items, pools.start, crew, tables.index.supervisor_at[who])


def _position(items: Ints, start: Ints, pool: int, wanted: int) -> int:
    first, last = int(start[pool]), int(start[pool + 1])
    return first + int(np.nonzero(items[first:last] == wanted)[0][0])


def _changed(ground: Ground, tables: Tables, flat: Flat, start: Ints) -> dict[StudentId, Placement | None]:
    if flat.totals[at.BEST] == NO_PLAN:
        return {}
    size = at.ROW * len(tables.index.students)
    best = flat.state[flat.facts[at.S_BEST] :][:size].reshape(-1, at.ROW)
    found: dict[StudentId, Placement | None] = {}
    there = (best[:, 0] >= 0) | (start[:, 0] >= 0)
    for number in np.nonzero((best != start).any(axis=1) & there)[0]:
        place, guide, so, io = (int(one) for one in best[number][:4])
        name = tables.index.students[number]
        if place < 0:
            found[name] = None
            continue
        people = (int(tables.guides.supervisor[guide]), _who(tables, so), _who(tables, io))
        found[name] = placement_at(ground.atlas, tables, place, people)
    return found


def _who(tables: Tables, row: int) -> int:
    """The supervisor in a row of the trainers of both tiers."""
    sos, ios = tables.sos.items, tables.ios.items
    return -1 if row < 0 else int(sos[row]) if row < len(sos) else int(ios[row - len(sos)])


def moved(changed: Mapping[StudentId, Placement | None], held: Mapping[StudentId, Placement]) -> set[StudentId]:
    """Whoever has another workplace, other periods or another guide than before, or nothing any more."""
    return {
        one
        for one, now in changed.items()
        if one in held and (now is None or not held[one].is_same_place(now) or not held[one].has_same_wpb(now))
    }


def differing(
    was: Mapping[StudentId, Placement], now: Mapping[StudentId, Placement]
) -> dict[StudentId, Placement | None]:
    """Those who have something else now, by student, with what they have."""
    return {one: now.get(one) for one in sorted({*was, *now}) if was.get(one) != now.get(one)}


def apply_to(ledger: Ledger, changed: Mapping[StudentId, Placement | None]) -> None:
    """Book what changed."""
    for one in changed:
        if one in ledger.placed:
            ledger.remove(one)
    for one in sorted(changed):
        now = changed[one]
        if now is not None:
            ledger.add(now)
