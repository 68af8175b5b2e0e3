"""Which records may be handled next, whatever order a rebalance delivers them in."""

from collections.abc import Collection, Mapping

import pytest

from services.matcher.entrypoints.progress import MissingRecords, Progress
from shared.messaging.record import Partition, Record

HERE = Partition("student.registrations", 0)
THERE = Partition("region.settings", 0)


def record(offset: int, partition: Partition = HERE) -> Record:
    return Record(partition, offset, b"k", b"v", {})


async def resumed(stored: Mapping[Partition, int]) -> Progress:
    async def next_offsets(_: Collection[Partition]) -> Mapping[Partition, int]:
        return stored

    progress = Progress(next_offsets)
    await progress.resume(frozenset({HERE, THERE}))
    return progress


async def test_a_partition_without_a_row_starts_at_its_beginning() -> None:
    progress = await resumed({HERE: 7})
    assert progress.positions == {HERE: 7, THERE: 0}


async def test_records_that_continue_each_other_are_kept_over_compacted_offsets() -> None:
    progress = await resumed({HERE: 7})
    arrived = [(record(9), 7), (record(3, THERE), 0), (record(12), 10)]
    kept = progress.continuing(arrived)
    assert kept == [one for one, _ in arrived]
    progress.advance(kept)
    assert progress.positions == {HERE: 13, THERE: 4}


async def test_a_repeat_is_left_out() -> None:
    progress = await resumed({HERE: 7})
    assert progress.continuing([(record(6), 5), (record(7), 7), (record(7), 7)]) == [record(7)]


async def test_a_record_beyond_a_hole_is_refused() -> None:
    progress = await resumed({HERE: 7})
    with pytest.raises(MissingRecords, match="expected 7, got 9 after 8"):
        progress.continuing([(record(9), 8)])


async def test_a_record_of_a_partition_that_was_not_assigned_is_refused() -> None:
    progress = await resumed({HERE: 7})
    with pytest.raises(MissingRecords):
        progress.continuing([(record(0, Partition("elsewhere", 0)), 0)])


async def test_what_was_not_handled_does_not_move_the_position() -> None:
    progress = await resumed({HERE: 7})
    progress.continuing([(record(7), 7)])
    with pytest.raises(MissingRecords):
        progress.continuing([(record(8), 8)])
