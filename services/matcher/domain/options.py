"""Where a student could be placed and with whom: every place that fits, each with its static cost."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import attrgetter
from typing import TypeVar

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.prices import is_kept, move_cost, supervisor_move_cost, wish_cost
from services.matcher.domain.region import Site, Student, Supervisor, Workplace
from services.matcher.domain.rules import (
    Tie,
    allowed_period_sets,
    guides_subject,
    guides_support,
    may_be_at,
    phase_fits,
    related_cost,
    shares_days,
    support_fits,
    travel_limit,
)
from services.matcher.domain.settings import Needs
from services.matcher.domain.travel import travel_cost, travel_minutes
from services.matcher.domain.vocabulary import PlacementState, Tier

PeriodSet = tuple[int, tuple[PeriodId, ...]]


@dataclass(frozen=True, slots=True)
class Guide:
    """A workplace supervisor for a place: the share, what it takes of their hours, and what it costs."""

    supervisor: SupervisorId
    qh: int
    taken_qh: int
    cost: int


@dataclass(frozen=True, slots=True)
class Place:
    """A workplace in a period set for a student, with everybody who could guide there, cheapest first."""

    student: StudentId
    set_index: int
    periods: tuple[PeriodId, ...]
    workplace: WorkplaceId
    site: SiteId
    minutes: int
    cost: int
    state: PlacementState
    guides: tuple[Guide, ...]
    sos: tuple[SupervisorId | None, ...]
    ios: tuple[SupervisorId | None, ...]
    members: tuple[Guide, ...] = ()
    """Who could be one of a team, where teams are asked for."""


Priced = TypeVar("Priced", Guide, Place)


@dataclass(frozen=True, slots=True)
class Asked:
    """The hours that somebody must have to be named for a place: as the guide, and as a member of a team (None: no teams)."""

    guide: int
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One complete way to place a student."""

    place: Place
    guide: Guide
    so: SupervisorId | None
    io: SupervisorId | None

    @property
    def cost(self) -> int:
        """Points apart from load and fairness, which depend on the others."""
        return self.place.cost + self.guide.cost

    def placement(self) -> Placement:
        """The option as a placement."""
        share = WpbShare(self.guide.supervisor, self.guide.qh)
        place = self.place
        return Placement(place.student, place.periods, place.workplace, (share,), self.so, self.io, state=place.state)


def places_of(atlas: Atlas, student: Student, asked: Asked | None = None) -> list[Place]:
    """Every place of a student where seats and hours would do in an empty region, cheapest first, ties by hash.

    Without `asked` a guide has the hours of the norm and there are no teams.
    """
    key = ("places", student.id, asked)
    if key not in atlas.memo:
        atlas.memo[key] = _places_of(atlas, student, asked)
    known: list[Place] = atlas.memo[key]
    return known


def _places_of(atlas: Atlas, student: Student, asked: Asked | None) -> list[Place]:
    sets = list(allowed_period_sets(atlas.region, student))
    found: list[Place] = []
    for workplace, site, subject_cost in atlas.workplaces_near(student):
        found.extend(_at_workplace(atlas, student, (workplace, site), subject_cost, (sets, asked)))
    seed = atlas.region.settings.seed
    return cheapest_first(found, lambda one: tie_break(seed, student.id, one.workplace, str(one.set_index)))


def place_at(
    atlas: Atlas,
    student: Student,
    workplace_id: WorkplaceId,
    periods: Iterable[PeriodId],
    asked: Asked | None = None,
) -> Place | None:
    """The student's place at one workplace in these periods, in whatever order; None when it is none of their places."""
    workplace, wanted = atlas.region.workplaces.get(workplace_id), set(periods)
    site = atlas.region.sites.get(workplace.site) if workplace is not None else None
    if workplace is None or site is None or site.sector is not student.sector:
        return None
    cost = related_cost(atlas.region.settings, student.subject, workplace.subject)
    sets = [one for one in allowed_period_sets(atlas.region, student) if set(one[1]) == wanted]
    if cost is None:
        return None
    return next(iter(_at_workplace(atlas, student, (workplace, site), cost, (sets, asked))), None)


def _at_workplace(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    subject_cost: int,
    wanted: tuple[Sequence[PeriodSet], Asked | None],
) -> Iterator[Place]:
    (workplace, site), settings = where, atlas.region.settings
    if not (phase_fits(workplace, student) and support_fits(site, student) and may_be_at(student, site.id)):
        return
    minutes, needs, (sets, asked) = travel_minutes(settings.travel, student, site), atlas.needs(student.id), wanted
    if minutes > travel_limit(settings, student) or needs is None:
        return
    cost = subject_cost + travel_cost(settings.costs, minutes) + wish_cost(settings.costs, student, site.id)
    for when in sets:
        place = _place(atlas, student, where, when, (minutes, cost, asked or Asked(needs.wpb)))
        if place is not None:
            yield place


def _place(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    when: PeriodSet,
    terms: tuple[int, int, Asked],
) -> Place | None:
    (workplace, site), (index, periods), (minutes, cost, asked) = where, when, terms
    if any(workplace.seats.get(period, 0) < 1 for period in periods):
        return None
    guides = guides_of(atlas, student, where, periods, asked.guide)
    members = () if asked.member is None else people_with_hours(atlas, student, where, periods, asked.member)
    sos, ios = trainers_of(atlas, student, Tier.SO, site, periods), trainers_of(atlas, student, Tier.IO, site, periods)
    if not (guides or len(members) > 1) or not sos or not ios:
        return None
    costs, held = atlas.region.settings.costs, atlas.held.get(student.id)
    kept = is_kept(held, workplace.id, periods)
    total = cost + costs.later_set * index + (0 if kept else move_cost(costs, held))
    state = held.state if held is not None and kept else PlacementState.PROPOSED
    return Place(student.id, index, periods, workplace.id, site.id, minutes, total, state, guides, sos, ios, members)


def may_guide(atlas: Atlas, student: Student, where: tuple[Workplace, Site]) -> list[tuple[Supervisor, Tie]]:
    """Who may guide this student at a workplace, days and hours apart."""
    workplace, site = where
    return [
        (one, tie)
        for one, tie in atlas.tied(site)
        if guides_subject(one, workplace.subject, tie) and guides_support(one, student)
    ]


def guides_of(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    periods: tuple[PeriodId, ...],
    least_qh: int | None = None,
) -> tuple[Guide, ...]:
    """Who could guide this student at a workplace if they guided nobody else, cheapest first, ties by hash.

    They have the hours of the student's norm, or at least `least_qh`.
    """
    held = atlas.held.get(student.id)
    guides = people_with_hours(atlas, student, where, periods, least_qh)
    costs, settings = atlas.region.settings.costs, atlas.region.settings
    if is_kept(held, where[0].id, periods):
        moves = [(one, supervisor_move_cost(costs, held, one.supervisor)) for one in guides]
        guides = tuple(replace(one, cost=one.cost + points) if points else one for one, points in moves)
    seed, workplace = settings.seed, where[0].id
    return tuple(cheapest_first(guides, lambda one: tie_break(seed, student.id, workplace, one.supervisor)))


def people_with_hours(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    periods: tuple[PeriodId, ...],
    least_qh: int | None = None,
) -> tuple[Guide, ...]:
    """As `guides_of`, but without the price of a move, and in an order that is the same for every student."""
    need = atlas.needs(student.id)
    if need is None:
        return ()
    least = need.wpb if least_qh is None else least_qh
    key = ("guides", where[0].id, periods, need.wpb, least, student.support, student.days)
    if key not in atlas.memo:
        atlas.memo[key] = tuple(_guides(atlas, student, where, periods, (need.wpb, least)))
    found: tuple[Guide, ...] = atlas.memo[key]
    return found


def _guides(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    periods: tuple[PeriodId, ...],
    hours: tuple[int, int],
) -> Iterator[Guide]:
    (need, least), settings = hours, atlas.region.settings
    for one, tie in may_guide(atlas, student, where):
        overhead = settings.levers.lending.overhead_qh if tie is Tie.LENT else 0
        if shares_days(settings, one, student) and has_room_alone(atlas, one, least + overhead, periods):
            cost = (settings.costs.lending if tie is Tie.LENT else 0) + (settings.costs.starter if one.starter else 0)
            yield Guide(one.id, need, need + overhead, cost)


def trainers_of(
    atlas: Atlas, student: Student, tier: Tier, site: Site, periods: tuple[PeriodId, ...]
) -> tuple[SupervisorId | None, ...]:
    """The trainers who could take this student at a site if they had nobody else; only None when none is needed."""
    needs = atlas.needs(student.id)
    need = trainer_need(needs, tier) if needs is not None else 0
    if need == 0:
        return (None,)
    asked = need + site_hours(atlas, tier)
    key = ("trainers", tier, site.id, periods, asked, student.institute)
    if key not in atlas.memo:
        people = atlas.trainers(tier, site.id, student)
        atlas.memo[key] = tuple(one.id for one in people if has_room_alone(atlas, one, asked, periods))
    found: tuple[SupervisorId, ...] = atlas.memo[key]
    return found


def trainer_need(needs: Needs, tier: Tier) -> int:
    """The hours of a trainer's tier."""
    return needs.so if tier is Tier.SO else needs.io


def site_hours(atlas: Atlas, tier: Tier) -> int:
    """The fixed hours of a trainer for every site where they guide somebody."""
    fixed = atlas.region.settings.trainer_site_qh
    return fixed.so if tier is Tier.SO else fixed.io


def has_room_alone(atlas: Atlas, person: Supervisor, qh: int, periods: tuple[PeriodId, ...]) -> bool:
    """Would have the hours and the head count if they guided nobody else."""
    return person.max_students != 0 and all(atlas.qh(person.id, period) >= qh for period in periods)


def options_of(atlas: Atlas, student: Student) -> Iterator[Option]:
    """Every complete option: period set x workplace x workplace supervisor x school trainer x institute trainer."""
    for place in places_of(atlas, student):
        for guide in place.guides:
            for so in place.sos:
                for io in place.ios:
                    yield Option(place, guide, so, io)


def cheapest_first(things: Iterable[Priced], tie: Callable[[Priced], bytes]) -> list[Priced]:
    """By cost, and what costs the same by `tie`, which is asked of nothing else."""
    found, first = sorted(things, key=attrgetter("cost")), 0
    for last in range(1, len(found) + 1):
        if last == len(found) or found[last].cost != found[first].cost:
            if last - first > 1:
                found[first:last] = sorted(found[first:last], key=tie)
            first = last
    return found


def tie_break(seed: int, *ids: str) -> bytes:
    """A seeded hash that orders what costs the same, whatever the order of the input."""
    return blake2b("\x1f".join((str(seed), *ids)).encode(), digest_size=8).digest()
