"""`leerplek explain`: why somebody has no place, who holds what they need, what is scarce, and why others are where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.matcher.domain import insight
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.documents import plain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.insight import Placed, Waiting
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.reading import Problem
from services.matcher.domain.region import Region
from services.matcher.domain.scarcity import Limit, Limits
from services.matcher.entrypoints import cli_explain_words as words
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.cli_output import print_json, say

if TYPE_CHECKING:
    from services.matcher.adapters.solver.remedies import Remedy

DEAREST = 10
"""So many limits of a region, and"""
MOST_TRIED = 10
"""For so many students at most levers are tried, each of which is solved for."""
DEAREST_FOR_ONE = 3
"""so many of one student are told in a table; --json tells ten times as many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to explain (nobody named: everybody without a place), and how much to compute for it.

    `prices` insists on the prices of what is scarce, or on none; None computes them where that is quick. `levers` tries for
    each student what would help.
    """

    students: tuple[str, ...] = ()
    prices: bool | None = None
    levers: bool = False


def explain_files(files: tuple[Path, Path], wanted: Asked, *, as_json: bool) -> None:
    """Explain these students; raises FileProblem, also for an unknown student and for a plan that is not allowed."""
    students, with_prices = wanted.students, wanted.prices
    region = cli_files.read_region(files[0])
    plan = cli_files.read_plan(files[1], region)
    unknown = [Problem("STUDENT", one, "the id of a student") for one in students if one not in region.students]
    if unknown:
        raise cli_files.FileProblem(files[0], unknown)
    ledger = Ledger(Atlas(region), plan.by_student().values())
    asked = [StudentId(one) for one in students] or sorted(region.students.keys() - ledger.placed.keys())
    holders = insight.Holders(ledger)
    waiting = [insight.waiting(ledger, one, holders) for one in asked if one not in ledger.placed]
    placed = [insight.placed(ledger, one) for one in asked if one in ledger.placed]
    limits, skipped = (Limits({}, {}), None) if with_prices is False else _limits(region, insist=bool(with_prices))
    scarce = _scarce_for(ledger.atlas, waiting, limits)
    helping = _remedies(region, plan, waiting) if wanted.levers else {}
    shares = insight.shares(region, plan)
    if as_json:
        print_json(
            {
                "unplaced": [_waiting_document(one, scarce, helping) for one in waiting],
                "placed": [_placed_document(one) for one in placed],
                "limits": [plain(one) for one in limits.dearest[: 10 * DEAREST]],
                "limits_skipped": skipped,
                "fairness": [{**plain(one), "too_much": one.is_too_much} for one in shares],
            }
        )
        return
    top = {student: found[:DEAREST_FOR_ONE] for student, found in scarce.items()}
    words.print_waiting(waiting, top, helping, is_asked=bool(students))
    for one in placed:
        words.print_placed(region, one)
    if with_prices is not False and (waiting or with_prices):
        words.print_limits(region, limits.dearest[:DEAREST], skipped)
    words.print_shares(region, plan, shares)
    if len(ledger.placed) == len(region.students):
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


def _remedies(region: Region, plan: Plan, waiting: Sequence[Waiting]) -> dict[StudentId, "list[Remedy]"]:
    """What would place each of the first students without a place."""
    from services.matcher.adapters.solver.remedies import remedies

    return {one.told.student: remedies(region, plan, one.told.student) for one in waiting[:MOST_TRIED]}


def _waiting_document(
    one: Waiting, scarce: dict[StudentId, list[Limit]], helping: dict[StudentId, "list[Remedy]"]
) -> dict[str, object]:
    limits = [plain(limit) for limit in scarce.get(one.told.student, [])[: 10 * DEAREST_FOR_ONE]]
    tried = [plain(remedy) for remedy in helping.get(one.told.student, [])]
    return {**plain(one.told), "holders": list(one.holders), "limits": limits, "remedies": tried}


def _placed_document(one: Placed) -> dict[str, object]:
    missed = [{"site": wish.site, "rank": wish.rank, **plain(wish.told)} for wish in one.missed]
    where = {"site": one.site, "minutes": one.minutes, "wish": one.wish}
    return {"student": one.placement.student, "placement": plain(one.placement), **where, "missed": missed}
