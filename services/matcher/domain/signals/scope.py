"""Whom a look is at: those whom the news concerns, or everybody."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from services.matcher.domain.facts import Touched
from services.matcher.domain.holding import held
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.places import Place
from services.matcher.domain.signals.people import guided_by
from services.matcher.domain.signals.scene import Scene


@dataclass(frozen=True, slots=True)
class News:
    """What is news since the last look: facts, the places that are others now with what they were before, and for whom the
    search for another place has come further. `earlier` are places that were others before that, and whose moves are counted."""

    touched: Touched = field(default_factory=Touched)
    changed: Mapping[StudentId, Place | None] = field(default_factory=dict)
    switched: Collection[StudentId] = ()
    earlier: Mapping[StudentId, Place | None] = field(default_factory=dict)

    def then(self, later: "News") -> "News":
        """Both, once the moves of this one are counted."""
        return News(
            self.touched | later.touched,
            later.changed,
            {*self.switched, *later.switched},
            {**self.changed, **self.earlier},
        )

    @property
    def moved(self) -> set[StudentId]:
        """Whose place is another now."""
        return {*self.changed, *self.earlier}


@dataclass(frozen=True, slots=True)
class Scope:
    """Students and people who are looked at, whom these people guide, and the subjects of which shortages are counted.

    `is_whole`: everybody, all subjects, and what is looked at once a day.
    """

    students: Collection[StudentId]
    guided: Mapping[SupervisorId, list[Place]]
    subjects: Collection[str]
    has_other_shares: bool
    is_whole: bool = False


def whole(scene: Scene, overloaded: Collection[SupervisorId]) -> Scope:
    """Everybody; these are overloaded by an open signal."""
    away = {one.id for one in scene.facts.supervisors.values() if one.absences or one.departs is not None}
    people = {*away, *overloaded}
    guided, _ = _around(scene, people, (), ())
    return Scope({*scene.facts.students, *scene.places}, guided, (), has_other_shares=True, is_whole=True)


def near(scene: Scene, news: News, is_overloaded: Callable[[SupervisorId], bool]) -> Scope:
    """Whom something was told of and whose place is another now; whom people guide of whom something was told; who is at a
    site or workplace of which something was told, or where these people could be a back-up."""
    touched, facts = news.touched, scene.facts
    were, moved = (*news.changed.values(), *news.earlier.values()), news.moved
    places = [one for one in (*were, *(scene.places.get(each) for each in sorted(moved))) if one is not None]
    named = {one for placement in map(held, places) if placement is not None for one in guided_by(placement)}
    people = {*touched.supervisors, *(one for one in named if _is_ever_away(scene, one) or is_overloaded(one))}
    told = (facts.supervisors.get(one) for one in touched.supervisors)
    sites = {*touched.sites, *(SiteId(site) for one in told if one is not None for site in one.sites)}
    guided, there = _around(scene, people, sites, touched.workplaces)
    guided_now = {place.student for one in touched.supervisors for place in guided.get(one, ())}
    students = {*touched.students, *moved, *news.switched, *there, *guided_now}
    subjects = _subjects(scene, news, places)
    return Scope(students, guided, subjects, has_other_shares=bool(subjects or touched.students))


def _is_ever_away(scene: Scene, person: SupervisorId) -> bool:
    one = scene.facts.supervisors.get(person)
    return one is not None and (bool(one.absences) or one.departs is not None)


def _around(
    scene: Scene, people: Collection[SupervisorId], sites: Collection[SiteId], workplaces: Collection[WorkplaceId]
) -> tuple[dict[SupervisorId, list[Place]], set[StudentId]]:
    """The places of whom these people guide, and who is at these sites and workplaces."""
    guided: dict[SupervisorId, list[Place]] = {one: [] for one in people}
    there: set[StudentId] = set()
    if not people and not sites and not workplaces:
        return guided, there
    for place in scene.places.values():
        placement = held(place)
        if placement is None:
            continue
        if place.site in sites or placement.workplace in workplaces:
            there.add(place.student)
        if people:
            for one in {placement.so, placement.io, *[share.supervisor for share in placement.wpb]}:
                if one is not None and one in guided:
                    guided[one].append(place)
    return guided, there


def _subjects(scene: Scene, news: News, places: Iterable[Place]) -> set[str]:
    """The subjects in which somebody is or was without a place, of those whom the news is about."""
    told = (scene.places.get(one) for one in news.touched.students)
    waiting = [one for one in (*places, *told) if one is not None and one.unplaced is not None]
    students = (scene.facts.students.get(one.student) for one in waiting)
    return {*(one.subject for one in waiting), *(one.subject for one in students if one is not None)}
