"""Rounds over the sites of a larger region: always allowed, never worse, the same each time, with and without levers."""

from dataclasses import replace

import pytest

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.portfolio_parts import SiteRounds
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.valuation import groups_of, value_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check
from services.matcher.domain.inventing.invent import invent
from services.matcher.domain.inventing.wanted import Family, Wanted
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region

REGION = invent(Wanted(90, Family.LEVERS, seed=3)).region


def whole(of: Region, ledger: Ledger) -> Plan:
    return Plan(of.id, of.today, tuple(ledger.placed[one] for one in sorted(ledger.placed)))


def rounds(of: Region, number: int) -> tuple[Placement, ...]:
    atlas = Atlas(of)
    openings, ledger = Openings(atlas), Ledger(atlas)
    places = {one: openings.of(student) for one, student in sorted(of.students.items())}
    complete(ledger, places)
    value = value_of(atlas, ledger.placed)
    complete_with_levers(ledger, places)
    assert check(of, whole(of, ledger)) == []
    for _, outcome in zip(
        range(number), Rounds(ledger, places, groups_of(atlas), SolveLimits(1.0)).run(), strict=False
    ):
        now = value_of(atlas, ledger.placed)
        assert now < value if outcome.placements is not None else now <= value
        assert check(of, whole(of, ledger)) == []
        value = now
    return whole(of, ledger).placements


@pytest.mark.parametrize("family", [Family.LEVERS, Family.PERIODS])
def test_every_round_leaves_an_allowed_plan_that_costs_no_more(family: Family) -> None:
    of = invent(Wanted(90, family, seed=3)).region
    assert rounds(of, 12) == rounds(of, 12)


def test_levers_place_more_than_can_be_placed_without() -> None:
    levers = replace(
        REGION.settings.levers, **{one: replace(getattr(REGION.settings.levers, one), on=False) for one in FOUR}
    )
    without = replace(REGION, settings=replace(REGION.settings, levers=levers))
    assert len(rounds(REGION, 30)) > len(rounds(without, 30))


FOUR = ("duo", "team", "peer", "senior")


def test_the_board_gets_better_and_better_plans_until_it_says_stop() -> None:
    told: list[int] = []
    board = Board(REGION, lambda progress: told.append(progress.value), lambda: len(told) > 3)
    SiteRounds().take(board, Turn(3, seed=1))
    assert told == sorted(told, reverse=True)
    assert check(REGION, board.best) == []
    assert len(board.best.placements) > len(REGION.students) // 2
