"""`leerplek explain`: why somebody has no place, who holds what they need, what is scarce, and why others are where they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.matcher.domain import insight
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check
from services.matcher.domain.competing import Competition, Waiting
from services.matcher.domain.documents import plain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.insight import Placed, Share
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.reading import Problem
from services.matcher.domain.region import Region
from services.matcher.domain.scarcity import Limit, Limits
from services.matcher.entrypoints import cli_explain_words as words
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.cli_counted import Stop, counted
from services.matcher.entrypoints.cli_output import print_json, say
from services.matcher.entrypoints.cli_remedies import remedy_document
from services.matcher.entrypoints.cli_wishes import grants_document, print_grants

if TYPE_CHECKING:
    from services.matcher.adapters.solver.remedies import Remedy
    from services.matcher.adapters.solver.wishes import Grant

DEAREST = 10
"""So many limits of a region, and"""
DEAREST_FOR_ONE = 3
"""so many of one student are told in a table; --json tells ten times as many."""
MOST_TRIED = 10
"""For so many students at most levers and wishes are tried, each of which is solved for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to explain (nobody named: everybody without a place), and how much to compute for it.

    `prices` insists on the prices of what is scarce, or on none; None computes them where that is quick. `levers` tries for
    each student what would help, `wishes` what each wish would cost, and `at` a place at each of these sites or workplaces.
    """

    students: tuple[str, ...] = ()
    prices: bool | None = None
    levers: bool = False
    wishes: bool = False
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is told: who waits and who is placed, what is scarce, what would help whom, and what wishes cost."""

    waiting: Sequence[Waiting]
    placed: Sequence[Placed]
    limits: Limits
    skipped: float | None
    scarce: Mapping[StudentId, Sequence[Limit]]
    helping: Mapping[StudentId, "Sequence[Remedy]"]
    grants: Mapping[StudentId, "Sequence[Grant]"]
    shares: Sequence[Share]


def explain_files(files: tuple[Path, Path], wanted: Asked, *, as_json: bool) -> None:
    """Explain these students; raises FileProblem, also for an unknown student, site or workplace.

    What is solved for starts from an allowed plan, so then also for a plan that is not allowed.
    """
    region = cli_files.read_region(files[0])
    plan = cli_files.read_plan(files[1], region)
    unknown = list(_unknown(region, wanted))
    if unknown:
        raise cli_files.FileProblem(files[0], unknown)
    if wanted.levers or wanted.wishes or wanted.at:
        _refuse_what_is_not_allowed(region, plan, files[1])
    found = _explained(region, plan, wanted, is_brief=not as_json)
    if as_json:
        print_json(_document(found))
    else:
        _print(region, plan, found, wanted)


def _unknown(region: Region, wanted: Asked) -> Iterator[Problem]:
    for one in wanted.students:
        if one not in region.students:
            yield Problem("STUDENT", one, "the id of a student")
    for one in wanted.at:
        if one not in region.sites and one not in region.workplaces:
            yield Problem("--at", one, "the id of a site or a workplace")


def _refuse_what_is_not_allowed(region: Region, plan: Plan, path: Path) -> None:
    broken = check(region, plan)
    if broken:
        rules = ", ".join(dict.fromkeys(one.rule for one in broken))
        raise cli_files.FileProblem(path, [Problem("placements", rules, "a plan that leerplek check allows")])


def _explained(region: Region, plan: Plan, wanted: Asked, *, is_brief: bool) -> Explained:
    ledger = Ledger(Atlas(region), plan.by_student().values())
    asked = [StudentId(one) for one in dict.fromkeys(wanted.students)]
    asked = asked or sorted(region.students.keys() - ledger.placed.keys())
    competition, told = Competition(ledger), len(asked) if wanted.students else words.MOST_TOLD
    waiting = [
        competition.about(one, is_brief=is_brief and number >= told)
        for number, one in enumerate(one for one in asked if one not in ledger.placed)
    ]
    placed = [insight.placed(ledger, one) for one in asked if one in ledger.placed]
    limits, skipped = (Limits({}, {}), None) if wanted.prices is False else _limits(region, insist=bool(wanted.prices))
    return Explained(
        waiting,
        placed,
        limits,
        skipped,
        _scarce_for(ledger.atlas, waiting, limits),
        _remedies(region, plan, waiting) if wanted.levers else {},
        _grants(region, plan, asked, wanted),
        insight.shares(region, plan),
    )


def _document(found: Explained) -> dict[str, object]:
    return {
        "unplaced": [_waiting_document(one, found) for one in found.waiting],
        "placed": [_placed_document(one, found) for one in found.placed],
        "limits": [plain(one) for one in found.limits.dearest[: 10 * DEAREST]],
        "limits_skipped": found.skipped,
        "fairness": [{**plain(one), "too_much": one.is_too_much} for one in found.shares],
    }


def _print(region: Region, plan: Plan, found: Explained, wanted: Asked) -> None:
    top = {student: limits[:DEAREST_FOR_ONE] for student, limits in found.scarce.items()}
    words.print_waiting(found.waiting, top, found.helping, is_asked=bool(wanted.students))
    for one in found.placed:
        words.print_placed(region, one)
    for student, grants in found.grants.items():
        print_grants(student, grants)
    if wanted.prices is not False and (found.waiting or wanted.prices):
        words.print_limits(region, found.limits.dearest[:DEAREST], found.skipped)
    words.print_shares(region, plan, found.shares)
    if len(plan.by_student()) == len(region.students):
        say("Iedereen heeft een plek.")


def _limits(region: Region, *, insist: bool) -> tuple[Limits, float | None]:
    """What is scarce; or nothing, and about how many seconds that would take to find."""
    from services.matcher.adapters.solver.pricing import USUAL_WORK, TooMuchWork, prices

    try:
        found = prices(region, None if insist else USUAL_WORK)
    except TooMuchWork as skipped:
        return Limits({}, {}), round(skipped.work, 1)
    return Limits(found.hours, found.seats), None


def _scarce_for(atlas: Atlas, waiting: Sequence[Waiting], limits: Limits) -> dict[StudentId, list[Limit]]:
    """For each student without a place what would help most."""
    if not limits.dearest:
        return {}
    openings = Openings(atlas)
    students = [one.told.student for one in waiting]
    return {one: limits.of(openings.of(atlas.region.students[one])) for one in students}


def _remedies(region: Region, plan: Plan, waiting: Sequence[Waiting]) -> Mapping[StudentId, "Sequence[Remedy]"]:
    """What would place each of the first students without a place."""
    from services.matcher.adapters.solver.remedies import remedies

    def work(student: StudentId, stop: Stop) -> "Sequence[Remedy]":
        return remedies(region, plan, student, stop=stop)

    return counted("hefbomen", [one.told.student for one in waiting[:MOST_TRIED]], work)


def _grants(
    region: Region, plan: Plan, asked: Sequence[StudentId], wanted: Asked
) -> Mapping[StudentId, "Sequence[Grant]"]:
    """What it would cost to give the first of these students their wishes, or a place that is asked for."""
    if not wanted.wishes and not wanted.at:
        return {}
    from services.matcher.adapters.solver.wishes import Wishes

    granting = Wishes(region, plan)

    def work(student: StudentId, stop: Stop) -> "Sequence[Grant]":
        return granting.of(student, wanted.at, with_wishes=wanted.wishes, stop=stop)

    return counted("wensen", asked[:MOST_TRIED], work)


def _waiting_document(one: Waiting, found: Explained) -> dict[str, object]:
    student = one.told.student
    limits = [plain(limit) for limit in found.scarce.get(student, [])[: 10 * DEAREST_FOR_ONE]]
    competing = {"holders": list(one.holders), "instead_of": list(one.instead_of), "rivals": list(one.rivals)}
    tried = [remedy_document(remedy) for remedy in found.helping.get(student, [])]
    grants = grants_document(found.grants.get(student, ()))
    return {**plain(one.told), **competing, "limits": limits, "remedies": tried, "wishes": grants}


def _placed_document(one: Placed, found: Explained) -> dict[str, object]:
    student = one.placement.student
    missed = [{"site": wish.site, "rank": wish.rank, **plain(wish.told)} for wish in one.missed]
    where = {"site": one.site, "minutes": one.minutes, "wish": one.wish}
    why = {"missed": missed, "cheaper": [plain(each) for each in one.cheaper]}
    grants = grants_document(found.grants.get(student, ()))
    return {"student": student, "placement": plain(one.placement), **where, **why, "wishes": grants}
