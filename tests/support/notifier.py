"""Alerts, contacts, letters and events of the notifier to test with, and a clock that is moved by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, Case
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge, KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.life import new_alert
from shared.contracts.availability import Site, SiteChanged
from shared.contracts.placements import (
    MoveCause,
    Placement,
    PlacementProposed,
    StudentUnplaced,
    UnplacedReason,
    WpbShare,
)
from shared.contracts.region import Norm, Period, RegionChanged, RegionSettings
from shared.contracts.registrations import Mismatch, MismatchReported
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import MismatchKind, Sector, SignalLevel, SignalStatus

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
REGION, INSTITUTE, SITE = "NL-R07", "01VU", "01AB00"
STARTS = date(2026, 8, 31)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class People:
    """Somebody in every role."""

    coordinator: Contact = field(
        default=Contact("c1", INSTITUTE, Role.INSTITUTE_COORDINATOR, "stage@vu.example", "Els Vos", "020 765 43 21")
    )
    trainer: Contact = field(
        default=Contact("c2", SITE, Role.SCHOOL_TRAINER, "opleider@school.example", "Bo de Wit", "010 765 43 21")
    )
    manager: Contact = field(
        default=Contact("c3", REGION, Role.PROGRAMME_MANAGER, "regio@regio.example", "Kim Bos", "030 765 43 21")
    )

    def all(self) -> tuple[Contact, ...]:
        return self.coordinator, self.trainer, self.manager


PEOPLE = People()


def knowledge(
    contacts: Sequence[Contact] = PEOPLE.all(), *, places: Sequence[StudentPlace] = (), day: date | None = None
) -> Knowledge:
    """A region, a school and these contacts."""
    region = KnownRegion(REGION, "Rijn en Vecht", {"2026-S1": STARTS}, 1, day, 1 if day else 0)
    site = KnownSite(SITE, "Het Baken", "Utrecht", 1)
    return Knowledge(NOW.date(), {REGION: region}, {SITE: site}, {each.student: each for each in places}, contacts)


def an_alert(kind: AlertKind, student: str = "s-1", *, opened_at: datetime = NOW, **changes: object) -> Alert:
    """An open alert; `changes` are fields of its case."""
    reasons: dict[AlertKind, str] = {
        AlertKind.LOST: MoveCause.GUIDANCE_ENDED,
        AlertKind.UNPLACED: UnplacedReason.NO_SUPERVISOR_HOURS,
        AlertKind.MISMATCH: MismatchKind.TRAVEL,
    }
    case = Case(REGION, student, INSTITUTE, reasons.get(kind, ""), periods=("2026-S1",))
    own: dict[AlertKind, dict[str, object]] = {
        AlertKind.LOST: {"site": SITE, "subject": "wiskunde", "starts": STARTS},
        AlertKind.UNPLACED: {"subject": "wiskunde"},
        AlertKind.MISMATCH: {"reported_by": "school", "periods": ()},
    }
    case = replace(case, **{**own.get(kind, {}), **changes})  # type: ignore[arg-type]
    return new_alert(kind, f"{kind}-{student}", case, 1, opened_at)


def a_mail(**changes: object) -> Mail:
    """A mail that waits."""
    fields: dict[str, object] = {
        "id": "01999999-0000-7000-8000-000000000001",
        "dedupe_key": "key",
        "kind": AlertKind.UNPLACED,
        "region": REGION,
        "role": Role.INSTITUTE_COORDINATOR,
        "organisation": INSTITUTE,
        "contact": "c1",
        "email": "stage@vu.example",
        "name": "Els Vos",
        "subject": "Student zonder leerwerkplek",
        "text": "Er is iets te doen, vóór 17 augustus.\n" + "x" * 2000 + "\n",
        "html": '<!doctype html><html lang="nl"><head><title>T</title></head><body>é</body></html>',
        "because": "U ontvangt dit omdat …",
        "thread": "abc123",
        "students": 1,
        "created_at": NOW,
        "next_try_at": NOW,
    }
    return Mail(**{**fields, **changes})  # type: ignore[arg-type]


def unplaced(student: str, sequence: int = 1, *, lost_site: str | None = None, region: str = REGION) -> StudentUnplaced:
    """`student.unplaced`."""
    return StudentUnplaced(
        region=region,
        sequence=sequence,
        plan_version=sequence,
        student=student,
        institute=INSTITUTE,
        subject="wiskunde",
        periods=("2026-S1",),
        since=NOW.date(),
        reason=UnplacedReason.NO_SUPERVISOR_HOURS,
        lost_site=lost_site,
    )


def placed(student: str, sequence: int, *, region: str = REGION) -> PlacementProposed:
    """`placement.proposed` at the one school."""
    share = WpbShare(supervisor="v-1", qh=6)
    placement = Placement(student=student, periods=("2026-S1",), workplace="w-1", wpb=(share,), so="t-1", io="i-1")
    return PlacementProposed(
        region=region,
        sequence=sequence,
        plan_version=sequence,
        institute=INSTITUTE,
        site=SITE,
        subject="wiskunde",
        travel_min=20,
        placement=placement,
    )


def lost(
    student: str,
    sequence: int = 1,
    *,
    status: SignalStatus = SignalStatus.RAISED,
    region: str = REGION,
) -> PlacementLost:
    """`placement.lost`."""
    return PlacementLost(
        region=region,
        sequence=sequence,
        signal=f"lost-{student}",
        status=status,
        level=SignalLevel.CRITICAL,
        since=NOW.date(),
        student=student,
        institute=INSTITUTE,
        lost_site=SITE,
        subject="wiskunde",
        cause=MoveCause.GUIDANCE_ENDED,
        period_starts=STARTS,
    )


def site_changed(region: str = REGION) -> SiteChanged:
    """`site.changed` of the one school."""
    site = Site(id=SITE, sector=Sector.SECONDARY, lat=52.1, lon=5.1)
    return SiteChanged(region=region, sequence=1, site=site, name="Het Baken", town="Utrecht")


def region_changed(sequence: int = 1) -> RegionChanged:
    """`region.changed` with one period."""
    period = Period(id="2026-S1", start=STARTS, end=date(2027, 1, 29))
    settings = RegionSettings(norms=(Norm(support=1, wpb=6, so=2, io=1),))
    return RegionChanged(region=REGION, sequence=sequence, name="Rijn en Vecht", periods=(period,), settings=settings)


def mismatch(sequence: int = 1) -> MismatchReported:
    """`mismatch.reported` about student s-1."""
    content = Mismatch(
        id="m-1",
        student="s-1",
        institute=INSTITUTE,
        kind=MismatchKind.DAYS,
        reported_on=NOW.date(),
        reported_by="institute",
    )
    return MismatchReported(region=REGION, sequence=sequence, mismatch=content)
