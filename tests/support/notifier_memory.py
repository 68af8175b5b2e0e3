"""The notifier's store in memory."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Claim, Mail, MailState
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.notices import Told
from services.notifier.domain.unwritten import Unwritten
from services.notifier.ports import MailFilter


class MemoryStore:
    """Keeps everything in dictionaries."""

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
        revisions = {(told.alert, told.revision) for told, mail, _ in self.notices if mail in mails}
        self.notices = [
            (told, mail, reason)
            for told, mail, reason in self.notices
            if mail not in mails and (mail is not None or (told.alert, told.revision) not in revisions)
        ]
        for alert, revision in revisions:
            held = self.alerts[alert]
            if (held.revision, held.state) == (revision, AlertState.MAILED):
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
