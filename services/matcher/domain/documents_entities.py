"""Reads periods, sites, workplaces, supervisors, students and placements from documents."""

from typing import cast

from services.matcher.domain.documents_settings import count, needs, support_class
from services.matcher.domain.ids import InstituteId, PeriodId, RegionId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.reading import Node, texts
from services.matcher.domain.region import Absence, Period, Site, Student, Supervisor, Workplace
from services.matcher.domain.vocabulary import WEEKDAYS, Kind, PlacementState, Relief, Sector, SiteRole, Tier


def period_id(node: Node) -> PeriodId:
    """The id of a period."""
    return PeriodId(node.text())


def site_id(node: Node) -> SiteId:
    """The id of a site."""
    return SiteId(node.text())


def workplace_id(node: Node) -> WorkplaceId:
    """The id of a workplace."""
    return WorkplaceId(node.text())


def supervisor_id(node: Node) -> SupervisorId:
    """The id of a supervisor."""
    return SupervisorId(node.text())


def student_id(node: Node) -> StudentId:
    """The id of a student."""
    return StudentId(node.text())


def period_set(node: Node) -> tuple[PeriodId, ...]:
    """One or more different periods."""
    periods = node.each(period_id, least=1)
    if len(set(periods)) < len(periods):
        node.refuse("each period once")
    return periods


def days(node: Node) -> tuple[str, ...]:
    """Days of the week."""
    return node.each(lambda day: day.word(WEEKDAYS))


def per_period(node: Node) -> dict[PeriodId, int]:
    """A number for each period."""
    return cast("dict[PeriodId, int]", node.table(count))


def period(node: Node) -> Period:
    """A period; it ends on or after the day it starts."""
    fields = node.fields()
    result = Period(
        fields.required("id", period_id), fields.required("start", Node.day), fields.required("end", Node.day)
    )
    if result.end < result.start:
        node.refuse("an end on or after the start")
    fields.close()
    return result


def site(node: Node) -> Site:
    """A site; a shell names its core."""
    fields = node.fields()
    result = Site(
        id=fields.required("id", site_id),
        sector=fields.required("sector", lambda found: found.one_of(Sector)),
        lat=fields.required("lat", lambda found: found.degrees(90)),
        lon=fields.required("lon", lambda found: found.degrees(180)),
        role=fields.optional("role", lambda found: found.one_of(SiteRole), SiteRole.CORE),
        core=fields.nullable("core", site_id),
        min_students=fields.optional("min_students", count, 0),
        max_support=fields.optional("max_support", support_class, 3),
        region=fields.nullable("region", lambda found: RegionId(found.text())),
    )
    if result.role is SiteRole.SHELL and result.core is None:
        node.refuse("a core, since the role is shell")
    fields.close()
    return result


def workplace(node: Node) -> Workplace:
    """A workplace."""
    fields = node.fields()
    result = Workplace(
        id=fields.required("id", workplace_id),
        site=fields.required("site", site_id),
        subject=fields.required("subject", Node.text),
        seats=fields.optional("seats", per_period, {}),
        phases=fields.optional("phases", texts, ()),
    )
    fields.close()
    return result


def _absence(node: Node) -> Absence:
    fields = node.fields()
    result = Absence(fields.required("start", Node.day), fields.nullable("end", Node.day))
    if result.end is not None and result.end < result.start:
        node.refuse("an end on or after the start")
    fields.close()
    return result


def supervisor(node: Node) -> Supervisor:
    """A supervisor of any tier."""
    fields = node.fields()
    result = Supervisor(
        id=fields.required("id", supervisor_id),
        tier=fields.required("tier", lambda found: found.one_of(Tier)),
        kind=fields.optional("kind", lambda found: found.one_of(Kind), Kind.TEACHER),
        sites=fields.optional("sites", texts, ()),
        institutes=fields.optional("institutes", lambda found: found.each(lambda one: InstituteId(one.text())), ()),
        subjects=fields.optional("subjects", texts, ()),
        qh=fields.optional("qh", per_period, {}),
        max_students=fields.nullable("max_students", count),
        max_support=fields.optional("max_support", support_class, 3),
        starter=fields.optional("starter", Node.flag, False),
        lendable=fields.optional("lendable", Node.flag, False),
        days=fields.optional("days", days, ()),
        absences=fields.optional("absences", lambda found: found.each(_absence), ()),
        departs=fields.nullable("departs", Node.day),
    )
    fields.close()
    return result


def student(node: Node) -> Student:
    """A student."""
    fields = node.fields()
    result = Student(
        id=fields.required("id", student_id),
        institute=fields.required("institute", lambda found: InstituteId(found.text())),
        route=fields.required("route", Node.text),
        phase=fields.required("phase", Node.text),
        support=fields.required("support", support_class),
        sector=fields.required("sector", lambda found: found.one_of(Sector)),
        subject=fields.required("subject", Node.text),
        lat=fields.required("lat", lambda found: found.degrees(90)),
        lon=fields.required("lon", lambda found: found.degrees(180)),
        period_sets=fields.required("period_sets", lambda found: found.each(period_set, least=1)),
        wishes=fields.optional("wishes", lambda found: found.each(site_id), ()),
        not_sites=fields.optional("not_sites", lambda found: found.each(site_id), ()),
        only_sites=fields.optional("only_sites", lambda found: found.each(site_id), ()),
        together=fields.optional("together", lambda found: found.each(student_id), ()),
        apart=fields.optional("apart", lambda found: found.each(student_id), ()),
        duo=fields.optional("duo", Node.flag, False),
        days=fields.optional("days", days, ()),
        max_travel_min=fields.nullable("max_travel_min", count),
        needs=fields.nullable("needs", needs),
    )
    fields.close()
    return result


def _share(node: Node) -> WpbShare:
    fields = node.fields()
    result = WpbShare(fields.required("supervisor", supervisor_id), fields.required("qh", count))
    fields.close()
    return result


def placement(node: Node) -> Placement:
    """A placement, of today or of a plan."""
    fields = node.fields()
    result = Placement(
        student=fields.required("student", student_id),
        periods=fields.required("periods", period_set),
        workplace=fields.required("workplace", workplace_id),
        wpb=fields.optional("wpb", lambda found: found.each(_share), ()),
        so=fields.nullable("so", supervisor_id),
        io=fields.nullable("io", supervisor_id),
        duo_with=fields.nullable("duo_with", student_id),
        relief=fields.nullable("relief", lambda found: found.one_of(Relief)),
        state=fields.optional("state", lambda found: found.one_of(PlacementState), PlacementState.PROPOSED),
    )
    fields.close()
    return result
