"""How far each assigned partition was handled, and which record may come next."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from shared.messaging.record import Partition, Record

NextOffsets = Callable[[Collection[Partition]], Awaitable[Mapping[Partition, int]]]


class MissingRecords(Exception):
    """A record arrived that does not continue what was handled: going on would lose what lies between."""


class Progress:
    """Positions of the assigned partitions: read from our own database on assignment, advanced by what was handled.

    `lock` is held while a batch is handled and while positions are read, so that a position is never
    read from the database with a batch under way.
    """

    def __init__(self, next_offsets: NextOffsets) -> None:
        self.lock = asyncio.Lock()
        self._next_offsets = next_offsets
        self._positions: dict[Partition, int] = {}
        self.assignment = 0
        """Grows with every assignment: what was read under an older one is not to be handled any more."""

    @property
    def positions(self) -> Mapping[Partition, int]:
        """The next offset to handle, per assigned partition."""
        return dict(self._positions)

    async def resume(self, assigned: frozenset[Partition]) -> Mapping[Partition, int]:
        """Read where to go on; a partition of which our database knows nothing starts at its beginning.

        Call it with `lock` held.
        """
        self.assignment += 1
        stored = await self._next_offsets(assigned)
        self._positions = {partition: stored.get(partition, 0) for partition in assigned}
        return self.positions

    def continuing(self, arrived: Iterable[tuple[Record, int]]) -> list[Record]:
        """Keep the records that directly continue what was handled; leave out repeats, refuse a hole.

        Each record comes with `follows`: where the consumer stood before it read the record. In a compacted
        topic the record's offset may lie beyond it, while nothing in between was skipped.
        """
        positions = dict(self._positions)
        records = []
        for record, follows in arrived:
            position = positions.get(record.partition)
            if position is None or follows > position:
                raise MissingRecords(f"{record.partition}: expected {position}, got {record.offset} after {follows}")
            if record.offset < position:
                continue
            records.append(record)
            positions[record.partition] = record.offset + 1
        return records

    def advance(self, handled: Iterable[Record]) -> None:
        """Note that these records were handled, in their order."""
        for record in handled:
            self._positions[record.partition] = record.offset + 1
