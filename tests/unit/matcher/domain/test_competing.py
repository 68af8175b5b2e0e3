"""Who has what somebody without a place needs, who alone stands in the way, and who waits for the same."""

from typing import Any

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.competing import Competition, Waiting
from services.matcher.domain.explanation import barriers
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import places_of
from services.matcher.domain.plan import Placement
from tests.support.regions import invented_region, placement, plan, region, site, student, supervisor, workplace


def about(number: int, things: list[Any], *held: Placement) -> Waiting:
    made = region([site(), workplace(), supervisor("v1"), supervisor("t1"), supervisor("i1"), *things])
    return Competition(Ledger(Atlas(made), held)).about(StudentId(f"s{number}"))


def test_who_sits_on_the_seat_could_each_be_replaced_and_who_waits_for_it_is_a_rival() -> None:
    found = about(3, [student(one) for one in (1, 2, 3, 4)], placement(1), placement(2))
    assert (found.holders, found.instead_of, found.rivals) == (("s1", "s2"), ("s1", "s2"), ("s4",))


def test_who_has_too_few_of_the_hours_holds_them_but_could_not_be_replaced() -> None:
    needy = student(3, support=3)
    tight = supervisor("v1", qh={"2026-S1": 15})
    found = about(
        3, [tight, workplace(seats={"2026-S1": 9}), student(1), student(2), needy], placement(1), placement(2)
    )
    assert (found.holders, found.instead_of) == (("s1", "s2"), ())


def test_nobody_is_replaced_on_whom_the_place_of_another_hangs() -> None:
    whole = site(min_students=2)
    found = about(3, [whole, student(1), student(2), student(3)], placement(1), placement(2))
    assert found.instead_of == ()
    friends = [student(one, duo=True) for one in (1, 2)]
    pair = placement(1, duo_with="s2"), placement(2, duo_with="s1")
    assert about(3, [*friends, student(3)], *pair).instead_of == ()


def test_one_of_another_subject_is_no_rival() -> None:
    other = student(4, subject="frans")
    found = about(3, [student(1), student(2), student(3), other], placement(1), placement(2))
    assert found.rivals == ()


def test_without_any_of_instead_of_a_place_is_free() -> None:
    made = invented_region(3, students=40, sites=5, scarcity=2.0)
    ledger = Ledger(Atlas(made), CpSatSolver().solve(made, plan(made), SolveLimits(1.0)).placements)
    competition = Competition(ledger)
    tried = 0
    for one in sorted(made.students.keys() - ledger.placed.keys()):
        for other in competition.about(one).instead_of:
            held = ledger.remove(other)
            assert any(not barriers(ledger, place) for place in places_of(ledger.atlas, made.students[one]))
            ledger.add(held)
            tried += 1
    assert tried
