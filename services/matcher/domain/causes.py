"""Why a placement had to go, told as exactly as the facts allow, and never more than that."""

from collections.abc import Mapping

from services.matcher.domain.facts import Decision, RegionFacts, Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.places import Outcome
from services.matcher.domain.plan import Placement
from shared.contracts.placements import MoveCause


def told_causes(
    facts: RegionFacts,
    touched: Touched,
    held: Mapping[StudentId, Placement],
    outcome: Outcome,
) -> dict[StudentId, MoveCause]:
    """The cause of each dropped placement, and of each move that followed from what was told of the student.

    A refusal explains only the end of the place that was refused; any other move made room for somebody.
    """
    moved = {one: MoveCause.STUDENT_CHANGED for one in touched.students if one in held and one in outcome.placed}
    dropped = outcome.causes.items()
    return moved | {student: _cause(facts, touched, held.get(student), cause) for student, cause in dropped}


def _cause(facts: RegionFacts, touched: Touched, held: Placement | None, cause: MoveCause) -> MoveCause:
    if cause is not MoveCause.NO_LONGER_FITS or held is None or held.student not in touched.students:
        return cause
    if _says_no(facts, facts.school_decisions.get(held.student), held):
        return MoveCause.REFUSED
    if _says_no(facts, facts.institute_decisions.get(held.student), held):
        return MoveCause.DECLINED
    return MoveCause.STUDENT_CHANGED


def _says_no(facts: RegionFacts, decision: Decision | None, held: Placement) -> bool:
    """The decision refuses the site of this placement: a refused place is not offered again, nor another there."""
    if decision is None or decision.agrees is not False or decision.offer is not None:
        return False
    refused, had = facts.workplaces.get(decision.workplace), facts.workplaces.get(held.workplace)
    return decision.workplace == held.workplace or (
        refused is not None and had is not None and refused.site == had.site
    )
