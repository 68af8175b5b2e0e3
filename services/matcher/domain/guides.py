"""Who could guide a student at a place if they guided nobody else, in class and as a trainer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, SupervisorId, WorkplaceId
from services.matcher.domain.ordering import cheapest_first, tie_break
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import supervisor_move_cost
from services.matcher.domain.region import Site, Student, Supervisor, Workplace
from services.matcher.domain.rules import Tie, guides_subject, guides_support, shares_days
from services.matcher.domain.settings import Needs
from services.matcher.domain.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class Guide:
    """A workplace supervisor for a place: the share, what it takes of their hours, and what it costs."""

    supervisor: SupervisorId
    qh: int
    taken_qh: int
    cost: int


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

    They have the hours of the student's norm, or at least `least_qh`. Who guides there today is as dear as anybody.
    """
    return _cheapest_guides(atlas, student, where[0].id, people_with_hours(atlas, student, where, periods, least_qh))


def dearer_by_moves(
    atlas: Atlas, student: Student, workplace: WorkplaceId, guides: Iterable[Guide], held: Placement
) -> tuple[Guide, ...]:
    """With what it costs to go over to another guide at the place that holds."""
    costs = atlas.region.settings.costs
    moves = [(one, supervisor_move_cost(costs, held, one.supervisor)) for one in guides]
    priced = [replace(one, cost=one.cost + points) if points else one for one, points in moves]
    return _cheapest_guides(atlas, student, workplace, priced)


def _cheapest_guides(
    atlas: Atlas, student: Student, workplace: WorkplaceId, guides: Iterable[Guide]
) -> tuple[Guide, ...]:
    seed = atlas.region.settings.seed
    return tuple(cheapest_first(guides, lambda one: tie_break(seed, student.id, workplace, one.supervisor)))


def people_with_hours(
    atlas: Atlas,
    student: Student,
    where: tuple[Workplace, Site],
    periods: tuple[PeriodId, ...],
    least_qh: int | None = None,
) -> tuple[Guide, ...]:
    """As `guides_of`, but in an order that is the same for every student."""
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
