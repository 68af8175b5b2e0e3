"""Mails of the notifier in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.notifier.domain.alerts import Alert, Channel
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import UNDELIVERED, Claim, Mail, MailState
from services.notifier.domain.notices import Told
from services.notifier.ports import MailFilter
from tests.support.notifier_looking import MemoryLooking

DONE = (MailState.SENT, MailState.FAILED, MailState.CANCELLED)
YET_TO_GO = (MailState.WAITING, MailState.HANDED)


class MemoryMails(MemoryLooking):
    """Keeps mails in a dictionary, beside what they tell of and whom."""

    mails_by_id: dict[str, Mail]
    claims: dict[str, tuple[str, datetime]]
    contacts_by_id: dict[str, Contact]
    alerts: dict[str, Alert]
    notices: list[tuple[Told, str]]

    async def waiting_mails_about(self, student: str) -> Sequence[Mail]:
        alerts = {alert.id for alert in self.alerts.values() if alert.case.student == student}
        about = {told.mail for told, _ in self.notices if told.alert in alerts}
        ordered = sorted(self.mails_by_id.values(), key=lambda each: each.id)
        return [each for each in ordered if each.id in about and each.state in YET_TO_GO]

    async def mailed_since(self, people: Collection[str], moment: datetime) -> Mapping[str, Sequence[datetime]]:
        found: dict[str, list[datetime]] = {}
        for mail in self.mails_by_id.values():
            if mail.person in people and mail.created_at >= moment and mail.state not in UNDELIVERED:
                found.setdefault(mail.person, []).append(mail.created_at)
        return found

    async def has_taken(self, person: str, since: datetime, until: datetime) -> bool:
        sent = [each for each in self.mails_by_id.values() if each.state is MailState.SENT and each.attempts]
        return any(each.person == person and each.sent_at and since < each.sent_at <= until for each in sent)

    async def mails_between(self, region: str, start: datetime, until: datetime) -> int:
        return sum(each.region == region and start <= each.created_at < until for each in self.mails_by_id.values())

    async def count_mails(self, state: MailState) -> int:
        return sum(each.state is state for each in self.mails_by_id.values())

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        return {each.dedupe_key for each in self.mails_by_id.values()} & set(keys)

    async def with_invitation(self, mails: Collection[str]) -> set[str]:
        return {each for each in mails if each in self.mails_by_id and self.mails_by_id[each].invitation}

    async def waiting_mails(self, contact: str) -> Sequence[Mail]:
        ordered = sorted(self.mails_by_id.values(), key=lambda each: each.id)
        told = {each.mail for each, _ in self.notices if each.contact == contact}
        theirs = (each for each in ordered if each.contact == contact or each.id in told)
        return [each for each in theirs if each.state in YET_TO_GO]

    async def add_mail(self, mail: Mail) -> None:
        assert {mail.contact, *(each.contact for each in mail.mentions)} <= set(self.contacts_by_id)
        assert mail.dedupe_key not in {each.dedupe_key for each in self.mails_by_id.values()}
        self.mails_by_id[mail.id] = mail

    async def add_parting(self, mail: Mail, contact: Contact) -> None:
        assert mail.dedupe_key not in {each.dedupe_key for each in self.mails_by_id.values()}
        self.mails_by_id[mail.id] = mail

    async def add_mails(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            await self.add_mail(mail)

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
            and (wanted.own is None or self._is_of(each.organisation, wanted.own))
            and (wanted.before is None or each.id < wanted.before)
        ]
        return fitting[: wanted.limit]

    async def claim_mails(self, now: datetime, lease_until: datetime, token: str, limit: int) -> Sequence[Claim]:
        claims: list[Claim] = []
        for mail in sorted(
            self.mails_by_id.values(),
            key=lambda each: (each.state is not MailState.SENDING, each.rank, each.next_try_at, each.id),
        ):
            is_abandoned = mail.state is MailState.SENDING and self.claims[mail.id][1] < now
            is_due = mail.state is MailState.WAITING and mail.next_try_at <= now
            if len(claims) < limit and (is_abandoned or is_due):
                claimed = replace(mail, state=MailState.SENDING, attempts=mail.attempts + 1)
                self.mails_by_id[mail.id] = claimed
                self.claims[mail.id] = (token, lease_until)
                claims.append(Claim(claimed, token, is_abandoned))
        return claims

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        held = self.mails_by_id.get(mail)
        is_ours = held is not None and held.state is MailState.SENDING and self.claims[mail][0] == token
        return held if is_ours else None

    async def mark_sent(self, claims: Sequence[Claim], now: datetime) -> set[str]:
        ours: set[str] = set()
        for claim in claims:
            held = await self.claimed_mail(claim.mail.id, claim.token)
            if held is not None:
                await self.save_mail(replace(held, state=MailState.SENT, sent_at=now, reason=None))
                ours.add(held.id)
        return ours

    async def save_mail(self, mail: Mail) -> None:
        if mail.channel is Channel.PARTING and mail.state in DONE:
            mail = replace(mail, email="", name=None)
        self.mails_by_id[mail.id] = mail
        self.claims.pop(mail.id, None)
