"""Workplaces and people who guide, made such that nearly every student could be placed and some cannot.

Every student gets a school nearby in thought; the hours that would take are offered, but for one student in so many.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol, TypeVar

from shared.contracts.availability import SupervisorProfile, WorkplaceOffer
from shared.contracts.region import Norm
from shared.contracts.registrations import StudentNeeds
from shared.contracts.vocabulary import Tier, Weekday
from simulator.catalogue import NOT_OFFERED, SETTINGS, Institute, norm_for
from simulator.people import invent_name
from simulator.schools import School

K = TypeVar("K")
Periods = Sequence[str]
"""The ids of the periods in which guidance is offered."""
WITHOUT_GUIDE = 0.05
"""Share of the students for whom no hours of a workplace supervisor are offered; some still fit in what others leave."""
MOST_HOURS = 20
STUDENTS_EACH = 3
TRAINER_HOURS = 60
WEEK = tuple(Weekday)[:5]


class Asking(Protocol):
    """A student and the school near which they live."""

    @property
    def needs(self) -> StudentNeeds: ...
    @property
    def near(self) -> School: ...


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who guides, with the name that their school knows."""

    name: str
    profile: SupervisorProfile


@dataclass(frozen=True, slots=True)
class Offer:
    """What the schools and institutes offer together."""

    workplaces: Sequence[WorkplaceOffer]
    colleagues: Sequence[Colleague]


@dataclass(frozen=True, slots=True)
class _Thought:
    """A student at a school, in thought."""

    school: School
    needs: StudentNeeds
    norm: Norm
    is_guided: bool


def guidance_for(
    rng: random.Random,
    clusters: Sequence[Sequence[School]],
    institutes: Sequence[Institute],
    asked: Iterable[Asking],
    periods: Periods,
) -> Offer:
    """Workplaces with seats, workplace supervisors, school trainers per cluster and institute trainers, in these periods."""
    thoughts = [_think(rng, each) for each in asked if each.needs.subject not in NOT_OFFERED]
    profiles = [
        *_workplace_supervisors(rng, thoughts, periods),
        *_school_trainers(clusters, thoughts, periods),
        *_institute_trainers(institutes, thoughts, periods),
    ]
    return Offer(_workplaces(rng, thoughts, periods), [Colleague(invent_name(rng), profile) for profile in profiles])


def _think(rng: random.Random, asking: Asking) -> _Thought:
    needs = asking.needs
    norm = norm_for(needs.route, needs.phase, needs.support)
    return _Thought(asking.near, needs, norm, rng.random() >= WITHOUT_GUIDE)


def _workplaces(rng: random.Random, thoughts: Sequence[_Thought], periods: Periods) -> list[WorkplaceOffer]:
    seats: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in thoughts:
        seats[each.school.id, each.needs.subject].update(each.needs.period_sets[0])
    return [
        WorkplaceOffer(site=site, subject=subject, seats={one: wanted[one] + rng.randint(0, 1) for one in periods})
        for (site, subject), wanted in sorted(seats.items())
    ]


def _workplace_supervisors(
    rng: random.Random, thoughts: Sequence[_Thought], periods: Periods
) -> list[SupervisorProfile]:
    guided: dict[tuple[str, str], list[_Thought]] = defaultdict(list)
    for each in thoughts:
        if each.is_guided:
            guided[each.school.id, each.needs.subject].append(each)
    profiles = []
    for (site, subject), students in sorted(guided.items()):
        for group in _divided(students, periods):
            qh = _hours(group, periods)
            profiles.append(
                SupervisorProfile(
                    tier=Tier.WORKPLACE_SUPERVISOR,
                    sites=(site,),
                    subjects=(subject,),
                    qh={period: hours + rng.choice((0, 0, 1)) for period, hours in qh.items()},
                    max_students=STUDENTS_EACH,
                    max_support=max(2, *(each.needs.support for each in group)),
                    days=tuple(sorted(rng.sample(WEEK, 3), key=WEEK.index)) if rng.random() < 0.3 else (),
                )
            )
    return profiles


def _divided(students: Sequence[_Thought], periods: Periods) -> list[list[_Thought]]:
    """Groups that one colleague can guide: few students and not too many hours in any period."""
    groups: list[list[_Thought]] = []
    for each in students:
        for group in groups:
            fuller = [*group, each]
            if len(fuller) <= STUDENTS_EACH and max(_hours(fuller, periods).values()) <= MOST_HOURS:
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def _hours(group: Sequence[_Thought], periods: Periods) -> dict[str, int]:
    return {one: sum(each.norm.wpb for each in group if one in each.needs.period_sets[0]) for one in periods}


def _school_trainers(
    clusters: Sequence[Sequence[School]], thoughts: Sequence[_Thought], periods: Periods
) -> list[SupervisorProfile]:
    """One or more per cluster, who serve all its sites; the hours suffice, with a little to spare."""
    needed: dict[str, Counter[str]] = defaultdict(Counter)
    for each in thoughts:
        for period in each.needs.period_sets[0]:
            needed[each.school.id][period] += each.norm.so
    profiles = []
    for cluster in clusters:
        fixed = SETTINGS.trainer_site_qh.so * len(cluster)
        total = {one: sum(needed[school.id][one] for school in cluster) for one in periods}
        sites = tuple(school.id for school in cluster)
        profiles += _shared_out(Tier.SCHOOL_TRAINER, total, fixed, spare=4, sites=sites)
    return profiles


def _institute_trainers(
    institutes: Sequence[Institute], thoughts: Sequence[_Thought], periods: Periods
) -> list[SupervisorProfile]:
    """As many per institute as its students ask, who visit every school of the region."""
    profiles = []
    for institute in institutes:
        own = [each for each in thoughts if each.needs.institute == institute.id]
        visits = len({each.school.id for each in own}) * SETTINGS.trainer_site_qh.io
        total = {one: sum(each.norm.io for each in own if one in each.needs.period_sets[0]) for one in periods}
        people = _shared_out(Tier.INSTITUTE_TRAINER, total, visits, spare=20, sites=("*",))
        profiles += [each.model_copy(update={"institutes": (institute.id,)}) for each in people]
    return profiles


def _shared_out(
    tier: Tier, total: Mapping[str, int], fixed: int, *, spare: int, sites: tuple[str, ...]
) -> list[SupervisorProfile]:
    """The fewest trainers whose hours hold a total; each has the fixed hours of every site."""
    people = max(1, ceil(max(total.values()) / TRAINER_HOURS))
    qh = {period: ceil(hours / people) + fixed + spare for period, hours in total.items()}
    return [SupervisorProfile(tier=tier, sites=sites, qh=qh) for _ in range(people)]
