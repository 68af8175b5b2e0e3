"""Options: exactly what the checker allows a student alone, cheapest first, whatever the order of the input."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.options import options_of, place_at, places_of
from services.matcher.domain.region import Region
from tests.support.brute_force import allowed_alone
from tests.support.regions import (
    invented_region,
    placement,
    plan,
    region,
    settings,
    site,
    student,
    supervisor,
    workplace,
)


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.6, 2.5))
def test_options_are_exactly_what_is_allowed_alone(seed: int, scarcity: float) -> None:
    facts = invented_region(seed, students=2, sites=2, scarcity=scarcity)
    atlas = Atlas(facts)
    for one in facts.students.values():
        ours = {(o.place.periods, o.place.workplace, o.guide.supervisor, o.so, o.io) for o in options_of(atlas, one)}
        allowed = allowed_alone(facts, one)
        assert ours == {(p.periods, p.workplace, p.wpb[0].supervisor, p.so, p.io) for p in allowed}


@effort(deadline=None)
@given(st.integers(0, 10**6))
def test_the_static_cost_is_what_the_checker_sums(seed: int) -> None:
    facts = invented_region(seed, students=1, sites=3)
    for option in options_of(Atlas(facts), next(iter(facts.students.values()))):
        assert option.cost == sum(cost_parts(facts, plan(facts, option.placement())).values())


def backwards(facts: Region) -> Region:
    return replace(
        facts,
        sites=dict(reversed(list(facts.sites.items()))),
        workplaces=dict(reversed(list(facts.workplaces.items()))),
        supervisors=dict(reversed(list(facts.supervisors.items()))),
        students=dict(reversed(list(facts.students.items()))),
    )


def test_the_order_of_the_input_does_not_matter() -> None:
    facts = invented_region(5, students=10, sites=5)
    one, other = Atlas(facts), Atlas(backwards(facts))
    for name, pupil in facts.students.items():
        assert places_of(one, pupil) == places_of(other, facts.students[name])


def test_a_place_is_found_whatever_the_order_of_its_periods() -> None:
    seats = {"2026-S1": 1, "2026-S2": 1}
    people = [supervisor(name, qh=dict.fromkeys(seats, 40)) for name in ("v1", "t1", "i1")]
    facts = region([site(), workplace(seats=seats), *people, pupil := student(period_sets=[["2026-S1", "2026-S2"]])])
    periods = pupil.period_sets[0]
    found = place_at(Atlas(facts), pupil, workplace().id, reversed(periods))
    assert found is not None
    assert found.periods == periods
    assert place_at(Atlas(facts), pupil, workplace().id, periods[:1]) is None


def test_what_refers_to_nothing_is_not_used() -> None:
    facts = region([workplace(), supervisor("v1"), supervisor("t1"), supervisor("i1"), pupil := student()])
    assert places_of(Atlas(facts), pupil) == []


def test_levers_that_touch_one_option_open_places() -> None:
    levers = {name: {"on": True} for name in ("related", "extra", "starters", "shared_io", "core_shell", "lending")}
    things: list[Any] = [
        site(role="shell", core="01AA02"),
        site(2),
        workplace(subject="engels"),
        supervisor("v1", at=2, kind="retired", starter=True, subjects=["frans"]),
        supervisor("v2", at=3, lendable=True),
        site(3),
        supervisor("t1"),
        supervisor("i1", institutes=["30GB"]),
        student(),
    ]
    related = [{"student": "wiskunde", "place": "engels", "cost": 40}]
    facts = region(things, settings(levers=levers, related=related))
    found = list(options_of(Atlas(facts), student()))
    assert {option.guide.supervisor for option in found} == {"v1", "v2"}
    assert {option.cost for option in found} == {40 + 30, 40 + 40}  # a starter; somebody lent
    assert all(not check(facts, plan(facts, option.placement())) for option in found)
    assert list(options_of(Atlas(region(things, settings(related=related))), student())) == []


def test_the_place_that_holds_keeps_its_state_and_the_others_cost_a_move() -> None:
    facts = region([*region().sites.values(), workplace(1), workplace(2), *region().supervisors.values(), student()])
    facts = replace(facts, placements=(placement(),))
    costs = {place.workplace: place.cost for place in places_of(Atlas(facts), student())}
    assert costs == {"w1": 0, "w2": 200}
