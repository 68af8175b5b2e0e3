"""What was ever told about one region, and what was published about it, from Kafka."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.matcher.domain.ids import RegionId
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS
from shared.contracts.envelope import Event, UnreadableEvent
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import Partition, Record
from shared.messaging.topics import partition_of
from shared.messaging.whole_log import WholeLog


@dataclass(frozen=True, slots=True)
class RegionLog:
    """The records of one region in the order of each partition, with all that the partition's log tells of its own state."""

    records: Mapping[Partition, Sequence[Record]]
    published: Sequence[Record]
    ends: Mapping[Partition, int]
    whole: WholeLog

    def names(self, region: RegionId) -> bool:
        """Whether any record tells of this region by name."""
        return any(_region(record) == region.encode() for records in self.records.values() for record in records)

    def missing(self, before: Mapping[Partition, int]) -> int:
        """How many records below these offsets are there no longer: Kafka keeps the last of each aggregate."""
        return sum(self.whole.missing(one, before[one]) for one in self.records if one in before)


async def read_region_log(bootstrap: str, region: RegionId, topics: Sequence[str], partitions: int) -> RegionLog:
    """Everything of one region; raises TransientError when Kafka is away."""
    number = partition_of(region, partitions)
    told = [Partition(topic, number) for topic in topics]
    published = [Partition(topic, number) for topic in (PLACEMENTS, PLACEMENT_SIGNALS)]
    whole = WholeLog(lambda record: _may_be_of(record, region))
    await whole.read(bootstrap, [*told, *published])
    return RegionLog(
        {one: whole.records[one] for one in told},
        [record for one in published for record in whole.records[one]],
        {one: whole.end(one) for one in (*told, *published)},
        whole,
    )


async def regions_in_log(
    bootstrap: str, topics: Sequence[str], partitions: int
) -> tuple[list[RegionId], dict[Partition, int]]:
    """Every region that anything was told of, where it lies, and where each partition ends; raises TransientError when Kafka is away."""
    told = [Partition(topic, number) for topic in topics for number in range(partitions)]
    found: set[RegionId] = set()

    def note(record: Record) -> bool:
        region = (_region(record) or b"").decode(errors="replace")
        is_event = record.value is not None and region.isprintable() and region
        if is_event and partition_of(region, partitions) == record.partition.number:
            found.add(RegionId(region))
        return False

    whole = WholeLog(note)
    await whole.read(bootstrap, told)
    return sorted(found), {one: whole.end(one) for one in told}


def events_in(records: Sequence[Record]) -> list[tuple[Record, Event | Tombstone]]:
    """Those of the records that can be read."""
    inbox, found = Inbox("log"), []
    for record in records:
        try:
            found.append((record, inbox.read(record)))
        except UnreadableEvent:
            continue
    return found


def _may_be_of(record: Record, region: RegionId) -> bool:
    """Records without a region are those of nobody in particular: tombstones, and what cannot be read."""
    return _region(record) in (None, region.encode())


def _region(record: Record) -> bytes | None:
    return record.headers.get("ce_region")
