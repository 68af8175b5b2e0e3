"""What many events will ask of the store, so that it is read at once instead of event by event."""

from collections.abc import Sequence

from services.notifier.domain.alerts import AlertKind, alert_id
from services.notifier.domain.life import withdrawal_id
from services.notifier.handlers.learning_signals import kind_of
from services.notifier.ports import Store
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced
from shared.contracts.registrations import MismatchReported, MismatchWithdrawn, StudentEvent, StudentWithdrawn
from shared.contracts.signals import MismatchDetected, PlacementLost, Signal, StudentAtRisk
from shared.messaging.inbox import Tombstone

OF_A_STUDENT = (AlertKind.UNPLACED, AlertKind.PROPOSED, AlertKind.CHANGED, AlertKind.SETTLED)
"""The kinds whose subject is the student."""


async def foresee(store: Store, events: Sequence[Event | Tombstone]) -> None:
    """Reads what these events need; what was not foreseen is still read when it is asked."""
    students: set[str] = set()
    alerts: set[str] = set()
    for event in events:
        if isinstance(event, Event):
            student, alert = _asked_by(event.data)
            students |= {student} - {""}
            alerts |= alert
    if students or alerts:
        await store.read_ahead(students, alerts)


def _asked_by(data: object) -> tuple[str, set[str]]:
    match data:
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            about = {alert_id(kind, data.student) for kind in OF_A_STUDENT}
            site = getattr(data, "site", None)
            return data.student, about | ({withdrawal_id(data.student, site)} if site else set())
        case StudentEvent():
            return data.student.id, set()
        case StudentWithdrawn():
            return data.student, set()
        case MismatchReported():
            return data.mismatch.student, {alert_id(AlertKind.MISMATCH, data.mismatch.id)}
        case MismatchWithdrawn():
            return "", {alert_id(AlertKind.MISMATCH, data.mismatch)}
        case Signal():
            kind = kind_of(data)
            student = data.student if isinstance(data, PlacementLost | MismatchDetected | StudentAtRisk) else ""
            return student, {alert_id(kind, data.signal)} if kind else set()
        case _:
            return "", set()
