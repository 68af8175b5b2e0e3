"""Contacts on SQL: who they are is sealed, and goes with their key."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.persons import contact_of, person_of
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import ContactKeyRow, ContactRow, MailRow, MentionRow
from services.notifier.domain.contacts import Contact
from shared.persistence.tables import AuditRow

PERSON = "contact"


class SqlContacts:
    """One transaction's view of contacts."""

    _tx: AsyncSession
    _seals: ContactSeals
    _now: datetime
    _actor: str
    _locks: bool

    async def contact(self, contact: str) -> Contact | None:
        row = await self._tx.get(ContactRow, contact, with_for_update=self._locks)
        found = await self._contacts_in([row] if row else [])
        return found[0] if found else None

    async def contacts(self, organisation: str | None = None) -> Sequence[Contact]:
        wanted = select(ContactRow).order_by(col(ContactRow.id))
        if organisation is not None:
            wanted = wanted.where(col(ContactRow.organisation) == organisation)
        return await self._contacts_in((await self._tx.exec(wanted)).all())

    async def contacts_of(self, organisations: Collection[str]) -> Sequence[Contact]:
        found: list[Contact] = []
        for ids in chunks(organisations):
            wanted = select(ContactRow).where(col(ContactRow.organisation).in_(ids))
            found += await self._contacts_in((await self._tx.exec(wanted)).all())
        return sorted(found, key=lambda contact: contact.id)

    def person_key(self, email: str) -> str:
        return self._seals.fingerprint(f"person/{email.casefold()}")

    async def save_contact(self, contact: Contact) -> None:
        await self._seals.make_key(contact.id, self._now)
        row = await self._tx.get(ContactRow, contact.id)
        if row is None:
            row = ContactRow(id=contact.id, organisation="", role="", version=0, sealed=b"")
        row.organisation, row.role, row.version = contact.organisation, contact.role, contact.version
        row.sealed = self._seals.seal(contact.id, PERSON, person_of(contact))
        self._tx.add(row)
        self._audit("contact.changed", contact)
        await self._tx.flush()

    async def delete_contact(self, contact: Contact) -> None:
        row = await self._tx.get(ContactRow, contact.id)
        if row is not None:
            await self._tx.delete(row)
        await self._tx.exec(delete(ContactKeyRow).where(col(ContactKeyRow.contact) == contact.id))
        await self._tx.exec(delete(MentionRow).where(col(MentionRow.contact) == contact.id))
        mails = update(MailRow).where(col(MailRow.contact) == contact.id)
        await self._tx.exec(mails.values(sealed_addressee=None, person=""))
        self._audit("contact.deleted", contact)

    async def _contacts_in(self, rows: Sequence[ContactRow]) -> list[Contact]:
        """A contact whose key is gone was deleted just now, or before a back-up was put back."""
        await self._seals.read_keys([row.id for row in rows])
        opened = ((row, self._seals.open(row.id, PERSON, row.sealed)) for row in rows)
        kept = ((row, person) for row, person in opened if person is not None)
        return [contact_of(row.id, row.organisation, row.role, row.version, person) for row, person in kept]

    def _audit(self, action: str, contact: Contact) -> None:
        aggregate = f"contact/{contact.id}"
        self._tx.add(
            AuditRow(at=self._now, actor=self._actor, action=action, aggregate=aggregate, sequence=contact.version)
        )
