"""A region as a file can hold it: a file names nothing that is not in it, and every student in it has a norm."""

from collections.abc import Iterable
from dataclasses import replace

from services.matcher.domain.ids import PeriodId, SiteId, StudentId, WorkplaceId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Period, Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Needs
from services.matcher.domain.vocabulary import EVERY_SITE

NO_NEEDS = Needs(0, 0, 0)


def as_filed(region: Region) -> Region:
    """An assembled region without references to nothing, in which the same plans are allowed and cost the same.

    What no plan looks at is left out. Where leaving it out would change a plan, something empty is there instead: a site
    without workplaces for a wish, since the rank of the others counts, or for only sites; a period without seats for a period
    set; a workplace without seats for what was promised. Who has no norm, and so no place, may be at no site.
    """
    placements = tuple(_placement(region, one) for one in region.placements if one.student in region.students)
    workplaces = _empty_workplaces(region, placements)
    named = ((site, one) for one in region.students.values() for site in (*one.wishes, *one.only_sites))
    sites = {**_empty_sites(region, named), **_empty_sites(region, workplaces)}
    return replace(
        region,
        periods={**region.periods, **_empty_periods(region, placements)},
        sites={**region.sites, **sites},
        workplaces={
            **{key: _workplace(region, one) for key, one in region.workplaces.items()},
            **{WorkplaceId(site): Workplace(WorkplaceId(site), site, one.subject) for site, one in workplaces},
        },
        supervisors={key: _supervisor(region, one) for key, one in region.supervisors.items()},
        students={key: _student(region, one) for key, one in region.students.items()},
        placements=placements,
    )


def _student(region: Region, one: Student) -> Student:
    """Nobody is with, or kept from, who is not there; at a site that is not there nobody is placed anyhow."""
    filed = replace(
        one,
        not_sites=tuple(site for site in one.not_sites if site in region.sites),
        together=_others(region, one, one.together),
        apart=_others(region, one, one.apart),
    )
    if needs_of(region.settings, one) is not None:
        return filed
    nowhere = tuple(region.sites)[:1]
    return replace(filed, needs=NO_NEEDS, only_sites=nowhere, not_sites=(*filed.not_sites, *nowhere))


def _others(region: Region, one: Student, named: Iterable[StudentId]) -> tuple[StudentId, ...]:
    return tuple(other for other in named if other in region.students and other != one.id)


def _supervisor(region: Region, one: Supervisor) -> Supervisor:
    """Who is lent comes from the first site; from one that is not there nobody is."""
    sites = tuple(site for site in one.sites if site in region.sites or site == EVERY_SITE)
    qh = {period: hours for period, hours in one.qh.items() if period in region.periods}
    return replace(one, sites=sites, qh=qh, lendable=one.lendable and sites[:1] == one.sites[:1])


def _workplace(region: Region, one: Workplace) -> Workplace:
    return replace(one, seats={period: seats for period, seats in one.seats.items() if period in region.periods})


def _placement(region: Region, one: Placement) -> Placement:
    """Where one of those who guide is not there the place is kept with others, as with no guidance that is known."""
    is_guided = all(share.supervisor in region.supervisors for share in one.wpb)
    return replace(
        one,
        wpb=one.wpb if is_guided else (),
        so=one.so if one.so in region.supervisors else None,
        io=one.io if one.io in region.supervisors else None,
        duo_with=one.duo_with if one.duo_with in region.students else None,
    )


def _empty_sites(region: Region, named: Iterable[tuple[SiteId, Student]]) -> dict[SiteId, Site]:
    """Those that are not there, near whoever names them: nobody goes there, and a map stays as wide as it was."""
    return {site: Site(site, one.sector, one.lat, one.lon) for site, one in named if site not in region.sites}


def _empty_workplaces(region: Region, placements: Iterable[Placement]) -> list[tuple[SiteId, Student]]:
    """Workplaces that are not there, each at a site of the same name, and who had a place there."""
    gone = (one for one in placements if one.workplace not in region.workplaces)
    return [(SiteId(one.workplace), region.students[one.student]) for one in gone]


def _empty_periods(region: Region, placements: Iterable[Placement]) -> dict[PeriodId, Period]:
    asked = (period for one in region.students.values() for periods in one.period_sets for period in periods)
    held = (period for one in placements for period in one.periods)
    unknown = (period for period in (*asked, *held) if period not in region.periods)
    return {period: Period(period, region.today, region.today) for period in unknown}
