"""A guide who is away is missed in the periods of the placement, and on no other day."""

from datetime import date

import pytest

from services.capacity.domain.guidance import Gap, gap_of
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.availability import Absence
from shared.contracts.region import Period
from shared.contracts.vocabulary import PlacementState
from tests.support.capacity import AUTUMN, SPRING, TODAY, supervisor


def away(start: str, end: str | None = None, departs: str | None = None) -> SupervisorRecord:
    absence = Absence(start=date.fromisoformat(start), end=date.fromisoformat(end) if end else None)
    gone = date.fromisoformat(departs) if departs else None
    return SupervisorRecord("NL-T01", supervisor().model_copy(update={"absences": (absence,), "departs": gone}), 1)


THIS_WEEK = away("2026-11-16", "2026-11-27")
OPEN = away("2026-11-16")
AT_THE_START = away("2027-01-25", "2027-02-05")
LEAVES = away("2026-09-01", "2026-09-02", departs="2027-01-01")


@pytest.mark.parametrize(
    ("guide", "periods", "state", "expected"),
    [
        (THIS_WEEK, [AUTUMN], PlacementState.STARTED, Gap.NOW),
        (THIS_WEEK, [AUTUMN], PlacementState.SETTLED, Gap.NOW),
        (THIS_WEEK, [AUTUMN], PlacementState.PROPOSED, Gap.IN_PROPOSAL),
        (THIS_WEEK, [SPRING], PlacementState.PROPOSED, Gap.BACK_BEFORE),
        (THIS_WEEK, [SPRING], PlacementState.SETTLED, Gap.BACK_BEFORE),
        (THIS_WEEK, [AUTUMN, SPRING], PlacementState.STARTED, Gap.NOW),
        (OPEN, [SPRING], PlacementState.SETTLED, Gap.AT_START),
        (AT_THE_START, [SPRING], PlacementState.PROPOSED, Gap.AT_START),
        (AT_THE_START, [AUTUMN], PlacementState.STARTED, None),
        (LEAVES, [SPRING], PlacementState.SETTLED, Gap.AT_START),
        (LEAVES, [AUTUMN], PlacementState.STARTED, None),
        (OPEN, [], PlacementState.SETTLED, None),
    ],
)
def test_a_guide_is_missed_when_the_student_is_there(
    guide: SupervisorRecord, periods: list[Period], state: PlacementState, expected: Gap | None
) -> None:
    assert gap_of(guide, state, periods, TODAY) is expected


def test_what_is_over_misses_nobody() -> None:
    assert gap_of(OPEN, PlacementState.STARTED, [AUTUMN], date(2027, 1, 30)) is None
