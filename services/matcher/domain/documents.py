"""Region and plan files, and the documents of single facts, to the domain's values and back."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from services.matcher.domain import documents_entities as entities
from services.matcher.domain import documents_settings, references
from services.matcher.domain.documents_writing import plain, plan_to_document, region_to_document
from services.matcher.domain.ids import RegionId
from services.matcher.domain.plan import Certificate, Placement, Plan, Unplaced
from services.matcher.domain.reading import Node, Problem, RegionProblems, read_all
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Period, Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Settings

__all__ = [
    "PLAN_FORMAT",
    "REGION_FORMAT",
    "Problem",
    "RegionProblems",
    "period_from_document",
    "placement_from_document",
    "plain",
    "plan_from_document",
    "plan_to_document",
    "region_from_document",
    "region_to_document",
    "settings_from_document",
    "site_from_document",
    "student_from_document",
    "supervisor_from_document",
    "unplaced_from_document",
    "workplace_from_document",
]

REGION_FORMAT = "leerplek/region/1"
PLAN_FORMAT = "leerplek/plan/1"
T = TypeVar("T")
Id = TypeVar("Id", bound=str)
Document = Mapping[str, Any]


def region_from_document(document: object) -> Region:
    """The region of a file; raises RegionProblems with all problems of the file at once."""
    return read_all(document, _region)


def plan_from_document(document: object, region: Region | None = None) -> Plan:
    """The plan of a file; with a region it must also be for that region and day and refer to what is in it."""

    def read(node: Node) -> Plan:
        plan = _plan(node)
        if region is not None:
            references.check_plan(plan, region, node)
        return plan

    return read_all(document, read)


def settings_from_document(document: object) -> Settings:
    """The settings of a region; raises RegionProblems."""
    return read_all(document, documents_settings.settings)


def period_from_document(document: object) -> Period:
    """A period; raises RegionProblems."""
    return read_all(document, entities.period)


def site_from_document(document: object) -> Site:
    """A site; raises RegionProblems."""
    return read_all(document, entities.site)


def workplace_from_document(document: object) -> Workplace:
    """A workplace; raises RegionProblems."""
    return read_all(document, entities.workplace)


def supervisor_from_document(document: object) -> Supervisor:
    """A supervisor; raises RegionProblems."""
    return read_all(document, entities.supervisor)


def student_from_document(document: object) -> Student:
    """A student; raises RegionProblems."""
    return read_all(document, entities.student)


def placement_from_document(document: object) -> Placement:
    """A placement; raises RegionProblems."""
    return read_all(document, entities.placement)


def unplaced_from_document(document: object) -> Unplaced:
    """A student without a place, and why; raises RegionProblems."""
    return read_all(document, _unplaced)


def _region(node: Node) -> Region:
    fields = node.fields()
    fields.required("format", lambda found: found.word((REGION_FORMAT,)))
    region_id = RegionId(fields.required("region", Node.text))
    today = fields.required("today", Node.day)
    periods = fields.required("periods", lambda found: found.each(entities.period, least=1))
    settings = fields.required("settings", documents_settings.settings)
    sites = fields.many("sites", entities.site)
    workplaces = fields.many("workplaces", entities.workplace)
    supervisors = fields.many("supervisors", entities.supervisor)
    students = fields.many("students", entities.student)
    placements = fields.many("placements", entities.placement)
    fields.close()
    region = Region(
        id=region_id,
        today=today,
        settings=settings,
        periods=_by_id(node, "periods", periods, lambda one: one.id),
        sites=_by_id(node, "sites", sites, lambda one: one.id),
        workplaces=_by_id(node, "workplaces", workplaces, lambda one: one.id),
        supervisors=_by_id(node, "supervisors", supervisors, lambda one: one.id),
        students=_by_id(node, "students", students, lambda one: one.id),
        placements=placements,
    )
    _by_id(node, "placements", placements, lambda one: one.student)
    references.check_region(region, references.Listed(sites, workplaces, supervisors, students), node)
    return region


def _by_id(node: Node, name: str, things: Iterable[T], id_of: Callable[[T], Id]) -> dict[Id, T]:
    found: dict[Id, T] = {}
    for number, thing in enumerate(things):
        if id_of(thing) in found:
            node.problems.append(Problem(f"{name}[{number}]", id_of(thing), "an id that is used once"))
        found[id_of(thing)] = thing
    return found


def _plan(node: Node) -> Plan:
    fields = node.fields()
    fields.required("format", lambda found: found.word((PLAN_FORMAT,)))
    plan = Plan(
        region=RegionId(fields.required("region", Node.text)),
        today=fields.required("today", Node.day),
        placements=fields.required("placements", lambda found: found.each(entities.placement)),
        unplaced=fields.optional("unplaced", lambda found: found.each(_unplaced), ()),
        certificate=fields.nullable("certificate", _certificate),
    )
    fields.close()
    return plan


def _unplaced(node: Node) -> Unplaced:
    fields = node.fields()
    result = Unplaced(
        student=fields.required("student", entities.student_id),
        reason=fields.required("reason", lambda found: found.one_of(Reason)),
        facts=fields.optional("facts", lambda found: found.table(Node.integer), {}),
        workplaces=fields.many("workplaces", entities.workplace_id),
        supervisors=fields.many("supervisors", entities.supervisor_id),
    )
    fields.close()
    return result


def _certificate(node: Node) -> Certificate:
    fields = node.fields()
    result = Certificate(
        value=fields.required("value", lambda found: found.integer(0, 10**15)),
        bound=float(fields.required("bound", lambda found: found.decimal(-(10**15), 10**15))),
        gap=float(fields.required("gap", lambda found: found.decimal(-(10**15), 10**15))),
        unplaced_bound=fields.optional("unplaced_bound", documents_settings.count, 0),
        parts=fields.optional("parts", lambda found: found.table(lambda part: part.integer(0, 10**15)), {}),
    )
    fields.close()
    return result
