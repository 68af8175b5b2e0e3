"""Where a student could be placed and with whom: every place that fits, each with its static cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.guides import Guide, dearer_by_moves, guides_of, people_with_hours, trainers_of
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ordering import cheapest_first, tie_break
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.prices import is_kept, move_cost, wish_cost
from services.matcher.domain.region import Site, Student, Workplace
from services.matcher.domain.rules import (
    allowed_period_sets,
    may_be_at,
    phase_fits,
    related_cost,
    support_fits,
    travel_limit,
)
from services.matcher.domain.travel import travel_cost, travel_minutes
from services.matcher.domain.vocabulary import PlacementState, Tier

PeriodSet = tuple[int, tuple[PeriodId, ...]]


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
    known, held = open_places_of(atlas, student, asked), atlas.held.get(student.id)
    if held is None:
        return known
    return _cheapest_of(atlas, student, [as_held(atlas, student, one, held) for one in known])


def open_places_of(atlas: Atlas, student: Student, asked: Asked | None = None) -> list[Place]:
    """As `places_of`, but as if the student held nothing: that changes less often than what they hold."""
    # a student is also asked about as if they wanted one site only
    key = ("places", student.id, asked, student.only_sites)
    if key not in atlas.memo:
        atlas.memo[key] = _open_places_of(atlas, student, asked)
    known: list[Place] = atlas.memo[key]
    return known


def _open_places_of(atlas: Atlas, student: Student, asked: Asked | None) -> list[Place]:
    sets = list(allowed_period_sets(atlas.region, student))
    found: list[Place] = []
    for workplace, site, subject_cost in atlas.workplaces_near(student):
        found.extend(_at_workplace(atlas, student, (workplace, site), subject_cost, (sets, asked)))
    return _cheapest_of(atlas, student, found)


def _cheapest_of(atlas: Atlas, student: Student, places: Iterable[Place]) -> list[Place]:
    seed = atlas.region.settings.seed
    return cheapest_first(places, lambda one: place_tie(seed, student.id, one.workplace, one.set_index))


def as_held(atlas: Atlas, student: Student, place: Place, held: Placement) -> Place:
    """A place with what it costs to leave what holds, or with who guides there today before others."""
    costs = atlas.region.settings.costs
    if not is_kept(held, place.workplace, place.periods):
        return replace(place, cost=place.cost + move_cost(costs, held))
    guides = dearer_by_moves(atlas, student, place.workplace, place.guides, held)
    return replace(place, state=held.state, guides=guides)


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
    held, found = atlas.held.get(student.id), _at_workplace(atlas, student, (workplace, site), cost, (sets, asked))
    place = next(found, None)
    return place if place is None or held is None else as_held(atlas, student, place, held)


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
    total, state = cost + atlas.region.settings.costs.later_set * index, PlacementState.PROPOSED
    return Place(student.id, index, periods, workplace.id, site.id, minutes, total, state, guides, sos, ios, members)


def options_of(atlas: Atlas, student: Student) -> Iterator[Option]:
    """Every complete option: period set x workplace x workplace supervisor x school trainer x institute trainer."""
    for place in places_of(atlas, student):
        for guide in place.guides:
            for so in place.sos:
                for io in place.ios:
                    yield Option(place, guide, so, io)


def place_tie(seed: int, student: StudentId, workplace: WorkplaceId, set_index: int) -> bytes:
    """Orders places of one student that cost the same."""
    return tie_break(seed, student, workplace, str(set_index))
