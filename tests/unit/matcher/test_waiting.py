"""What names something that was never heard of waits, and is told about after a while."""

from datetime import date, timedelta

from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.waiting import TOLD_AFTER_DAYS, Missing, Waiting, missing, waiting_on
from tests.support import matcher as told
from tests.support.matcher import facts_of
from tests.support.regions import region, site, student, supervisor, workplace

TODAY = date(2026, 6, 1)
SCHOOL = region([site(), workplace(), supervisor("v1"), student(1)])


def known(*events: object) -> RegionFacts:
    return fold(RegionFacts(RegionId(told.REGION)), facts_of([*told.events_of(SCHOOL), *events]))  # type: ignore[list-item]


def test_nothing_waits_where_everything_is_known() -> None:
    assert list(missing(known())) == []


def test_whatever_names_something_unknown_waits_for_it() -> None:
    strange = student(2, together=["s9"], apart=["s1"], only_sites=["09ZZ09"], wishes=["09ZZ09"], period_sets=[["P9"]])
    facts = known(
        told.student_event(strange),
        told.workplace_event(workplace(9, site="09ZZ09")),
        told.supervisor_event(supervisor("v9", sites=["*", "09ZZ09"])),
    )
    assert set(missing(facts)) == {
        Missing("student/s2", "student/s9"),
        Missing("student/s2", "site/09ZZ09"),
        Missing("student/s2", "period/P9"),
        Missing("workplace/w9", "site/09ZZ09"),
        Missing("supervisor/v9", "site/09ZZ09"),
    }


def test_who_has_gone_was_heard_of() -> None:
    facts = known(told.student_event(student(2, together=["s1"])), told.withdrawal("s1"))
    assert list(missing(facts)) == []


def test_a_region_without_settings_waits_for_them() -> None:
    facts = fold(RegionFacts(RegionId(told.REGION)), facts_of([told.student_event(student(1))]))
    assert list(missing(facts)) == [Missing(f"region/{told.REGION}", "settings")]


def test_it_is_told_once_it_has_waited_for_some_days_and_ends_when_it_is_known() -> None:
    facts = known(told.student_event(student(2, together=["s9"])))
    one = Missing("student/s2", "student/s9")
    waiting = waiting_on(TODAY, {}, facts)
    assert waiting == {one: Waiting(TODAY)}
    for days in range(1, TOLD_AFTER_DAYS + 2):
        waiting = waiting_on(TODAY + timedelta(days=days), waiting, facts)
        assert waiting == {one: Waiting(TODAY, days >= TOLD_AFTER_DAYS)}
    at_last = known(told.student_event(student(2, together=["s9"])), told.student_event(student(9)))
    assert waiting_on(TODAY, waiting, at_last) == {}
