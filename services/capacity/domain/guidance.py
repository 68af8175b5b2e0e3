"""Whether somebody who guides a student is there when it counts: in the periods of the placement, not on any other day."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from services.capacity.domain.supervisors import SupervisorRecord, absence_on
from shared.contracts.region import Period
from shared.contracts.vocabulary import PlacementState


class Gap(StrEnum):
    """How somebody is not there, the worst first."""

    NOW = "now"
    """The student is at school today, and they are not."""
    IN_PROPOSAL = "in-proposal"
    """The period is going on and they are away, but nobody agreed upon the placement yet."""
    AT_START = "at-start"
    """The period begins later, and on its first day they are away or gone."""
    BACK_BEFORE = "back-before"
    """They are away now, and back before the period begins."""


def gap_of(guide: SupervisorRecord, state: str, periods: Sequence[Period], today: date) -> Gap | None:
    """Of a placement in this state for these periods; None when they are there, and when the placement is over."""
    begins = begins_on(periods, today)
    if begins is None:
        return None
    if not _is_away(guide, begins):
        return Gap.BACK_BEFORE if _is_away(guide, today) else None
    if begins > today:
        return Gap.AT_START
    return Gap.IN_PROPOSAL if state == PlacementState.PROPOSED else Gap.NOW


def begins_on(periods: Sequence[Period], today: date) -> date | None:
    """The next day of these periods, today included; None when all are over."""
    return min((max(each.start, today) for each in periods if each.end >= today), default=None)


def _is_away(guide: SupervisorRecord, day: date) -> bool:
    return guide.has_departed(day) or absence_on(guide.supervisor, day) is not None
