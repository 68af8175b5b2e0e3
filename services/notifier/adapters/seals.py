"""Seals and opens what the notifier keeps of contacts, under the key of each; without that key there is nothing to read."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import ContactKeyRow
from shared.security.sealing import Sealer, WrappedKey

Personal = Mapping[str, str | None]
"""What is sealed together, by name."""


class ContactSeals:
    """One transaction's view of the keys; what it has read once it does not read again."""

    def __init__(self, tx: AsyncSession, sealer: Sealer) -> None:
        self._tx = tx
        self._sealer = sealer
        self._keys: dict[str, WrappedKey] = {}

    async def make_key(self, contact: str, now: datetime) -> None:
        """Gives the contact a key, unless it has one."""
        await self.read_keys([contact])
        if contact not in self._keys:
            self._keys[contact] = self._sealer.new_key(contact)
            self._tx.add(ContactKeyRow(contact=contact, wrapped_key=self._keys[contact], created_at=now))

    async def read_keys(self, contacts: Collection[str], *, anew: bool = False) -> None:
        """Reads the keys of those contacts that still have one, `anew` also where one was read before."""
        for ids in chunks([each for each in contacts if anew or each not in self._keys]):
            found = await self._tx.exec(
                select(ContactKeyRow.contact, ContactKeyRow.wrapped_key).where(col(ContactKeyRow.contact).in_(ids))
            )
            self._keys |= {contact: WrappedKey(key) for contact, key in found}

    def seal(self, contact: str, field: str, personal: Personal) -> bytes:
        """Sealed for this contact and field, whose key was read; raises LookupError when it has none."""
        if contact not in self._keys:
            raise LookupError(f"contact {contact} has no key")
        return self._sealer.seal(self._keys[contact], contact, field, json.dumps(personal, ensure_ascii=False))

    def fingerprint(self, text: str) -> str:
        """The same for the same text; without the master key nobody can try what it was."""
        return self._sealer.fingerprint(text.encode())

    def open(self, contact: str, field: str, sealed: bytes | None) -> Personal | None:
        """What was sealed; None when it, or the key, was erased."""
        if sealed is None or contact not in self._keys:
            return None
        opened: Personal = json.loads(self._sealer.unseal(self._keys[contact], contact, field, sealed))
        return opened
