"""Where the compiled search has to be built first, there is a plan before it, and the same plan after it."""

from collections.abc import Sequence

import pytest

from services.matcher.adapters.solver import portfolio
from services.matcher.adapters.solver.portfolio import AnytimeLimits, Board, Parts, Progress, solve_anytime
from services.matcher.adapters.solver.portfolio_parts import Annealing
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region


class Once:
    """Annealing that ends after its first turns."""

    next_work = 0.0

    def __init__(self, turns: int) -> None:
        self._usual, self._turns = Annealing(), turns

    def take(self, board: Board, turn: portfolio.Turn) -> float | None:
        return self._usual.take(board, turn) if turn.number < self._turns else None


def solved(made: Region, turns: int) -> tuple[Plan, Sequence[Progress]]:
    steps: list[Progress] = []
    found = solve_anytime(made, AnytimeLimits(), steps.append, parts=lambda _: Parts([Once(turns)]))
    return found, steps


@pytest.fixture
def is_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "is_ready", lambda: False)


@pytest.mark.usefixtures("is_cold")
@pytest.mark.parametrize("family", Family)
def test_there_is_an_allowed_plan_before_the_search_is_there(family: Family) -> None:
    made = invent(Wanted(150, family, 4)).region

    found, steps = solved(made, turns=0)

    assert [one.stage for one in steps] == ["start", "stopgap"]
    assert steps[1].unplaced < len(made.students) / 2
    assert steps[1].value == sum(cost_parts(made, found).values()) < steps[0].value
    assert steps[1].unplaced == len(made.students) - len(found.placements)
    assert not [*check(made, found), *check_reasons(made, found)]


@pytest.mark.parametrize("family", [Family.HOURS, Family.LEVERS, Family.INCREMENTAL])
def test_the_plan_in_the_end_is_the_same_with_and_without_it(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    made, found = invent(Wanted(150, family, 4)).region, []
    for is_ready in (True, False):
        monkeypatch.setattr(portfolio, "is_ready", lambda answer=is_ready: answer)
        found.append(solved(made, turns=2))

    (with_all_there, _), (without, steps) = found
    assert with_all_there == without
    assert [one.value for one in steps] == sorted((one.value for one in steps), reverse=True)
    assert not any(check(made, one.plan) for one in steps)


@pytest.mark.usefixtures("is_cold")
def test_a_region_for_which_the_search_is_not_needed_has_none() -> None:
    _, steps = solved(invent(Wanted(40, Family.HOURS, 4)).region, turns=0)

    assert "stopgap" not in {one.stage for one in steps}


@pytest.mark.usefixtures("is_cold")
def test_who_wants_no_time_spent_gets_what_holds() -> None:
    made, steps = invent(Wanted(150, Family.HOURS, 4)).region, list[Progress]()

    found = solve_anytime(made, AnytimeLimits(time_s=0), steps.append)

    assert found.placements == ()
    assert "stopgap" not in {one.stage for one in steps}
