"""What a region has and what is asked of it, counted in small regions by hand and in invented ones against the plan."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.domain.capacity import WHOLE_REGION, Figures, Spot, capacity, tiers
from services.matcher.domain.ids import PeriodId, SiteId
from services.matcher.domain.region import Absence, Region
from services.matcher.domain.vocabulary import Tier
from tests.support.planning import planned_anew
from tests.support.regions import invented_region, region, site, student, supervisor, workplace

PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]


def planned(of: Region) -> Region:
    """The region with its plan as what holds."""
    found = planned_anew(of).outcome
    return replace(of, placements=tuple(found.placed[one] for one in sorted(found.placed)))


def at(of: Region, spot_site: str) -> dict[str, Figures]:
    """The figures at a site by period."""
    return {spot.period: figures for spot, figures in capacity(of).items() if spot.site == spot_site}


def test_seats_are_taken_by_who_is_placed_and_who_waits_is_counted_for_the_whole_region() -> None:
    school = planned(region([site(), workplace(), *PEOPLE, student(1), student(2), student(3)]))
    seats = {period: sum(one.seats.get(period, 0) for one in school.workplaces.values()) for period in school.periods}
    placed = {period: sum(period in one.periods for one in school.placements) for period in school.periods}
    here, everywhere = at(school, "01AA01"), at(school, WHOLE_REGION)
    for period, figures in here.items():
        assert (figures.seats, figures.taken) == (seats[PeriodId(period)], placed[PeriodId(period)])
        assert figures.students == figures.taken
    asked = school.students[min(school.students)].period_sets[0]
    assert {everywhere[period].students for period in asked} == {3}
    assert {everywhere[period].unplaced for period in asked} == {3 - len(school.placements)}


def test_who_is_away_has_no_hours_and_who_guides_another_subject_has_none_here() -> None:
    school = region([site(), workplace(), *PEOPLE, student(1)])
    period = next(iter(school.periods))
    guide = next(one for one in school.supervisors.values() if one.tier is Tier.WPB)
    there = at(school, "01AA01")[period].qh
    assert there == guide.qh[PeriodId(period)] > 0
    away = replace(guide, absences=(Absence(school.today),))
    other = replace(guide, subjects=("gymnastiek",))
    for changed in (away, other):
        without = replace(school, supervisors={**school.supervisors, guide.id: changed})
        assert at(without, "01AA01")[period].qh == 0
        assert at(without, WHOLE_REGION)[period].qh == 0


def test_hours_at_two_sites_count_at_each_and_once_for_the_region() -> None:
    school = region([site(), site(2), workplace(), workplace(2, site="01AA02"), *PEOPLE, student(1)])
    guide = next(one for one in school.supervisors.values() if one.tier is Tier.WPB)
    both = replace(guide, sites=("01AA01", "01AA02"))
    school = replace(school, supervisors={**school.supervisors, guide.id: both})
    period = next(iter(school.periods))
    figures = [at(school, one)[period].qh for one in ("01AA01", "01AA02", WHOLE_REGION)]
    assert figures == [guide.qh[PeriodId(period)]] * 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sites_add_up_to_the_region_and_the_region_to_its_plan(seed: int) -> None:
    of = planned(invented_region(seed, 60, 8, scarcity=1.4))
    found = capacity(of)
    everywhere = {spot: figures for spot, figures in found.items() if spot.site == WHOLE_REGION}
    for spot, figures in everywhere.items():
        sites = [one for other, one in found.items() if other.site and replace(other, site=WHOLE_REGION) == spot]
        assert figures.seats == sum(one.seats for one in sites)
        assert figures.taken == sum(one.taken for one in sites) <= figures.seats
        assert figures.qh_used == sum(one.qh_used for one in sites)
    left = [one for one in of.students.values() if one.id not in {held.student for held in of.placements}]
    assert sum(one.unplaced for one in everywhere.values()) == sum(len(one.period_sets[0]) for one in left)
    assert sum(one.taken for one in everywhere.values()) == sum(len(one.periods) for one in of.placements)


def test_each_tier_has_its_hours_once_and_what_the_plan_uses() -> None:
    of = planned(invented_region(1, 60, 8, scarcity=1.4))
    for one in tiers(of):
        assert 0 <= one.qh_used <= one.qh
    guided = sum(share.qh * len(held.periods) for held in of.placements for share in held.wpb)
    assert sum(one.qh_used for one in tiers(of) if one.tier is Tier.WPB) == guided


def test_what_refers_to_nothing_is_not_counted() -> None:
    school = planned(region([site(), workplace(), *PEOPLE, student(1)]))
    lost = replace(school, workplaces={}, sites={})
    found = capacity(lost)
    assert {spot.site for spot in found} == {SiteId("")}
    assert all(figures.taken == figures.seats == 0 for figures in found.values())
    assert Spot("vo", "x", WHOLE_REGION, PeriodId("p")) < Spot("vo", "y", WHOLE_REGION, PeriodId("p"))
