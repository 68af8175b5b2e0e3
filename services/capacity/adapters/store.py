"""Capacity's store on SQL."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters import rows
from services.capacity.adapters.organisations import SqlOrganisations
from services.capacity.adapters.stamp import Stamp
from services.capacity.adapters.store_history import KEEP, SqlHistory
from services.capacity.adapters.store_lists import SqlLists
from services.capacity.adapters.tables import (
    GuidanceRow,
    KeptVersionRow,
    NewsRow,
    OfferRow,
    PersonKeyRow,
    PlacementRow,
    RegionRow,
    SchoolDecisionRow,
    SiteRow,
    SiteSignalRow,
    SupervisorRow,
    SupervisorSiteRow,
    WorkplaceRow,
)
from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.news import News
from services.capacity.domain.regions import Region
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.catalogue import SUPERVISOR_AVAILABILITY
from shared.contracts.signals import Signal
from shared.contracts.vocabulary import Contract
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.messaging.runs import heard
from shared.persistence.statements import insert_rows, put_rows
from shared.security.sealing import Sealer, WrappedKey
from shared.webhooks.naming import forget_messages_naming

NAME, SEALED = "name", "sealed"


class SqlStore(SqlLists, SqlHistory, SqlOrganisations):
    """One transaction's view; `stamp` says when and by whom it writes, the sealer keeps names; without `locks` it only reads.

    What has its first version is new: of two who make the same thing at once the second gets Conflict.
    """

    def __init__(self, tx: AsyncSession, outbox: Outbox, sealer: Sealer, stamp: Stamp, *, locks: bool = True) -> None:
        self._tx = tx
        self._outbox = outbox
        self._sealer = sealer
        self._stamp = stamp
        self._locks = locks

    async def region(self, region: str) -> Region | None:
        row = await self._tx.get(RegionRow, region, with_for_update=self._locks)
        return None if row is None else rows.region_of(row)

    async def regions(self) -> Sequence[Region]:
        found = await self._tx.exec(select(RegionRow).order_by(col(RegionRow.id)))
        return [rows.region_of(row) for row in found]

    async def save_region(self, region: Region) -> None:
        is_new = region.sequence == 1 and not region.day_sequence
        row = RegionRow(id=region.id, sequence=0, body={}) if is_new else await self._tx.get_one(RegionRow, region.id)
        is_changed = row.sequence != region.sequence
        rows.fill_region(row, region)
        await self._save(row)
        if is_changed:
            await self._keep(f"region/{region.id}", region.sequence, row.body)

    async def periods_in_use(self, region: str) -> Collection[str]:
        used: set[str] = set()
        workplaces = await self._tx.exec(select(WorkplaceRow).where(col(WorkplaceRow.region) == region))
        for workplace in workplaces:
            used |= {period for period, seats in rows.workplace_of(workplace).workplace.seats.items() if seats}
        supervisors = await self._tx.exec(select(SupervisorRow).where(col(SupervisorRow.region) == region))
        for supervisor in supervisors:
            used |= {period for period, qh in rows.supervisor_of(supervisor).supervisor.qh.items() if qh}
        return used

    async def site(self, site: str) -> SchoolSite | None:
        row = await self._tx.get(SiteRow, site, with_for_update=self._locks)
        return None if row is None else rows.site_of(row)

    async def sites(self, ids: Collection[str]) -> Mapping[str, SchoolSite]:
        if len(ids) == 1:  # it may have been read in this transaction already
            held = await self._tx.get(SiteRow, next(iter(ids)))
            return {} if held is None else {held.id: rows.site_of(held)}
        found = await self._tx.exec(select(SiteRow).where(col(SiteRow.id).in_(ids)))
        return {row.id: rows.site_of(row) for row in found}

    async def has_shells(self, site: str) -> bool:
        found = select(SiteRow.id).where(col(SiteRow.core) == site).limit(1)
        return (await self._tx.exec(found)).first() is not None

    async def save_site(self, site: SchoolSite) -> None:
        row = SiteRow(id=site.site.id, region=site.region, name="", town="", sequence=0, body={})
        row = row if site.sequence == 1 else await self._tx.get_one(SiteRow, site.site.id)
        rows.fill_site(row, site)
        await self._save(row)

    async def workplace(self, workplace: str) -> OfferedWorkplace | None:
        row = await self._tx.get(WorkplaceRow, workplace, with_for_update=self._locks)
        return None if row is None else rows.workplace_of(row)

    async def save_workplace(self, workplace: OfferedWorkplace) -> None:
        held = workplace.workplace
        row = WorkplaceRow(id=held.id, region=workplace.region, site=held.site, sequence=0, body={})
        row = row if workplace.sequence == 1 else await self._tx.get_one(WorkplaceRow, held.id)
        row.sequence, row.body = workplace.sequence, held.model_dump(mode="json")
        await self._save(row)
        await self._keep(f"workplace/{held.id}", workplace.sequence, row.body)

    async def supervisor(self, supervisor: str) -> SupervisorRecord | None:
        row = await self._tx.get(SupervisorRow, supervisor, with_for_update=self._locks)
        return None if row is None else rows.supervisor_of(row)

    async def save_supervisor(self, record: SupervisorRecord) -> None:
        held = record.supervisor
        row = SupervisorRow(id=held.id, region=record.region, sequence=0, body={})
        row = row if record.sequence == 1 else await self._tx.get_one(SupervisorRow, held.id)
        row.sequence, row.body = record.sequence, held.model_dump(mode="json")
        await self._save(row)
        await self._keep(f"supervisor/{held.id}", record.sequence, row.body)
        await self._tx.exec(delete(SupervisorSiteRow).where(col(SupervisorSiteRow.supervisor) == held.id))
        self._tx.add_all([SupervisorSiteRow(supervisor=held.id, site=site) for site in dict.fromkeys(held.sites)])

    async def names(self, supervisors: Collection[str]) -> Mapping[str, str]:
        found = await self._tx.exec(
            select(SupervisorRow.id, SupervisorRow.sealed_name, PersonKeyRow.wrapped_key)
            .join(PersonKeyRow, col(PersonKeyRow.person) == col(SupervisorRow.id))
            .where(col(SupervisorRow.id).in_(supervisors), col(SupervisorRow.sealed_name).is_not(None))
        )
        return {
            person: self._sealer.unseal(WrappedKey(key), person, NAME, sealed)
            for person, sealed, key in found
            if sealed is not None
        }

    async def save_name(self, supervisor: str, name: str) -> None:
        row = await self._tx.get_one(SupervisorRow, supervisor)
        key = await self._tx.get(PersonKeyRow, supervisor)
        if key is None:
            wrapped = self._sealer.new_key(supervisor)
            key = PersonKeyRow(person=supervisor, wrapped_key=wrapped, created_at=self._stamp.now)
            self._tx.add(key)
        row.sealed_name = self._sealer.seal(WrappedKey(key.wrapped_key), supervisor, NAME, name)
        await self._save(row)

    async def keep_name(self, supervisor: str, sequence: int) -> None:
        aggregate = f"{NAME}/{supervisor}"
        await self._forget_versions(aggregate)
        row = await self._tx.get_one(SupervisorRow, supervisor)
        if row.sealed_name is not None:
            body: dict[str, object] = {SEALED: b64encode(row.sealed_name).decode()}
            await self._save(KeptVersionRow(aggregate=aggregate, sequence=sequence, at=self._stamp.now, body=body))

    async def name_before(self, supervisor: str, sequence: int) -> str | None:
        kept = await self.version(f"{NAME}/{supervisor}", sequence)
        key = await self._tx.get(PersonKeyRow, supervisor)
        if kept is None or key is None:
            return None
        return self._sealer.unseal(WrappedKey(key.wrapped_key), supervisor, NAME, b64decode(str(kept[SEALED])))

    async def forget_old_names(self) -> None:
        outlived = (
            col(KeptVersionRow.aggregate).startswith(f"{NAME}/"),
            col(KeptVersionRow.at) < self._stamp.now - KEEP,
        )
        await self._tx.exec(delete(KeptVersionRow).where(*outlived))

    async def outlived(self, before: date, limit: int) -> Sequence[str]:
        departs = col(SupervisorRow.body)["departs"].as_string()
        found = select(SupervisorRow.id).where(
            col(SupervisorRow.sealed_name).is_not(None), departs < before.isoformat()
        )
        return (await self._tx.exec(found.order_by(col(SupervisorRow.id)).limit(limit))).all()

    async def erase_name(self, supervisor: str) -> None:
        row = await self._tx.get_one(SupervisorRow, supervisor)
        row.sealed_name, row.erased_at = None, row.erased_at or self._stamp.now
        await self._tx.exec(delete(PersonKeyRow).where(col(PersonKeyRow.person) == supervisor))
        await self._forget_versions(f"supervisor/{supervisor}")
        await self._forget_versions(f"{NAME}/{supervisor}")
        await self._save(row)

    async def place(self, student: str) -> Place | None:
        row = await self._tx.get(PlacementRow, student, populate_existing=True)  # it is written without objects
        return None if row is None else rows.place_of(row)

    async def places(self, students: Collection[str]) -> Mapping[str, Place]:
        found = select(PlacementRow).where(col(PlacementRow.student).in_(students))
        found = found.execution_options(populate_existing=True)  # they are written without objects
        return {row.student: rows.place_of(row) for row in await self._tx.exec(found)}

    async def save_places(self, places: Sequence[Place], news: Sequence[News]) -> None:
        await put_rows(self._tx, PlacementRow, [rows.place_row(place) for place in places])
        await self._forget_guides([place.student for place in places])
        guides = [{"student": place.student, "supervisor": guide} for place in places for guide in place.guides]
        await insert_rows(self._tx, GuidanceRow, guides)
        await self._add_news(news)

    async def forget_place(self, student: str) -> None:
        for table in (PlacementRow, OfferRow, SchoolDecisionRow, NewsRow, SiteSignalRow):
            await self._tx.exec(delete(table).where(col(table.student) == student))
        await forget_messages_naming(self._tx, student)
        await self._forget_guides([student])

    async def offer(self, student: str) -> Offer | None:
        row = await self._tx.get(OfferRow, student)
        return None if row is None else rows.offer_of(row)

    async def save_offer(self, offer: Offer) -> bool:
        row = await self._tx.get(OfferRow, offer.student)
        if row is not None and row.sequence >= offer.sequence:
            return False
        row = row or OfferRow(student=offer.student, sequence=0, body={})
        rows.fill_offer(row, offer)
        self._tx.add(row)
        return True

    async def hear_signals(self, signals: Sequence[Signal]) -> Sequence[int | None]:
        about = {one.signal: getattr(one, "student", None) for one in signals}
        if not about:
            return ()
        known = select(SiteSignalRow.signal, SiteSignalRow.sequence).where(col(SiteSignalRow.signal).in_(about))
        before, newest = heard(
            dict((await self._tx.exec(known)).all()), [(one.signal, one.sequence) for one in signals]
        )
        now = [{"signal": name, "student": about[name], "sequence": number} for name, number in newest.items()]
        await put_rows(self._tx, SiteSignalRow, now)
        return before

    async def guided_counts(self, supervisors: Collection[str]) -> Mapping[str, int]:
        found = await self._tx.exec(
            select(GuidanceRow.supervisor, func.count())
            .where(col(GuidanceRow.supervisor).in_(supervisors))
            .group_by(col(GuidanceRow.supervisor))
        )
        return dict(found.all())

    async def decision(self, student: str) -> Decision | None:
        row = await self._tx.get(SchoolDecisionRow, student, with_for_update=self._locks)
        return None if row is None else rows.decision_of(row)

    async def save_decision(self, decision: Decision) -> None:
        student = decision.event.student
        row = SchoolDecisionRow(student=student, verdict="", body={})
        row = row if decision.event.sequence == 1 else await self._tx.get_one(SchoolDecisionRow, student)
        row.verdict, row.body = decision.verdict, decision.event.model_dump(mode="json")
        await self._save(row)

    async def publish(self, event: Contract) -> None:
        await self._outbox.add(self._tx, [event], self._stamp.now, self._stamp.actor)

    async def take_back(self, region: str, aggregate: str) -> None:
        told = [(SUPERVISOR_AVAILABILITY, aggregate)]
        await self._outbox.take_back(self._tx, region, told, self._stamp.now, self._stamp.actor)

    async def _forget_guides(self, students: Collection[str]) -> None:
        await self._tx.exec(delete(GuidanceRow).where(col(GuidanceRow.student).in_(students)))

    async def _save(self, row: SQLModel) -> None:
        """Writes at once, so that of two who make the same thing the second is told."""
        self._tx.add(row)
        try:
            await self._tx.flush()
        except IntegrityError as problem:
            raise Conflict("bestaat-al", "Iemand anders legde dit op hetzelfde moment vast.") from problem
