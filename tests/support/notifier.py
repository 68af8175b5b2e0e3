"""The notifier's store in memory, and alerts, contacts and letters to test with."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Case, new_alert
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.delivery import Claim, Mail, MailState
from services.notifier.domain.knowledge import Knowledge, KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.stages import Told
from services.notifier.domain.unwritten import Unwritten
from services.notifier.ports import MailFilter
from shared.contracts.availability import Site, SiteChanged
from shared.contracts.placements import (
    MoveCause,
    Placement,
    PlacementProposed,
    StudentUnplaced,
    UnplacedReason,
    WpbShare,
)
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import MismatchKind, Sector, SignalLevel, SignalStatus

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
REGION, INSTITUTE, SITE = "NL-R07", "01VU", "01AB00"
STARTS = date(2026, 8, 31)


class MemoryStore:
    """Keeps everything in dictionaries; `now` is the time it stamps with."""

    def __init__(self) -> None:
        self.contacts_by_id: dict[str, Contact] = {}
        self.regions_by_id: dict[str, KnownRegion] = {}
        self.sites_by_id: dict[str, KnownSite] = {}
        self.places_by_student: dict[str, StudentPlace] = {}
        self.alerts: dict[str, Alert] = {}
        self.notices: list[tuple[Told, str | None, str]] = []
        self.mails_by_id: dict[str, Mail] = {}
        self.claims: dict[str, tuple[str, datetime]] = {}
        self.unwritten_mails: list[Unwritten] = []

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["MemoryStore"]:
        yield self

    async def contact(self, contact: str) -> Contact | None:
        return self.contacts_by_id.get(contact)

    async def contacts(self, organisation: str | None = None) -> Sequence[Contact]:
        ordered = sorted(self.contacts_by_id.values(), key=lambda each: each.id)
        return [each for each in ordered if organisation in (None, each.organisation)]

    async def save_contact(self, contact: Contact) -> None:
        self.contacts_by_id[contact.id] = contact

    async def delete_contact(self, contact: Contact) -> None:
        self.contacts_by_id.pop(contact.id, None)
        for mail in self.mails_by_id.values():
            left = tuple(each for each in mail.mentions if each.contact != contact.id)
            after = replace(mail, mentions=left)
            self.mails_by_id[mail.id] = replace(after, email="", name=None) if mail.contact == contact.id else after

    async def region(self, region: str) -> KnownRegion | None:
        return self.regions_by_id.get(region)

    async def regions(self) -> Mapping[str, KnownRegion]:
        return self.regions_by_id

    async def save_region(self, region: KnownRegion) -> None:
        self.regions_by_id[region.id] = region

    async def site(self, site: str) -> KnownSite | None:
        return self.sites_by_id.get(site)

    async def sites(self, sites: Collection[str]) -> Mapping[str, KnownSite]:
        return {each: self.sites_by_id[each] for each in sites if each in self.sites_by_id}

    async def save_site(self, site: KnownSite) -> None:
        self.sites_by_id[site.id] = site

    async def place(self, student: str) -> StudentPlace | None:
        return self.places_by_student.get(student)

    async def places(self, students: Collection[str]) -> Mapping[str, StudentPlace]:
        return {each: self.places_by_student[each] for each in students if each in self.places_by_student}

    async def save_place(self, place: StudentPlace) -> None:
        self.places_by_student[place.student] = place

    async def forget_place(self, student: str) -> None:
        self.places_by_student.pop(student, None)

    async def alert(self, alert: str) -> Alert | None:
        return self.alerts.get(alert)

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        return await self.live_alerts([student])

    async def open_alerts(self) -> Sequence[Alert]:
        still_open = (each for each in self.alerts.values() if each.state is AlertState.OPEN)
        return sorted(still_open, key=lambda each: (each.opened_at, each.id))

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        ordered = sorted(self.alerts.values(), key=lambda each: each.id)
        return [each for each in ordered if each.case.student in students and each.state is not AlertState.CLEARED]

    async def save_alert(self, alert: Alert) -> None:
        self.alerts[alert.id] = alert

    async def save_states(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self.alerts[alert.id] = replace(self.alerts[alert.id], state=alert.state)

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        return [each for each, _, _ in self.notices if each.alert in alerts]

    async def save_told(self, told: Told, mail: str | None, reason: str) -> None:
        assert told not in [each for each, _, _ in self.notices]
        self.notices.append((told, mail, reason))

    async def untell(self, mails: Collection[str]) -> None:
        episodes = {(told.alert, told.episode) for told, mail, _ in self.notices if mail in mails}
        self.notices = [
            (told, mail, reason)
            for told, mail, reason in self.notices
            if mail not in mails and (mail is not None or (told.alert, told.episode) not in episodes)
        ]
        for alert, episode in episodes:
            held = self.alerts[alert]
            if (held.episode, held.state) == (episode, AlertState.MAILED):
                self.alerts[alert] = replace(held, state=AlertState.OPEN)

    async def unwritten(self) -> Sequence[Unwritten]:
        return sorted(self.unwritten_mails, key=lambda each: (each.since, each.id))

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        self.unwritten_mails = list(unwritten)

    async def waiting_mails(self, contact: str) -> Sequence[Mail]:
        ordered = sorted(self.mails_by_id.values(), key=lambda each: each.id)
        return [each for each in ordered if each.contact == contact and each.state is MailState.WAITING]

    async def add_mail(self, mail: Mail) -> None:
        assert {mail.contact, *(each.contact for each in mail.mentions)} <= set(self.contacts_by_id)
        assert mail.dedupe_key not in {each.dedupe_key for each in self.mails_by_id.values()}
        self.mails_by_id[mail.id] = mail

    async def mail(self, mail: str) -> Mail | None:
        return self.mails_by_id.get(mail)

    async def mails(self, wanted: MailFilter) -> Sequence[Mail]:
        ordered = sorted(self.mails_by_id.values(), key=lambda each: each.id, reverse=True)
        fitting = [
            each
            for each in ordered
            if wanted.state in (None, each.state)
            and wanted.kind in (None, each.kind)
            and wanted.organisation in (None, each.organisation)
            and (wanted.before is None or each.id < wanted.before)
        ]
        return fitting[: wanted.limit]

    async def claim_mail(self, now: datetime, lease_until: datetime, token: str) -> Claim | None:
        for mail in sorted(self.mails_by_id.values(), key=lambda each: (each.next_try_at, each.id)):
            is_abandoned = mail.state is MailState.SENDING and self.claims[mail.id][1] < now
            if is_abandoned or (mail.state is MailState.WAITING and mail.next_try_at <= now):
                claimed = replace(mail, state=MailState.SENDING, attempts=mail.attempts + 1)
                self.mails_by_id[mail.id] = claimed
                self.claims[mail.id] = (token, lease_until)
                return Claim(claimed, token, is_abandoned)
        return None

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        held = self.mails_by_id.get(mail)
        is_ours = held is not None and held.state is MailState.SENDING and self.claims[mail][0] == token
        return held if is_ours else None

    async def save_mail(self, mail: Mail) -> None:
        self.mails_by_id[mail.id] = mail
        self.claims.pop(mail.id, None)


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
    reasons = {
        AlertKind.LOST: MoveCause.GUIDANCE_ENDED,
        AlertKind.UNPLACED: UnplacedReason.NO_SUPERVISOR_HOURS,
        AlertKind.MISMATCH: MismatchKind.TRAVEL,
    }
    case = Case(REGION, student, INSTITUTE, reasons[kind], periods=("2026-S1",))
    own: dict[AlertKind, dict[str, object]] = {
        AlertKind.LOST: {"site": SITE, "subject": "wiskunde", "starts": STARTS},
        AlertKind.UNPLACED: {"subject": "wiskunde"},
        AlertKind.MISMATCH: {"reported_by": "school", "periods": ()},
    }
    case = replace(case, **{**own[kind], **changes})  # type: ignore[arg-type]
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
