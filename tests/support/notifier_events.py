"""Events of every kind that the notifier tells people about, about the one school and institute of its tests."""

from datetime import date

from shared.contracts.placements import (
    MoveCause,
    Placement,
    PlacementChanged,
    PlacementProposed,
    PlacementSettled,
    StudentUnplaced,
    UnplacedReason,
    WpbShare,
)
from shared.contracts.region import DayStarted
from shared.contracts.registrations import Mismatch, MismatchReported, MismatchWithdrawn, StudentWithdrawn
from shared.contracts.signals import (
    AtRiskRule,
    FairnessGap,
    MismatchDetected,
    PlacementLost,
    ShortageDetected,
    StudentAtRisk,
    SupervisorOverloaded,
)
from shared.contracts.vocabulary import MismatchKind, Sector, SignalLevel, SignalStatus
from tests.support.notifier import INSTITUTE, REGION, SITE, STARTS

RAISED, WORSENED, CLEARED = SignalStatus.RAISED, SignalStatus.WORSENED, SignalStatus.CLEARED
DAY = date(2026, 9, 7)


def _signal(name: str, sequence: int, status: SignalStatus, level: SignalLevel, region: str) -> dict[str, object]:
    return {
        "region": region,
        "sequence": sequence,
        "signal": name,
        "status": status,
        "level": level,
        "since": DAY,
        "figures": {},
        "levers": (),
    }


def loses(
    student: str,
    sequence: int = 1,
    status: SignalStatus = RAISED,
    *,
    site: str = SITE,
    region: str = REGION,
    institute: str = INSTITUTE,
) -> PlacementLost:
    """`placement.lost`."""
    return PlacementLost(
        **_signal(f"lost-{student}", sequence, status, SignalLevel.CRITICAL, region),
        student=student,
        institute=institute,
        lost_site=site,
        subject="wiskunde",
        cause=MoveCause.GUIDANCE_ENDED,
        period_starts=STARTS,
    )


def at_risk(
    student: str,
    rule: AtRiskRule,
    sequence: int = 1,
    status: SignalStatus = RAISED,
    *,
    level: SignalLevel = SignalLevel.WARNING,
    site: str | None = SITE,
    region: str = REGION,
) -> StudentAtRisk:
    """`student.at-risk`."""
    signal = _signal(f"{rule}-{student}", sequence, status, level, region)
    return StudentAtRisk(**signal, student=student, institute=INSTITUTE, site=site, rule=rule)


def detected(student: str, sequence: int = 1, status: SignalStatus = RAISED) -> MismatchDetected:
    """`mismatch.detected`."""
    signal = _signal(f"misfit-{student}", sequence, status, SignalLevel.INFO, REGION)
    return MismatchDetected(**signal, student=student, institute=INSTITUTE, site=SITE, kind=MismatchKind.SUBJECT)


def shortage(
    sequence: int = 1,
    status: SignalStatus = RAISED,
    *,
    site: str | None = None,
    subject: str = "wiskunde",
    unplaced: int = 3,
) -> ShortageDetected:
    """`shortage.detected`."""
    return ShortageDetected(
        **_signal(f"shortage-{subject}-{site}", sequence, status, SignalLevel.WARNING, REGION),
        sector=Sector.SECONDARY,
        subject=subject,
        period="2026-S1",
        site=site,
        tier=None,
        students_unplaced=unplaced,
        missing_qh=12,
    )


def overloaded(sequence: int = 1, status: SignalStatus = RAISED) -> SupervisorOverloaded:
    """`supervisor.overloaded`."""
    return SupervisorOverloaded(
        **_signal("overloaded-v1", sequence, status, SignalLevel.WARNING, REGION),
        supervisor="v-1",
        site=SITE,
        period="2026-S1",
        asked_qh=30,
        available_qh=20,
    )


def unfair(sequence: int = 1, status: SignalStatus = RAISED) -> FairnessGap:
    """`fairness.gap`."""
    return FairnessGap(
        **_signal("fairness-1", sequence, status, SignalLevel.WARNING, REGION),
        attribute="route",
        value="deeltijd",
        unplaced=12,
        students=60,
        overall_share=0.08,
    )


def has_no_place(
    student: str, sequence: int = 1, *, lost_site: str | None = None, region: str = REGION
) -> StudentUnplaced:
    """`student.unplaced`."""
    return StudentUnplaced(
        region=region,
        sequence=sequence,
        plan_version=sequence,
        student=student,
        institute=INSTITUTE,
        subject="wiskunde",
        periods=("2026-S1",),
        since=DAY,
        reason=UnplacedReason.NO_SUPERVISOR_HOURS,
        lost_site=lost_site,
    )


def _placement(student: str, sequence: int, site: str) -> dict[str, object]:
    share = WpbShare(supervisor="v-1", qh=6)
    placement = Placement(student=student, periods=("2026-S1",), workplace="w-1", wpb=(share,), so="t-1", io="i-1")
    return {
        "region": REGION,
        "sequence": sequence,
        "plan_version": sequence,
        "institute": INSTITUTE,
        "site": site,
        "subject": "wiskunde",
        "travel_min": 20,
        "placement": placement,
    }


def proposed(student: str, sequence: int = 1, *, site: str = SITE) -> PlacementProposed:
    """`placement.proposed`."""
    return PlacementProposed(**_placement(student, sequence, site))


def moved(student: str, sequence: int, *, site: str, previous: str = SITE) -> PlacementChanged:
    """`placement.changed`."""
    return PlacementChanged(**_placement(student, sequence, site), cause=MoveCause.MADE_ROOM, previous_site=previous)


def agreed(student: str, sequence: int, *, site: str = SITE) -> PlacementSettled:
    """`placement.settled`."""
    return PlacementSettled(**_placement(student, sequence, site))


def reported(student: str, by: str, number: str = "m-1") -> MismatchReported:
    """`mismatch.reported`, by the school or the institute."""
    content = Mismatch(
        id=number, student=student, institute=INSTITUTE, kind=MismatchKind.DAYS, reported_on=DAY, reported_by=by
    )
    return MismatchReported(region=REGION, sequence=1, mismatch=content)


def withdrawn_report(student: str, sequence: int = 2, number: str = "m-1") -> MismatchWithdrawn:
    """`mismatch.withdrawn`."""
    return MismatchWithdrawn(region=REGION, sequence=sequence, mismatch=number, student=student, institute=INSTITUTE)


def stops(student: str, sequence: int = 2) -> StudentWithdrawn:
    """`student.withdrawn`."""
    return StudentWithdrawn(region=REGION, sequence=sequence, student=student, institute=INSTITUTE)


def day_starts(day: date, sequence: int) -> DayStarted:
    """`day.started`."""
    return DayStarted(region=REGION, sequence=sequence, day=day)
