"""Contacts and read models on SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.rows import contact_of, place_of, region_of, site_of
from services.notifier.adapters.tables import ContactRow, KnownRegionRow, KnownSiteRow, MailRow, PlaceRow
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import MailState
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from shared.persistence.tables import AuditRow

CHUNK = 500
"""SQLite takes 32,766 values in one statement, PostgreSQL's driver 32,767; this stays far below both."""


def chunks(ids: Collection[str]) -> Iterator[list[str]]:
    """The ids in pieces that fit in one statement, in a fixed order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


class SqlContacts:
    """One transaction's view of contacts."""

    _tx: AsyncSession
    _now: datetime
    _actor: str
    _locks: bool

    async def contact(self, contact: str) -> Contact | None:
        row = await self._tx.get(ContactRow, contact, with_for_update=self._locks)
        return None if row is None else contact_of(row)

    async def contacts(self, organisation: str | None = None) -> Sequence[Contact]:
        wanted = select(ContactRow).order_by(col(ContactRow.id))
        if organisation is not None:
            wanted = wanted.where(col(ContactRow.organisation) == organisation)
        return [contact_of(row) for row in await self._tx.exec(wanted)]

    async def save_contact(self, contact: Contact) -> None:
        row = await self._tx.get(ContactRow, contact.id)
        if row is None:
            row = ContactRow(id=contact.id, organisation="", role="", email="", version=0)
        row.organisation, row.role, row.email = contact.organisation, contact.role, contact.email
        row.name, row.phone, row.version = contact.name, contact.phone, contact.version
        self._tx.add(row)
        self._audit("contact.changed", contact)
        await self._tx.flush()

    async def delete_contact(self, contact: Contact) -> None:
        row = await self._tx.get(ContactRow, contact.id)
        if row is not None:
            await self._tx.delete(row)
        was_tried = col(MailRow.state).in_([MailState.SENT, MailState.FAILED])
        sent_to = update(MailRow).where(col(MailRow.contact) == contact.id, was_tried)
        await self._tx.exec(sent_to.values(email="", name=None))
        self._audit("contact.deleted", contact)

    def _audit(self, action: str, contact: Contact) -> None:
        aggregate = f"contact/{contact.id}"
        self._tx.add(
            AuditRow(at=self._now, actor=self._actor, action=action, aggregate=aggregate, sequence=contact.version)
        )


class SqlKnowledge:
    """One transaction's view of what others' events taught."""

    _tx: AsyncSession
    _rows: HeldRows

    async def region(self, region: str) -> KnownRegion | None:
        row = await self._rows.read(KnownRegionRow, region)
        return None if row is None else region_of(row)

    async def regions(self) -> Mapping[str, KnownRegion]:
        return {row.id: region_of(row) for row in await self._tx.exec(select(KnownRegionRow))}

    async def save_region(self, region: KnownRegion) -> None:
        starts = {period: start.isoformat() for period, start in region.starts.items()}
        row = KnownRegionRow(
            id=region.id,
            name=region.name,
            starts=starts,
            sequence=region.sequence,
            day=region.day,
            day_sequence=region.day_sequence,
        )
        await self._rows.keep(row, region.id)

    async def site(self, site: str) -> KnownSite | None:
        row = await self._rows.read(KnownSiteRow, site)
        return None if row is None else site_of(row)

    async def sites(self, sites: Collection[str]) -> Mapping[str, KnownSite]:
        found: dict[str, KnownSite] = {}
        for ids in chunks(sites):
            rows = await self._tx.exec(select(KnownSiteRow).where(col(KnownSiteRow.id).in_(ids)))
            found |= {row.id: site_of(row) for row in rows}
        return found

    async def save_site(self, site: KnownSite) -> None:
        row = KnownSiteRow(id=site.id, name=site.name, town=site.town, sequence=site.sequence)
        await self._rows.keep(row, site.id)

    async def place(self, student: str) -> StudentPlace | None:
        row = await self._rows.read(PlaceRow, student)
        return None if row is None else place_of(row)

    async def places(self, students: Collection[str]) -> Mapping[str, StudentPlace]:
        found: dict[str, StudentPlace] = {}
        for ids in chunks(students):
            rows = await self._tx.exec(select(PlaceRow).where(col(PlaceRow.student).in_(ids)))
            found |= {row.student: place_of(row) for row in rows}
        return found

    async def save_place(self, place: StudentPlace) -> None:
        row = PlaceRow(
            student=place.student,
            site=place.site,
            periods=list(place.periods),
            sequence=place.sequence,
            is_withdrawn=place.is_withdrawn,
            registration_sequence=place.registration_sequence,
        )
        await self._rows.keep(row, place.student)

    async def forget_place(self, student: str) -> None:
        await self._rows.drop(PlaceRow, student)
