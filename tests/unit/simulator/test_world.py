"""An invented region is deterministic, holds together, and offers a little less guidance than is asked."""

import random
from collections import Counter

import pytest

from shared.contracts.vocabulary import Sector, SiteRole, Tier
from simulator import requests
from simulator.catalogue import NOT_OFFERED, norm_for
from simulator.run import Wanted, invent
from simulator.schools import invent_schools


@pytest.mark.parametrize("students", [10, 60, 300])
def test_the_same_seed_gives_the_same_region_and_another_seed_another(students: int) -> None:
    one, same, other = (invent(Wanted(students, seed)) for seed in (1, 1, 2))

    assert [one.students, one.supervisors, one.workplaces] == [same.students, same.supervisors, same.workplaces]
    assert one.students != other.students
    assert len(one.students) == students


def test_everything_refers_to_what_is_there() -> None:
    world = invent(Wanted(300, 1))
    sites = {site.id for site in world.sites}
    cores = {site.id for site in world.sites if site.role is SiteRole.CORE}
    institutes = {each.id for each in world.institutes}

    assert len(sites) == len(world.sites) == len(world.schools)
    assert {site.core for site in world.sites} - {None} <= cores
    assert {each.site for each in world.workplaces} <= sites
    assert {site for each in world.supervisors for site in each.profile.sites} - {"*"} <= sites
    assert {each.institute for each in world.students} <= institutes
    assert {period for each in world.supervisors for period in each.profile.qh} == set(world.year.names)


def test_shell_schools_are_sent_after_their_core() -> None:
    world = invent(Wanted(300, 1))
    known: set[str] = set()
    for stage in requests.everything_before_students(world)[:2]:
        for request in stage:
            assert request.body is not None
            assert request.body["core"] is None or request.body["core"] in known
        known |= {request.path.removeprefix("/sites/") for request in stage}
    assert known == set(world.schools)


@pytest.mark.parametrize("seed", range(5))
def test_workplace_supervisors_offer_a_few_hours_in_a_hundred_too_little_and_trainers_enough(seed: int) -> None:
    world = invent(Wanted(300, seed))
    asked: Counter[Tier] = Counter()
    offered: Counter[Tier] = Counter()
    for student in world.students:
        norm = norm_for(student.route, student.phase, student.support)
        periods = len(student.period_sets[0])
        hours = {Tier.WORKPLACE_SUPERVISOR: norm.wpb, Tier.SCHOOL_TRAINER: norm.so, Tier.INSTITUTE_TRAINER: norm.io}
        for tier, qh in hours.items():
            asked[tier] += qh * periods
    for each in world.supervisors:
        offered[each.profile.tier] += sum(each.profile.qh.values())

    assert 0.90 < offered[Tier.WORKPLACE_SUPERVISOR] / asked[Tier.WORKPLACE_SUPERVISOR] < 1.03
    assert offered[Tier.SCHOOL_TRAINER] > asked[Tier.SCHOOL_TRAINER]
    assert offered[Tier.INSTITUTE_TRAINER] > asked[Tier.INSTITUTE_TRAINER]


def test_there_are_seats_for_every_subject_that_is_offered() -> None:
    world = invent(Wanted(300, 1))
    asked = Counter((each.sector, each.subject) for each in world.students)
    seats: Counter[tuple[Sector, str]] = Counter()
    for workplace in world.workplaces:
        seats[world.schools[workplace.site].sector, workplace.subject] += sum(workplace.seats.values())

    assert all(seats[key] >= count for key, count in asked.items() if key[1] not in NOT_OFFERED)


def test_invented_schools_have_numbers_that_belong_to_nobody() -> None:
    schools = invent_schools(random.Random(1), 200)

    assert len({school.id for school in schools}) == 200
    assert all(school.id.startswith("9") for school in schools)


def test_addresses_of_people_are_examples_only() -> None:
    world = invent(Wanted(300, 1))

    assert all(each.email.endswith(".example.org") for each in world.contacts)
    assert {each.role for each in world.contacts} == {"programme-manager", "institute-coordinator", "school-trainer"}
