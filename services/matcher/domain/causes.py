"""Why a placement had to go, told as exactly as the facts allow, and never more than that."""

from collections.abc import Mapping

from services.matcher.domain.facts import RegionFacts, Touched
from services.matcher.domain.ids import StudentId
from shared.contracts.placements import MoveCause


def told_causes(
    facts: RegionFacts, touched: Touched, dropped: Mapping[StudentId, MoveCause]
) -> dict[StudentId, MoveCause]:
    """The cause of each dropped placement: a decision or a change of the student explains what no longer fits."""
    return {student: _cause(facts, touched, student, cause) for student, cause in dropped.items()}


def _cause(facts: RegionFacts, touched: Touched, student: StudentId, cause: MoveCause) -> MoveCause:
    if cause is not MoveCause.NO_LONGER_FITS or student not in touched.students:
        return cause
    school, institute = facts.school_decisions.get(student), facts.institute_decisions.get(student)
    if school is not None and school.agrees is False:
        return MoveCause.REFUSED
    if institute is not None and institute.agrees is False:
        return MoveCause.DECLINED
    return MoveCause.STUDENT_CHANGED
