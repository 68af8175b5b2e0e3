"""What the matcher's signals teach: each raises, worsens or clears the alert of its kind."""

from datetime import datetime

from services.notifier.domain.alerts import Alert, AlertKind, Case, Level, alert_id
from services.notifier.domain.life import new_alert
from services.notifier.handlers.learning import has_withdrawn
from services.notifier.handlers.raising import end_alert, raise_alert
from services.notifier.ports import Store
from shared.contracts.signals import (
    FairnessGap,
    MismatchDetected,
    PlacementLost,
    ShortageDetected,
    Signal,
    StudentAtRisk,
    SupervisorOverloaded,
)
from shared.contracts.vocabulary import SignalStatus

REPORTED = "reported"
"""The cause of a detected mismatch that was reported; of that, people hear by the report itself."""


async def learn_signal(store: Store, event: Signal, now: datetime) -> None:
    """A signal says itself when it begins, gets worse and is over; a kind of which nobody is told is passed over."""
    kind = kind_of(event)
    if kind is None:
        return
    if event.status is SignalStatus.CLEARED:
        await end_alert(store, alert_id(kind, event.signal), now, event.sequence)
        return
    new = _alert(kind, event, now)
    if new.case.student and await has_withdrawn(store, new.case.student):
        return
    await raise_alert(store, new, is_worse=event.status is SignalStatus.WORSENED)


def kind_of(event: Signal) -> AlertKind | None:
    """What people are told of it; None where nobody is."""
    match event:
        case PlacementLost():
            return AlertKind.LOST
        case MismatchDetected():
            return None if event.cause == REPORTED else AlertKind.DETECTED
        case StudentAtRisk():
            return AlertKind.AT_RISK
        case ShortageDetected():
            return AlertKind.SHORTAGE
        case SupervisorOverloaded():
            return AlertKind.OVERLOADED
        case FairnessGap():
            return AlertKind.FAIRNESS
        case _:
            return None


def _alert(kind: AlertKind, event: Signal, now: datetime) -> Alert:
    level = Level.CRITICAL if kind is AlertKind.LOST else event.level
    return new_alert(kind, event.signal, _case(event), event.sequence, now, level)


def _case(event: Signal) -> Case:
    """What the texts need, under the names that they know."""
    fields: dict[str, object] = {
        "region": event.region,
        "cause": event.cause,
        "since": event.since,
        "next_date": event.next_date,
        "levers": event.levers,
        "figures": {**event.figures, **_own_figures(event)},
    }
    match event:
        case PlacementLost():
            own = {"reason": event.cause, "site": event.lost_site, "subject": event.subject}
            fields |= {**_student(event), **own, "starts": event.period_starts}
        case MismatchDetected():
            fields |= {**_student(event), "reason": event.kind, "site": event.site}
        case StudentAtRisk():
            fields |= {**_student(event), "reason": event.rule, "site": event.site}
        case ShortageDetected():
            fields |= {"reason": event.cause or "", "sector": event.sector, "subject": event.subject}
            fields |= {"periods": (event.period,), "site": event.site, "tier": event.tier}
        case SupervisorOverloaded():
            fields |= {"supervisor": event.supervisor, "site": event.site, "periods": (event.period,)}
        case FairnessGap():
            fields |= {"reason": event.attribute, "group": event.value}
    return Case(**fields)  # type: ignore[arg-type]


def _student(event: PlacementLost | MismatchDetected | StudentAtRisk) -> dict[str, object]:
    return {"student": event.student, "institute": event.institute}


def _own_figures(event: Signal) -> dict[str, int]:
    match event:
        case ShortageDetected():
            return {"students-unplaced": event.students_unplaced, "missing-qh": event.missing_qh}
        case SupervisorOverloaded():
            return {"asked-qh": event.asked_qh, "available-qh": event.available_qh}
        case FairnessGap():
            overall = round(event.overall_share * 1000)
            return {"unplaced": event.unplaced, "students": event.students, "overall-permille": overall}
        case _:
            return {}
