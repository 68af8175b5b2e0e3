"""Capacity's store in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.news import News, What
from services.capacity.domain.regions import Region, region_changed
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import EVERY_SITE, SupervisorRecord
from services.capacity.ports import SiteFilter, SupervisorFilter, WorkplaceFilter
from services.capacity.ports.history import Check
from shared.audited import Change
from shared.contracts.catalogue import event_type_of
from shared.contracts.signals import Signal
from shared.contracts.vocabulary import Contract
from tests.support.capacity import NOW


@dataclass
class MemoryStore:
    """Capacity's store in dictionaries; `published` is what went to the outbox, in order."""

    held_regions: dict[str, Region] = field(default_factory=dict)
    held_sites: dict[str, SchoolSite] = field(default_factory=dict)
    held_workplaces: dict[str, OfferedWorkplace] = field(default_factory=dict)
    held_supervisors: dict[str, SupervisorRecord] = field(default_factory=dict)
    plain_names: dict[str, str] = field(default_factory=dict)
    names_before: dict[tuple[str, int], tuple[datetime, str]] = field(default_factory=dict)
    held_places: dict[str, Place] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    held_decisions: dict[str, Decision] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    kept: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[datetime, News]] = field(default_factory=list)
    checked: dict[tuple[str, str], Check] = field(default_factory=dict)
    signals: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    published: list[Contract] = field(default_factory=list)
    now: datetime = NOW
    actor: str = "test"
    taken_back: list[str] = field(default_factory=list)

    async def called(self, codes: Collection[str]) -> Mapping[str, str]:
        sites = {code: each.name for code, each in self.held_sites.items() if each.name}
        known = {**self.organisations, **sites, **{each.id: each.terms.name for each in self.held_regions.values()}}
        return {code: known[code] for code in codes if code in known}

    async def name_organisation(self, code: str, name: str, was: str) -> bool:
        if self.organisations.get(code, "") != was:
            return False
        self.organisations[code] = name
        if not name:
            del self.organisations[code]
        return True

    async def region(self, region: str) -> Region | None:
        return self.held_regions.get(region)

    async def regions(self) -> Sequence[Region]:
        return [self.held_regions[each] for each in sorted(self.held_regions)]

    async def save_region(self, region: Region) -> None:
        self.held_regions[region.id] = region
        self._keep(f"region/{region.id}", region.sequence, region_changed(region.id, region.sequence, region.terms))

    async def periods_in_use(self, region: str) -> Collection[str]:
        seats = [one.workplace.seats for one in self.held_workplaces.values() if one.region == region]
        hours = [one.supervisor.qh for one in self.held_supervisors.values() if one.region == region]
        return {period for each in (*seats, *hours) for period, amount in each.items() if amount}

    async def site(self, site: str) -> SchoolSite | None:
        return self.held_sites.get(site)

    async def sites(self, ids: Collection[str]) -> Mapping[str, SchoolSite]:
        return {each: self.held_sites[each] for each in ids if each in self.held_sites}

    async def version(self, aggregate: str, sequence: int) -> Mapping[str, object] | None:
        return self.kept.get((aggregate, sequence))

    async def versions(self, aggregate: str, limit: int) -> Mapping[int, Mapping[str, object]]:
        return {number: self.kept[aggregate, number] for name, number in sorted(self.kept)[::-1] if name == aggregate}

    async def versions_of(self, aggregates: Collection[str]) -> Mapping[tuple[str, int], Mapping[str, object]]:
        return {each: body for each, body in self.kept.items() if each[0] in aggregates}

    def _keep(self, aggregate: str, sequence: int, body: Contract) -> None:
        self.kept[aggregate, sequence] = body.model_dump(mode="json")

    async def changes_of(self, aggregates: Collection[str], limit: int) -> Sequence[Change]:
        return [one for one in reversed(self.changes) if one.aggregate in aggregates][:limit]

    async def note(self, action: str, aggregate: str, sequence: int) -> None:
        self.changes.append(Change(self.now, self.actor, action, aggregate, sequence))

    async def is_told(self, aggregate: str) -> bool:
        return True

    async def news(self, site: str, since: datetime) -> Mapping[str, What]:
        return {one.student: one.what for at, one in self.told if one.site == site and at >= since}

    async def forget_old_news(self) -> None:
        self.told = [(at, one) for at, one in self.told if at >= self.now - timedelta(days=8)]

    async def check_site(self, site: str, period: str) -> None:
        self.checked[site, period] = Check(site, period, self.now)

    async def checks(self, sites: Collection[str]) -> Sequence[Check]:
        return [one for one in self.checked.values() if one.site in sites]

    async def sites_where(self, wanted: SiteFilter, after: str | None, limit: int) -> Sequence[SchoolSite]:
        found = [
            one
            for identifier, one in sorted(self.held_sites.items())
            if wanted.region in (None, one.region)
            and wanted.board in (None, one.board)
            and identifier.startswith(wanted.school or "")
            and wanted.sector in (None, one.site.sector)
        ]
        return [one for one in found if one.site.id > (after or "")][:limit]

    async def workplaces_where(
        self, wanted: WorkplaceFilter, after: str | None, limit: int
    ) -> Sequence[OfferedWorkplace]:
        found = [
            one
            for _, one in sorted(self.held_workplaces.items())
            if wanted.region in (None, one.region)
            and (wanted.sites is None or one.workplace.site in wanted.sites)
            and wanted.subject in (None, one.workplace.subject)
        ]
        return [one for one in found if one.workplace.id > (after or "")][:limit]

    async def workplaces(self, ids: Collection[str]) -> Mapping[str, OfferedWorkplace]:
        return {each: self.held_workplaces[each] for each in ids if each in self.held_workplaces}

    async def supervisors_where(
        self, wanted: SupervisorFilter, after: str | None, limit: int
    ) -> Sequence[SupervisorRecord]:
        found = [
            one
            for _, one in sorted(self.held_supervisors.items())
            if wanted.region in (None, one.region)
            and (wanted.sites is None or set(wanted.sites) & set(one.supervisor.sites))
            and wanted.tier in (None, one.supervisor.tier)
        ]
        return [one for one in found if one.supervisor.id > (after or "")][:limit]

    async def supervisors(self, ids: Collection[str]) -> Mapping[str, SupervisorRecord]:
        return {each: self.held_supervisors[each] for each in ids if each in self.held_supervisors}

    async def lost_at(self, site: str) -> Sequence[Place]:
        return sorted((one for one in self.held_places.values() if one.lost_site == site), key=lambda one: one.student)

    async def placed_counts(self, sites: Collection[str]) -> Mapping[str, int]:
        return Counter(one.site for one in self.held_places.values() if one.site in sites and one.site)

    async def decisions(self, students: Collection[str]) -> Mapping[str, Decision]:
        return {each: self.held_decisions[each] for each in students if each in self.held_decisions}

    async def find_sites(self, words: str, limit: int) -> Sequence[SchoolSite]:
        def matches(one: SchoolSite) -> bool:
            texts = (one.name.lower(), one.town.lower(), one.site.id.lower())
            return all(any(word in text for text in texts) for word in words.lower().split())

        found = [one for one in self.held_sites.values() if matches(one)]
        return sorted(found, key=lambda one: (one.region, one.town, one.name, one.site.id))[:limit]

    async def has_shells(self, site: str) -> bool:
        return any(one.site.core == site for one in self.held_sites.values())

    async def save_site(self, site: SchoolSite) -> None:
        self.held_sites[site.site.id] = site

    async def workplace(self, workplace: str) -> OfferedWorkplace | None:
        return self.held_workplaces.get(workplace)

    async def save_workplace(self, workplace: OfferedWorkplace) -> None:
        self.held_workplaces[workplace.workplace.id] = workplace
        self._keep(f"workplace/{workplace.workplace.id}", workplace.sequence, workplace.workplace)

    async def supervisor(self, supervisor: str) -> SupervisorRecord | None:
        return self.held_supervisors.get(supervisor)

    async def subjects_in(self, region: str) -> Mapping[str, int]:
        return Counter(one.workplace.subject for one in self.held_workplaces.values() if one.region == region)

    async def supervisors_of(self, site: SchoolSite) -> Sequence[SupervisorRecord]:
        serving = [
            one
            for one in self.held_supervisors.values()
            if one.region == site.region and {site.site.id, EVERY_SITE} & set(one.supervisor.sites)
        ]
        return sorted(serving, key=lambda one: one.supervisor.id)

    async def save_supervisor(self, record: SupervisorRecord) -> None:
        self.held_supervisors[record.supervisor.id] = record
        self._keep(f"supervisor/{record.supervisor.id}", record.sequence, record.supervisor)

    async def names(self, supervisors: Collection[str]) -> Mapping[str, str]:
        return {each: self.plain_names[each] for each in supervisors if each in self.plain_names}

    async def save_name(self, supervisor: str, name: str) -> None:
        self.plain_names[supervisor] = name

    async def keep_name(self, supervisor: str, sequence: int) -> None:
        self.names_before = {each: name for each, name in self.names_before.items() if each[0] != supervisor}
        if supervisor in self.plain_names:
            self.names_before[supervisor, sequence] = (self.now, self.plain_names[supervisor])

    async def name_before(self, supervisor: str, sequence: int) -> str | None:
        return self.names_before.get((supervisor, sequence), (self.now, None))[1]

    async def forget_old_names(self) -> None:
        kept = self.now - timedelta(days=2)
        self.names_before = {each: held for each, held in self.names_before.items() if held[0] >= kept}

    async def erase_name(self, supervisor: str) -> None:
        self.plain_names.pop(supervisor, None)
        self.names_before = {each: name for each, name in self.names_before.items() if each[0] != supervisor}
        self.held_supervisors[supervisor] = replace(self.held_supervisors[supervisor], is_erased=True)
        self.kept = {each: body for each, body in self.kept.items() if each[0] != f"supervisor/{supervisor}"}

    async def outlived(self, before: date, limit: int) -> Sequence[str]:
        gone = [one for one in self.held_supervisors.values() if one.has_departed(before - timedelta(days=1))]
        return sorted(one.supervisor.id for one in gone if one.supervisor.id in self.plain_names)[:limit]

    async def take_back(self, region: str, aggregate: str) -> None:
        self.taken_back.append(aggregate)

    async def place(self, student: str) -> Place | None:
        return self.held_places.get(student)

    async def places_at(self, site: str) -> Sequence[Place]:
        return sorted((one for one in self.held_places.values() if one.site == site), key=lambda one: one.student)

    async def places(self, students: Collection[str]) -> Mapping[str, Place]:
        return {student: self.held_places[student] for student in students if student in self.held_places}

    async def save_places(self, places: Sequence[Place], news: Sequence[News]) -> None:
        self.held_places |= {place.student: place for place in places}
        self.told += [(self.now, one) for one in news]

    async def forget_place(self, student: str) -> None:
        for held in (self.held_places, self.offers, self.held_decisions):
            held.pop(student, None)
        self.told = [(at, one) for at, one in self.told if one.student != student]
        self.signals = {name: held for name, held in self.signals.items() if held[0] != student}

    async def offer(self, student: str) -> Offer | None:
        return self.offers.get(student)

    async def offers_at(self, site: str) -> Sequence[Offer]:
        return sorted((one for one in self.offers.values() if one.site == site), key=lambda one: one.student)

    async def save_offer(self, offer: Offer) -> bool:
        held = self.offers.get(offer.student)
        if held is not None and held.sequence >= offer.sequence:
            return False
        self.offers[offer.student] = offer
        return True

    async def hear_signals(self, signals: Sequence[Signal]) -> Sequence[int | None]:
        return [self._hear(one) for one in signals]

    def _hear(self, signal: Signal) -> int | None:
        _, before = self.signals.get(signal.signal, (None, 0))
        if before >= signal.sequence:
            return None
        self.signals[signal.signal] = (getattr(signal, "student", None), signal.sequence)
        return before

    async def guided_counts(self, supervisors: Collection[str]) -> Mapping[str, int]:
        counts = {each: sum(each in one.guides for one in self.held_places.values()) for each in supervisors}
        return {each: count for each, count in counts.items() if count}

    async def decision(self, student: str) -> Decision | None:
        return self.held_decisions.get(student)

    async def save_decision(self, decision: Decision) -> None:
        self.held_decisions[decision.event.student] = decision

    async def last_changes(self, aggregates: Collection[str]) -> Mapping[str, Change]:
        return {one.aggregate: one for one in self.changes if one.aggregate in aggregates}

    async def change(self, aggregate: str, sequence: int) -> Change | None:
        found = [one for one in self.changes if (one.aggregate, one.sequence) == (aggregate, sequence)]
        return found[-1] if found else None

    async def publish(self, event: Contract) -> None:
        self.published.append(event)
        kind = event_type_of(event)
        sequence: int = event.sequence  # type: ignore[attr-defined]  # every event has one
        self.changes.append(Change(self.now, self.actor, kind.name, kind.aggregate(event), sequence))
