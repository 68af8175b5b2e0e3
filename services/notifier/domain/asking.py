"""Of whom an alert asks something: who has nothing to do reads it in the morning, is not counted on, and is not reminded."""

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import AT_SCHOOL, Role
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule

FREE_AGAIN = frozenset(
    {
        MoveCause.STUDENT_CHANGED,
        MoveCause.STUDENT_WITHDRAWN,
        MoveCause.DECLINED,
        MoveCause.MADE_ROOM,
        MoveCause.SWITCHED,
    }
)
"""Why a place was lost through nothing that the school did or can undo."""
THE_SCHOOL_ALONE = frozenset({AtRiskRule.NO_BACKUP, AtRiskRule.GUIDED_BY_STARTER})
"""What only the school can do something about."""
REPORTER = {"institute": Role.INSTITUTE_COORDINATOR, "school": Role.SCHOOL_TRAINER}
"""Who reported that student and place do not fit knows so, and waits for the other party."""


def asks(alert: Alert, role: Role) -> bool:
    """Whether an alert asks something of who has this role; the advice of its mail says the same."""
    reason = alert.case.reason
    match alert.kind:
        case AlertKind.LOST:
            return not alert.is_withdrawal and not (role in AT_SCHOOL and reason in FREE_AGAIN)
        case AlertKind.MISMATCH:
            return role is not REPORTER.get(alert.case.reported_by or "")
        case AlertKind.CHANGED:
            return reason != MoveCause.SWITCHED
        case AlertKind.SETTLED:
            return False
        case AlertKind.AT_RISK if reason in THE_SCHOOL_ALONE:
            return role in AT_SCHOOL
        case _:
            return True
