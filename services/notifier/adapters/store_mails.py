"""Mails on SQL: to whom they go and whom they mention is sealed under the keys of those contacts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.rows import mail_of
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.store_looking import is_of
from services.notifier.adapters.tables import (
    AlertRow,
    ContactKeyRow,
    ContactRow,
    HandedRow,
    MailRow,
    MentionRow,
    NoticeRow,
)
from services.notifier.domain.alerts import Channel
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import UNDELIVERED, Claim, Mail, MailState
from services.notifier.domain.mentions import Mention
from services.notifier.ports import MailFilter
from shared.errors import TransientError
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow

RANKS = (0, 1)
"""Those that a mail may have."""
DONE = (MailState.SENT, MailState.FAILED, MailState.CANCELLED)
YET_TO_GO = (MailState.WAITING, MailState.HANDED)
"""What nobody has claimed, and nobody has taken."""
UNSEEN = {"synchronize_session": False}
"""No object in the session holds these rows as they were, or is asked for them again."""


class SqlMails:
    """One transaction's view of mails; the sentences that a mail mentions others with are in rows of their own."""

    _tx: AsyncSession
    _seals: ContactSeals
    _now: datetime
    _actor: str
    _locks: bool

    async def add_mail(self, mail: Mail) -> None:
        await self.add_mails([mail])

    async def add_mails(self, mails: Sequence[Mail]) -> None:
        await self._hold({each for mail in mails for each in (mail.contact, *(told.contact for told in mail.mentions))})
        await insert_rows(self._tx, MailRow, [self._columns(mail) for mail in mails])
        mentions = [
            {
                "mail": mail.id,
                "contact": each.contact,
                "sealed": self._seals.seal(each.contact, _mention(mail.id), {"sentence": each.sentence}),
            }
            for mail in mails
            for each in mail.mentions
        ]
        await insert_rows(self._tx, MentionRow, mentions)

    async def add_parting(self, mail: Mail, contact: Contact) -> None:
        if mail.email:
            await self._seals.make_key(mail.contact, self._now)
        await insert_rows(self._tx, MailRow, [self._columns(mail)])
        action, aggregate = "contact.old-address-told", f"contact/{contact.id}"
        self._tx.add(
            AuditRow(at=self._now, actor=self._actor, action=action, aggregate=aggregate, sequence=contact.version)
        )

    def _columns(self, mail: Mail) -> dict[str, object]:
        columns = {name: getattr(mail, name) for name in MailRow.model_fields if hasattr(mail, name)}
        addressee = {"email": mail.email, "name": mail.name}
        sealed = self._seals.seal(mail.contact, _addressee(mail.id), addressee) if mail.email else None
        return {**columns, "kind": mail.kind or "", "sealed_addressee": sealed, "claim": None, "lease_until": None}

    async def mail(self, mail: str) -> Mail | None:
        row = await self._tx.get(MailRow, mail)
        return None if row is None else (await self._mails_in([row]))[0]

    async def mails(self, wanted: MailFilter) -> Sequence[Mail]:
        found = select(MailRow).order_by(col(MailRow.id).desc()).limit(wanted.limit)
        if wanted.state is not None:
            found = found.where(col(MailRow.state) == wanted.state)
        if wanted.kind is not None:
            found = found.where(col(MailRow.kind) == wanted.kind)
        if wanted.organisation is not None:
            found = found.where(col(MailRow.organisation) == wanted.organisation)
        if wanted.own is not None:
            found = found.where(is_of(col(MailRow.organisation), wanted.own))
        if wanted.before is not None:
            found = found.where(col(MailRow.id) < wanted.before)
        return await self._mails_in((await self._tx.exec(found)).all())

    async def with_invitation(self, mails: Collection[str]) -> set[str]:
        found: set[str] = set()
        for ids in chunks(mails):
            invited = select(MailRow.id).where(col(MailRow.id).in_(ids), col(MailRow.invitation) != "")
            found |= set(await self._tx.exec(invited))
        return found

    async def waiting_mails(self, contact: str) -> Sequence[Mail]:
        told = select(NoticeRow.mail).where(col(NoticeRow.contact) == contact, col(NoticeRow.mail).is_not(None))
        is_theirs = or_(col(MailRow.contact) == contact, col(MailRow.id).in_(told))
        is_waiting = (is_theirs, col(MailRow.state).in_(YET_TO_GO))
        found = select(MailRow).where(*is_waiting).order_by(col(MailRow.id)).with_for_update()
        return await self._mails_in((await self._tx.exec(found)).all())

    async def waiting_mails_about(self, student: str) -> Sequence[Mail]:
        told = select(NoticeRow.mail).join(AlertRow, col(AlertRow.id) == col(NoticeRow.alert))
        about = told.where(col(AlertRow.student) == student, col(NoticeRow.mail).is_not(None))
        is_waiting = (col(MailRow.id).in_(about), col(MailRow.state).in_(YET_TO_GO))
        found = select(MailRow).where(*is_waiting).order_by(col(MailRow.id)).with_for_update()
        return await self._mails_in((await self._tx.exec(found)).all())

    async def mailed_since(self, people: Collection[str], moment: datetime) -> Mapping[str, Sequence[datetime]]:
        found: dict[str, list[datetime]] = {}
        for keys in chunks(people):
            columns = select(MailRow.person, MailRow.created_at)
            lately = (col(MailRow.created_at) >= moment, col(MailRow.state).not_in(sorted(UNDELIVERED)))
            wanted = columns.where(col(MailRow.person).in_(keys), *lately).order_by(col(MailRow.created_at))
            for person, created_at in await self._tx.exec(wanted):
                found.setdefault(person, []).append(created_at)
        return found

    async def has_taken(self, person: str, since: datetime, until: datetime) -> bool:
        is_sent = (
            col(MailRow.state) == MailState.SENT,
            col(MailRow.attempts) > 0,
        )  # what a system took was never tried
        within = (col(MailRow.sent_at) > since, col(MailRow.sent_at) <= until)
        found = select(MailRow.id).where(col(MailRow.person) == person, *is_sent, *within).limit(1)
        return (await self._tx.exec(found)).first() is not None

    async def mails_between(self, region: str, start: datetime, until: datetime) -> int:
        within = (col(MailRow.created_at) >= start, col(MailRow.created_at) < until)
        counted = select(func.count()).select_from(MailRow).where(col(MailRow.region) == region, *within)
        return (await self._tx.exec(counted)).one()

    async def count_mails(self, state: MailState) -> int:
        counted = select(func.count()).select_from(MailRow).where(col(MailRow.state) == state)
        return (await self._tx.exec(counted)).one()

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        found: set[str] = set()
        for some in chunks(keys):
            found |= set(await self._tx.exec(select(MailRow.dedupe_key).where(col(MailRow.dedupe_key).in_(some))))
        return found

    async def claim_mails(self, now: datetime, lease_until: datetime, token: str, limit: int) -> Sequence[Claim]:
        rows = await self._next_mails(now, limit)
        repeats = {row.id for row in rows if row.state == MailState.SENDING}
        if rows:
            taken = update(MailRow).where(col(MailRow.id).in_([row.id for row in rows]))
            own = {"state": MailState.SENDING, "claim": token, "lease_until": lease_until}
            await self._tx.exec(taken.values(attempts=MailRow.attempts + 1, **own).execution_options(**UNSEEN))
        mails = await self._mails_in(rows)
        taken_now = (replace(mail, state=MailState.SENDING, attempts=mail.attempts + 1) for mail in mails)
        return [Claim(mail, token, mail.id in repeats) for mail in taken_now]

    async def _next_mails(self, now: datetime, limit: int) -> list[MailRow]:
        """In the order of an index: however many wait, only these are read."""
        is_due = (col(MailRow.state) == MailState.WAITING, col(MailRow.next_try_at) <= now)
        rows: list[MailRow] = []
        for wanted in (
            (col(MailRow.state) == MailState.SENDING, col(MailRow.lease_until) < now),
            *((*is_due, col(MailRow.rank) == rank) for rank in RANKS),
        ):
            left = limit - len(rows)
            if left > 0:
                ordered = select(MailRow).where(*wanted).order_by(col(MailRow.next_try_at), col(MailRow.id))
                rows += await self._tx.exec(ordered.limit(left).with_for_update(skip_locked=True))
        return rows

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        row = await self._tx.get(MailRow, mail, with_for_update=True)
        if row is None or row.state != MailState.SENDING or row.claim != token:
            return None
        return (await self._mails_in([row]))[0]

    async def mark_sent(self, claims: Sequence[Claim], now: datetime) -> set[str]:
        sent = {"state": MailState.SENT, "sent_at": now, "reason": None, "claim": None, "lease_until": None}
        ours: set[str] = set()
        for token in sorted({claim.token for claim in claims}):
            mails = [claim.mail.id for claim in claims if claim.token == token]
            is_ours = (col(MailRow.state) == MailState.SENDING, col(MailRow.claim) == token)
            marked = update(MailRow).where(col(MailRow.id).in_(mails), *is_ours).values(**sent)
            found = await self._tx.exec(marked.returning(col(MailRow.id)).execution_options(**UNSEEN))
            ours |= {mail for (mail,) in found}
        await self._forget_addresses([each.mail.id for each in claims if each.mail.channel is Channel.PARTING])
        return ours

    async def save_mail(self, mail: Mail) -> None:
        row = await self._tx.get(MailRow, mail.id)
        if row is None:
            raise LookupError(f"mail {mail.id} is not there")
        if row.state == MailState.HANDED and mail.state is not MailState.HANDED:
            await self._tx.exec(delete(HandedRow).where(col(HandedRow.mail) == mail.id))
        row.state, row.reason, row.sent_at, row.next_try_at = mail.state, mail.reason, mail.sent_at, mail.next_try_at
        row.claim, row.lease_until, row.dedupe_key, row.fell_back_at = None, None, mail.dedupe_key, mail.fell_back_at
        if mail.channel is Channel.PARTING and mail.state in DONE:
            await self._forget_addresses([mail.id])
        if not mail.email:
            row.sealed_addressee = None
        self._tx.add(row)
        await self._tx.flush()

    async def _forget_addresses(self, partings: Sequence[str]) -> None:
        """The keys that the last mails to addresses have for themselves."""
        if partings:
            await self._tx.exec(delete(ContactKeyRow).where(col(ContactKeyRow.contact).in_(partings)))

    async def _hold(self, contacts: set[str]) -> None:
        """Until this transaction ends nobody deletes these contacts: who does it next finds the mail and cancels it."""
        found: set[str] = set()
        for ids in chunks(contacts):
            there = select(ContactRow.id).where(col(ContactRow.id).in_(ids)).with_for_update(read=True)
            found |= set(await self._tx.exec(there))
        if found != contacts:
            raise TransientError("a contact was deleted while a mail was written")
        await self._seals.read_keys(contacts, anew=True)

    async def _mails_in(self, rows: Sequence[MailRow]) -> list[Mail]:
        mentions: dict[str, list[MentionRow]] = {row.id: [] for row in rows}
        for ids in chunks(mentions):
            for mention in await self._tx.exec(select(MentionRow).where(col(MentionRow.mail).in_(ids))):
                mentions[mention.mail].append(mention)
        mentioned = {each.contact for found in mentions.values() for each in found}
        await self._seals.read_keys({row.contact for row in rows} | mentioned)
        return [self._mail_of(row, mentions[row.id]) for row in rows]

    def _mail_of(self, row: MailRow, mentions: Iterable[MentionRow]) -> Mail:
        addressee = self._seals.open(row.contact, _addressee(row.id), row.sealed_addressee) or {}
        opened = ((each.contact, self._seals.open(each.contact, _mention(row.id), each.sealed)) for each in mentions)
        sentences = ((contact, said["sentence"]) for contact, said in opened if said is not None)
        told = tuple(Mention(contact, sentence) for contact, sentence in sentences if sentence)
        return mail_of(row, addressee.get("email") or "", addressee.get("name"), told)


def _addressee(mail: str) -> str:
    return f"mail/{mail}/addressee"


def _mention(mail: str) -> str:
    return f"mail/{mail}/mention"
