"""Every reference in a file points to something in it, and every student has a norm."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from services.matcher.domain.needs import needs_of
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.reading import Node, Problem
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.vocabulary import EVERY_SITE


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file lists, in its order and with what it lists twice, so that a path tells where something stands."""

    sites: Sequence[Site]
    workplaces: Sequence[Workplace]
    supervisors: Sequence[Supervisor]
    students: Sequence[Student]


def check_region(region: Region, listed: Listed, node: Node) -> None:
    """Note every reference to nothing and every student without a norm."""
    _check_sites_and_workplaces(region, listed, node.problems)
    _check_supervisors(region, listed.supervisors, node.problems)
    _check_students(region, listed.students, node.problems)
    for number, placement in enumerate(region.placements):
        _check_placement(region, placement, f"placements[{number}]", node.problems)


def check_plan(plan: Plan, region: Region, node: Node) -> None:
    """Note what in a plan does not belong to the region."""
    if plan.region != region.id:
        node.problems.append(Problem("region", plan.region, f"the region file's {region.id}"))
    if plan.today != region.today:
        node.problems.append(Problem("today", plan.today.isoformat(), f"the region file's {region.today.isoformat()}"))
    for number, placement in enumerate(plan.placements):
        _check_placement(region, placement, f"placements[{number}]", node.problems)
    for number, unplaced in enumerate(plan.unplaced):
        path = f"unplaced[{number}]"
        _among(node.problems, f"{path}.student", [unplaced.student], region.students, "the id of a student")
        _among(node.problems, f"{path}.workplaces", unplaced.workplaces, region.workplaces, "ids of workplaces")
        _among(node.problems, f"{path}.supervisors", unplaced.supervisors, region.supervisors, "ids of supervisors")


def _among(problems: list[Problem], path: str, used: Iterable[str], known: Collection[str], expected: str) -> None:
    problems.extend(Problem(path, one, expected) for one in used if one and one not in known)


def _check_sites_and_workplaces(region: Region, listed: Listed, problems: list[Problem]) -> None:
    for number, site in enumerate(listed.sites):
        _among(problems, f"sites[{number}].core", [site.core or ""], region.sites, "the id of a site")
    for number, workplace in enumerate(listed.workplaces):
        path = f"workplaces[{number}]"
        _among(problems, f"{path}.site", [workplace.site], region.sites, "the id of a site")
        _among(problems, f"{path}.seats", workplace.seats, region.periods, "ids of periods")


def _check_supervisors(region: Region, supervisors: Sequence[Supervisor], problems: list[Problem]) -> None:
    sites = {*region.sites, EVERY_SITE}
    for number, supervisor in enumerate(supervisors):
        path = f"supervisors[{number}]"
        _among(problems, f"{path}.sites", supervisor.sites, sites, "ids of sites, or *")
        _among(problems, f"{path}.qh", supervisor.qh, region.periods, "ids of periods")


def _check_students(region: Region, students: Sequence[Student], problems: list[Problem]) -> None:
    norms_unreadable = any(problem.path.startswith("settings.norms") for problem in problems)
    for number, student in enumerate(students):
        path = f"students[{number}]"
        for index, periods in enumerate(student.period_sets):
            _among(problems, f"{path}.period_sets[{index}]", periods, region.periods, "ids of periods")
        for name in ("wishes", "not_sites", "only_sites"):
            _among(problems, f"{path}.{name}", getattr(student, name), region.sites, "ids of sites")
        for name in ("together", "apart"):
            named = getattr(student, name)
            strange = [one for one in named if one == student.id or one not in region.students]
            problems.extend(Problem(f"{path}.{name}", one, "ids of other students") for one in strange if one)
        if not norms_unreadable and needs_of(region.settings, student) is None:
            wanted = f"a norm for route {student.route}, phase {student.phase}, support {student.support}"
            problems.append(Problem(path, student.id, wanted))


def _check_placement(region: Region, placement: Placement, path: str, problems: list[Problem]) -> None:
    _among(problems, f"{path}.student", [placement.student], region.students, "the id of a student")
    _among(problems, f"{path}.periods", placement.periods, region.periods, "ids of periods")
    _among(problems, f"{path}.workplace", [placement.workplace], region.workplaces, "the id of a workplace")
    _among(problems, f"{path}.duo_with", [placement.duo_with or ""], region.students, "the id of a student")
    members = [share.supervisor for share in placement.wpb]
    _among(problems, f"{path}.wpb", members, region.supervisors, "ids of supervisors")
    for name in ("so", "io"):
        _among(
            problems, f"{path}.{name}", [getattr(placement, name) or ""], region.supervisors, "the id of a supervisor"
        )
