"""The cause of a move is what was told of it, and never more."""

from dataclasses import replace

import pytest

from services.matcher.domain.causes import told_causes
from services.matcher.domain.facts import Decision, RegionFacts, Touched
from services.matcher.domain.ids import RegionId, StudentId, WorkplaceId
from services.matcher.domain.places import Outcome
from services.matcher.domain.plan import Placement
from shared.contracts.placements import MoveCause
from tests.support.regions import placement, workplace

S1 = StudentId("s1")
REGION = RegionId("NL-R07")
HELD = placement(1)
WORKPLACES = [workplace(1), workplace(2, 2), workplace(3)]
FACTS = RegionFacts(REGION, workplaces={one.id: one for one in WORKPLACES})
TOUCHED = Touched(students=frozenset({S1}))


def no(at: int, says: bool | None = False) -> Decision:
    return Decision(says, WorkplaceId(f"w{at}"), frozenset(HELD.periods))


def cause(facts: RegionFacts, touched: Touched, dropped: MoveCause | None, *now: Placement) -> MoveCause | None:
    found = {} if dropped is None else {S1: dropped}
    outcome = Outcome({one.student: one for one in now}, causes=found)
    return told_causes(facts, touched, {S1: HELD}, outcome).get(S1)


@pytest.mark.parametrize("at", [1, 3])
def test_a_refusal_by_the_school_of_a_place_at_that_site_is_the_cause(at: int) -> None:
    facts = replace(FACTS, school_decisions={S1: no(at)})
    assert cause(facts, TOUCHED, MoveCause.NO_LONGER_FITS) is MoveCause.REFUSED


def test_so_is_a_refusal_by_the_institute() -> None:
    facts = replace(FACTS, institute_decisions={S1: no(1)}, school_decisions={S1: no(1, True)})
    assert cause(facts, TOUCHED, MoveCause.NO_LONGER_FITS) is MoveCause.DECLINED


def test_an_old_refusal_of_another_place_explains_nothing() -> None:
    facts = replace(FACTS, school_decisions={S1: no(2)}, institute_decisions={S1: no(2)})
    assert cause(facts, TOUCHED, MoveCause.NO_LONGER_FITS) is MoveCause.STUDENT_CHANGED


@pytest.mark.parametrize("known", [MoveCause.GUIDANCE_ENDED, MoveCause.WORKPLACE_ENDED, MoveCause.STUDENT_WITHDRAWN])
def test_what_the_rules_say_ended_a_place_stays_the_cause(known: MoveCause) -> None:
    facts = replace(FACTS, school_decisions={S1: no(1)})
    assert cause(facts, TOUCHED, known) is known


def test_a_student_of_whom_nothing_was_told_has_not_changed() -> None:
    facts = replace(FACTS, school_decisions={S1: no(1)})
    assert cause(facts, Touched(), MoveCause.NO_LONGER_FITS) is MoveCause.NO_LONGER_FITS


def test_a_move_after_a_change_of_the_student_is_due_to_it_and_any_other_made_room() -> None:
    assert cause(FACTS, TOUCHED, None, placement(1, 2)) is MoveCause.STUDENT_CHANGED
    assert cause(FACTS, Touched(), None, placement(1, 2)) is None
    assert cause(FACTS, TOUCHED, None) is None
