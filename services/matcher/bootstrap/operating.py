"""Builds what the commands for whoever runs the matcher work with: replay, rebuild, and what waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.matcher.adapters import comparing, group, rebuilding
from services.matcher.adapters.log import RegionLog, events_in, read_region_log, regions_in_log
from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP, MIGRATIONS, READS
from services.matcher.config import Settings
from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.ids import RegionId
from services.matcher.domain.waiting import missing
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.rebuilding import Known, rebuilt
from services.matcher.handlers.replaying import Cut, Difference, Replay
from services.matcher.ports import RegionState
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition, Record
from shared.messaging.topics import partition_of
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade


@dataclass(frozen=True, slots=True)
class Replaying:
    """The plans of the matcher's database, and an empty one to make them in again."""

    settings: Settings
    recorded: Database
    again: Database

    async def prepare(self) -> bool:
        """Makes the tables; false where there is something in them."""
        await upgrade(self.again, MIGRATIONS)
        return await comparing.is_empty(self.again)

    async def cuts(self, region: RegionId) -> list[Cut]:
        """The records of the plan versions."""
        return await comparing.load_cuts(self.recorded, region)

    async def log(self, region: RegionId) -> RegionLog:
        """Everything that was told of the region, and about it."""
        return await read_region_log(self.settings.kafka_bootstrap, region, READS, self.settings.partitions)

    async def replay(self, region: RegionId, log: RegionLog) -> Replay:
        """A matcher that has seen nothing yet, to be taken along the records."""
        inbox, planner = Inbox(GROUP, self.settings.partitions), OwnProcess()
        store = SqlStore(self.again, Outbox(f"{self.settings.event_source}:matcher"), inbox)
        return Replay(
            Matcher(store, planner, inbox, lambda: None),
            planner,
            region,
            log.records,
            await comparing.load_aside(self.recorded, log.records),
        )

    async def differences(self, region: RegionId, log: RegionLog) -> list[Difference]:
        """What came out otherwise than recorded and published."""
        return await comparing.compare(self.recorded, self.again, region, log)

    async def close(self) -> None:
        """Closes both databases."""
        await self.recorded.close()
        await self.again.close()


def build_replaying(settings: Settings, into: str) -> Replaying:
    """The parts of a replay into this database; nothing connects yet."""
    return Replaying(settings, Database(settings.database_url), Database(into))


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """A region in the matcher's database, to be made anew."""

    settings: Settings
    database: Database

    async def prepare(self) -> None:
        """Makes the tables, where the database has none."""
        await upgrade(self.database, MIGRATIONS)

    async def is_lost(self) -> bool:
        """Whether the database knows of nothing at all."""
        return await rebuilding.is_lost(self.database, Inbox(GROUP))

    async def is_anything_read(self) -> bool:
        """Whether any matcher reads anything now."""
        numbers = range(self.settings.partitions)
        return any([await group.has_reader(self.settings.kafka_bootstrap, GROUP, number) for number in numbers])

    async def rebuild_all(self) -> Mapping[str, object]:
        """Every region that the log tells of, for a database that was lost, and tells what there is; raises Conflict when a worker was
        first."""
        bootstrap, partitions = self.settings.kafka_bootstrap, self.settings.partitions
        regions, ends = await regions_in_log(bootstrap, READS, partitions)
        store = rebuilding.LostStore(self.database, self._outbox(), Inbox(GROUP))
        found = Counter[str]()
        for region in regions:
            here = {one: ends[one] for one in self._partitions(region)}
            known, log = Known({}, RegionState(RegionFacts(region)), here, 0), await self.log(region)
            told = [one for records in log.records.values() for one in events_in(records)]
            made = rebuilt(region, known, told, events_in(log.published))
            state = await self._planned(store.of(known, made), region)
            found.update(facts=len(made.facts), places=len(state.places), signals=len(made.state.signals))
            found.update(ended_offers=len(made.closed))
        await store.finish(ends)
        return {"lost": True, "regions": regions, **found, "events": await self.unpublished()}

    async def is_read(self, region: RegionId) -> bool:
        """Whether a matcher reads the region now."""
        number = partition_of(region, self.settings.partitions)
        return await group.has_reader(self.settings.kafka_bootstrap, GROUP, number)

    async def unpublished(self) -> int:
        """How many messages are not in the log yet."""
        return await rebuilding.unpublished(self.database)

    async def known(self, region: RegionId) -> Known:
        """What the database has of the region."""
        return await rebuilding.load_known(self.database, Inbox(GROUP), region, self._partitions(region))

    async def log(self, region: RegionId) -> RegionLog:
        """Everything that was told of the region, and about it."""
        return await read_region_log(self.settings.kafka_bootstrap, region, READS, self.settings.partitions)

    async def rebuild(self, region: RegionId, known: Known, log: RegionLog) -> Mapping[str, object]:
        """Replaces the region and tells what changed; raises Conflict when a worker was first."""
        aside = await comparing.load_aside(self.database, log.records)
        told = [one for records in log.records.values() for one in events_in(_applied(records, aside))]
        made = rebuilt(region, known, told, events_in(log.published))
        store = rebuilding.RebuildingStore(self.database, self._outbox(), Inbox(GROUP)).of(known, made)
        state = await self._planned(store, region)
        return {
            "facts": len(made.facts),
            "changed_facts": len(made.changed_facts),
            "places": len(state.places),
            "changed_places": len(made.changed_places),
            "changed_signals": len(made.changed_signals),
            "changed_switches": len(made.changed_switches),
            "version": state.version if state.facts.can_be_planned else None,
            "events": await self.unpublished(),
        }

    async def _planned(self, store: rebuilding.RebuildingStore, region: RegionId) -> RegionState:
        """A region as it is rebuilt, once it is planned for."""
        matcher = Matcher(store, OwnProcess(), Inbox(GROUP), lambda: None)
        await matcher.resume(self._partitions(region))
        await matcher.plan_anew(region)
        return matcher.memory.regions[region]

    def _outbox(self) -> Outbox:
        return Outbox(f"{self.settings.event_source}:matcher")

    async def close(self) -> None:
        """Closes the database."""
        await self.database.close()

    def _partitions(self, region: RegionId) -> list[Partition]:
        number = partition_of(region, self.settings.partitions)
        return [Partition(topic, number) for topic in READS]


def _applied(records: Sequence[Record], aside: Mapping[tuple[Partition, int], bool]) -> list[Record]:
    """All but those that were parked."""
    return [one for one in records if aside.get((one.partition, one.offset), True)]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that names what was never heard of; `since` is None where no day has begun since."""

    region: RegionId
    subject: str
    names: str
    since: date | None
    told: bool


async def unknown_references(settings: Settings, region: str | None) -> list[Unknown]:
    """What waits now, in one region or in all."""
    database, found = Database(settings.database_url), []
    store = SqlStore(database, Outbox(settings.event_source), Inbox(GROUP))
    try:
        for one in sorted(await store.regions()):
            if region in (None, one):
                state = await store.load(one)
                for each in sorted(missing(state.facts)):
                    held = state.waiting.get(each)
                    since, told = (None, False) if held is None else (held.since, held.told)
                    found.append(Unknown(one, each.subject, each.names, since, told))
    finally:
        await database.close()
    return found


def build_rebuilding(settings: Settings) -> Rebuilding:
    """The parts of a rebuild; nothing connects yet."""
    return Rebuilding(settings, Database(settings.database_url))
