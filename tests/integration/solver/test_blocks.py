"""Blocks of the engine: the places of each student as rows, whatever the student held when they were made."""

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.engine.atlases import Chances
from services.matcher.adapters.solver.engine.blocks import POOL, SET, WORKPLACE, Blocks
from services.matcher.domain.ids import StudentId
from services.matcher.domain.options import Option, places_of
from services.matcher.domain.prices import is_kept
from services.matcher.domain.vocabulary import PlacementState
from tests.support.wild_regions import wild_region

Row = tuple[object, ...]


def as_places(chances: Chances, student: StudentId) -> list[Row]:
    found = places_of(chances, chances.region.students[student])
    guides = [[(each.supervisor, each.taken_qh, each.cost) for each in one.guides] for one in found]
    return [
        (one.workplace, frozenset(one.periods), one.set_index, one.minutes, one.cost, people)
        for one, people in zip(found, guides, strict=True)
    ]


def as_rows(blocks: Blocks, student: StudentId) -> list[Row]:
    block = blocks.of(student)
    found: list[Row] = []
    for number, row in enumerate(block.rows.tolist()):
        pool = blocks.pools[row[POOL]]
        names = [blocks.people.names[one] for one in pool.people.tolist()]
        guides = list(zip(names, pool.taken.tolist(), pool.cost.tolist(), strict=True))
        where = blocks.workplaces.names[row[WORKPLACE]], blocks.sets.names[row[SET]]
        terms = int(block.set_index[number]), int(block.minutes[number]), int(block.cost[number])
        found.append((*where, *terms, guides))
    return found


def kept_of(chances: Chances, student: StudentId) -> int:
    held, found = chances.held.get(student), places_of(chances, chances.region.students[student])
    kept = [number for number, one in enumerate(found) if is_kept(held, one.workplace, one.periods)]
    return kept[0] if kept else -1


@effort(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_are_the_places_whatever_was_held_before(seed: int) -> None:
    region = wild_region(seed, students=8)
    chances = Chances(region)
    blocks = Blocks(chances)
    held = {one.student: one for one in region.placements}
    settled = {key: replace(one, state=PlacementState.SETTLED) for key, one in held.items()}
    for now in ({}, held, settled, dict.fromkeys(held), held):
        chances.hold(now)
        blocks.hold(now)
        for student in region.students:
            assert as_rows(blocks, student) == as_places(chances, student)
            assert blocks.of(student).kept == kept_of(chances, student)


@effort(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_places_that_cost_the_same_are_in_the_same_order(seed: int) -> None:
    region = replace(wild_region(seed, students=4), placements=())
    for student in region.students.values():
        open_places = places_of(Chances(region), student)
        for one in open_places:
            dearer = one.cost - open_places[0].cost
            costs = replace(region.settings.costs, move_workplace=dearer)
            chances = Chances(replace(region, settings=replace(region.settings, costs=costs)))
            held = Option(one, one.guides[0], one.sos[0], one.ios[0]).placement()
            chances.hold({student.id: held})
            blocks = Blocks(chances)
            assert as_rows(blocks, student.id) == as_places(chances, student.id)
