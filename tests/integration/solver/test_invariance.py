"""The same region written in another way: in another order the same plan, under other ids a plan that costs the same."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.portfolio import (
    AnytimeLimits,
    Board,
    Part,
    Parts,
    Turn,
    default_parts,
    solve_anytime,
)
from services.matcher.domain.checker import check
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from tests.support.effort import examples
from tests.support.lever_regions import tiny_lever_region
from tests.support.rearranged import in_another_order, under_other_ids, with_periods_turned, written
from tests.support.small_regions import REGIONS, optima, read
from tests.support.wild_regions import wild_region

Drawn = Callable[[int], Region]
DRAWN: list[Drawn] = [lambda seed: wild_region(seed, students=8), lambda seed: tiny_lever_region(seed, students=7)]
SMALL = [name for name, off, _ in optima() if not off]


def solved(region: Region) -> Plan:
    found = solve_anytime(region, AnytimeLimits())
    assert not check(region, found)
    return found


def proven(plan: Plan) -> tuple[int, float, int]:
    """What the best plan costs, what is proven about all, and how many are left out at least."""
    found: Certificate | None = plan.certificate
    assert found is not None
    assert found.bound == found.value
    return found.value, found.bound, found.unplaced_bound


def assert_means_the_same(region: Region, seed: int) -> None:
    plan, turned = solved(region), in_another_order(region, seed)
    assert solved(turned) == plan
    assert proven(solved(under_other_ids(turned, seed))) == proven(plan)
    assert proven(solved(with_periods_turned(region))) == proven(plan)


@effort(max_examples=examples(12, 60), deadline=None)
@given(st.sampled_from(DRAWN), st.integers(0, 10**6))
def test_a_tiny_region_written_in_another_way_has_the_same_optimum(drawn: Drawn, seed: int) -> None:
    assert_means_the_same(drawn(seed), seed)


@pytest.mark.skipif(not REGIONS.exists(), reason="the small regions are not at hand")
@pytest.mark.parametrize("name", SMALL)
def test_a_small_region_written_in_another_way_has_the_same_optimum(name: str) -> None:
    assert_means_the_same(read(name), 3)


@pytest.mark.parametrize("family", [Family.SEATS, Family.PERIODS, Family.INCREMENTAL])
def test_where_every_part_takes_turns_another_order_gives_the_same_plan_and_other_ids_the_same_proof(
    family: Family,
) -> None:
    assert_means_the_same(invent(Wanted(70, family, 2)).region, 5)


@dataclass
class Some:
    """A part that takes its first turns only."""

    part: Part
    turns: int

    @property
    def next_work(self) -> float:
        return self.part.next_work

    def take(self, board: Board, turn: Turn) -> float | None:
        return self.part.take(board, turn) if turn.number < self.turns else None


def some_turns(board: Board) -> Parts:
    usual = default_parts(board)
    return Parts([Some(one, 1) for one in usual.improvers], [Some(one, 1) for one in usual.bounders])


@pytest.mark.parametrize("family", [Family.HOURS, Family.TRAINERS, Family.LEVERS])
def test_where_the_proof_takes_long_every_turn_is_the_same_in_another_order(family: Family) -> None:
    made = invent(Wanted(70, family, 2)).region
    found = [solve_anytime(one, AnytimeLimits(), parts=some_turns) for one in (made, in_another_order(made, 5))]

    assert found[0] == found[1]
    assert found[0].certificate is not None


def test_what_is_turned_round_is_really_written_in_another_way() -> None:
    made = invent(Wanted(70, Family.PERIODS, 2)).region
    ways = [made, in_another_order(made, 1), under_other_ids(made, 1), with_periods_turned(made)]

    assert len({written(one) for one in ways}) == len(ways)
    names, turned = [*made.students], [*in_another_order(made, 1).students]
    assert turned != names
    assert sorted(turned) == sorted(names)
