"""The notifier's store in memory."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState, Level
from services.notifier.domain.contacts import Contact
from services.notifier.domain.dead_letters import DeadLetter
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.life import PENDING
from services.notifier.domain.modes import Modes, ModeSetting
from services.notifier.domain.notices import Told
from services.notifier.domain.rules import REMINDED
from services.notifier.domain.unwritten import Unwritten
from tests.support.notifier import NOW
from tests.support.notifier_alarming import MemoryAlarming
from tests.support.notifier_erasing import MemoryErasing
from tests.support.notifier_handing import MemoryHanding, Message, System
from tests.support.notifier_outlived import MemoryOutlived


class MemoryStore(MemoryHanding, MemoryErasing, MemoryAlarming, MemoryOutlived):
    """Keeps everything in dictionaries."""

    def __init__(self, now: Callable[[], datetime] = lambda: NOW) -> None:
        self.now = now
        self.contacts_by_id: dict[str, Contact] = {}
        self.regions_by_id: dict[str, KnownRegion] = {}
        self.sites_by_id: dict[str, KnownSite] = {}
        self.places_by_student: dict[str, StudentPlace] = {}
        self.alerts: dict[str, Alert] = {}
        self.notices: list[tuple[Told, str]] = []
        self.mails_by_id: dict[str, Mail] = {}
        self.systems: dict[str, System] = {}
        self.messages: list[Message] = []
        self.claims: dict[str, tuple[str, datetime]] = {}
        self.unwritten_mails: list[Unwritten] = []
        self.letters: dict[str, DeadLetter] = {}
        self.erased: set[str] = set()
        self.notes: list[tuple[str, str, str]] = []
        self.rounds: dict[str, date] = {}
        self.modes_by_organisation: dict[str, ModeSetting] = {}

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["MemoryStore"]:
        yield self

    async def contact(self, contact: str) -> Contact | None:
        return self.contacts_by_id.get(contact)

    async def contacts(self, organisation: str | None = None) -> Sequence[Contact]:
        ordered = sorted(self.contacts_by_id.values(), key=lambda each: each.id)
        return [each for each in ordered if organisation in (None, each.organisation)]

    async def contacts_of(self, organisations: Collection[str]) -> Sequence[Contact]:
        return [each for each in await self.contacts() if each.organisation in organisations]

    def person_key(self, email: str) -> str:
        return email.casefold()

    async def save_contact(self, contact: Contact) -> None:
        self.contacts_by_id[contact.id] = contact

    async def delete_contact(self, contact: Contact) -> None:
        self.contacts_by_id.pop(contact.id, None)
        for mail in self.mails_by_id.values():
            left = tuple(each for each in mail.mentions if each.contact != contact.id)
            after = replace(mail, mentions=left)
            self.mails_by_id[mail.id] = (
                replace(after, email="", name=None, person="") if mail.contact == contact.id else after
            )

    async def read_ahead(self, students: Collection[str], alerts: Collection[str]) -> None:
        return

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

    async def alerts_in(self, alerts: Collection[str]) -> Sequence[Alert]:
        return [self.alerts[each] for each in sorted(alerts) if each in self.alerts]

    async def alerts_under(self, prefix: str) -> Sequence[Alert]:
        return self._those(lambda each: each.id.startswith(prefix))

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        return await self.live_alerts([student])

    async def taken_on_by(self, contact: str) -> Sequence[Alert]:
        return self._those(lambda each: each.is_live and each.care.acknowledged_by == contact)

    async def open_alerts(self) -> Sequence[Alert]:
        still_open = self._those(lambda each: each.state in PENDING and each.kind not in FACTS)
        return sorted(still_open, key=lambda each: (each.opened_at, each.id))

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[Alert]:
        due = self._those(lambda each: each.look_at is not None and each.look_at <= now)
        if not due:
            return []
        ordered = sorted(due, key=lambda each: (not each.is_critical, each.look_at, each.id))
        beside = self._those(lambda each: each.state in PENDING and each.look_at is not None and each.look_at > now)
        return [*ordered, *sorted(beside, key=lambda each: (each.look_at, each.id))][:limit]

    async def news_alerts(self) -> Sequence[Alert]:
        news = self._those(lambda each: each.state in PENDING or each.state is AlertState.CLEARED)
        return sorted(news, key=lambda each: (each.opened_at, each.id))

    async def unchanged_since(self, moment: datetime) -> Sequence[Alert]:
        return self._those(
            lambda each: (
                each.state in REMINDED
                and each.level is not Level.INFO
                and each.told_at is not None
                and each.told_at < moment
            )
        )

    async def hidden_alerts(self) -> Sequence[Alert]:
        hidden = self._those(lambda each: each.state is AlertState.INHIBITED and each.has_untold_news)
        return [each for each in hidden if each.level is not Level.INFO]

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        return self._those(lambda each: each.case.student in students and each.state is not AlertState.CLOSED)

    async def live_of_kinds(self, kinds: Collection[AlertKind], regions: Collection[str]) -> Sequence[Alert]:
        return self._those(lambda each: each.kind in kinds and each.case.region in regions and each.is_live)

    async def alerts_of_week(self, region: str, since: datetime) -> Sequence[Alert]:
        def is_wanted(each: Alert) -> bool:
            lately = each.opened_at >= since or (each.ended_at is not None and each.ended_at >= since)
            return each.case.region == region and (each.is_live or lately)

        return self._those(is_wanted)

    async def save_alert(self, alert: Alert) -> None:
        self.alerts[alert.id] = alert

    async def save_alerts(self, alerts: Sequence[Alert]) -> None:
        self.alerts |= {alert.id: alert for alert in alerts}

    async def look_again(self) -> None:
        for alert in await self.open_alerts():
            self.alerts[alert.id] = replace(alert, look_at=self.now())

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        return [each for each, _ in self.notices if each.alert in alerts]

    async def save_told(self, told: Sequence[tuple[Told, str]]) -> None:
        for each, reason in told:
            keys = {(one.alert, one.revision, one.role, one.contact) for one, _ in self.notices}
            assert (each.alert, each.revision, each.role, each.contact) not in keys
            self.notices.append((replace(each, at=each.at or self.now()), reason))

    async def untell(self, mails: Collection[str], alerts: Collection[str]) -> None:
        by_these = {
            (told.alert, told.revision) for told, _ in self.notices if told.mail in mails and told.alert in alerts
        }

        def is_over(told: Told) -> bool:
            is_about = (told.alert, told.revision) in by_these
            return is_about and (told.mail is None or told.mail in mails)

        self.notices = [(told, reason) for told, reason in self.notices if not is_over(told)]

    async def is_erased(self, student: str) -> bool:
        return student in self.erased

    async def remember_erased(self, student: str) -> None:
        self.erased.add(student)

    async def note(self, action: str, alert: str, by: str) -> None:
        self.notes.append((action, alert, by))

    async def unwritten(self) -> Sequence[Unwritten]:
        return sorted(self.unwritten_mails, key=lambda each: (each.since, each.id))

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        self.unwritten_mails = list(unwritten)

    async def round_done(self, name: str) -> date | None:
        return self.rounds.get(name)

    async def save_round(self, name: str, day: date) -> None:
        self.rounds[name] = day

    async def modes(self) -> Modes:
        boards = {each.id: each.board for each in self.sites_by_id.values() if each.board in self.modes_by_organisation}
        return Modes(self.modes_by_organisation, boards)

    async def save_mode(self, setting: ModeSetting) -> None:
        self.modes_by_organisation[setting.organisation] = setting

    async def forget_mode(self, organisation: str) -> None:
        self.modes_by_organisation.pop(organisation, None)

    def _those(self, wanted: Callable[[Alert], bool]) -> list[Alert]:
        return [each for _, each in sorted(self.alerts.items()) if wanted(each)]
