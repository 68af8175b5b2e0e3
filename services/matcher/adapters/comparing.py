"""What two databases have of one region, and what was published, compared byte for byte."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from services.matcher.adapters.log import RegionLog
from services.matcher.adapters.tables import AsideRow, PlaceRow, PlanVersionRow, RegionPlanRow
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.replaying import Cut, Difference
from services.matcher.ports import Effort
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database
from shared.persistence.tables import OutboxRow

NOT_OF_PLANS = {"published_at", "solve_s", "told"}
"""When a plan was made, how long that took, and how often something was told that asked for no other plan, is all that may differ."""


async def load_cuts(database: Database, region: RegionId) -> list[Cut]:
    """The records of all plan versions of a region, in order."""
    return [
        Cut(
            row.version,
            {_partition(where): offset for where, offset in row.covers.items()},
            Effort(row.effort),
            row.turn or 0,
            row.seen_version or 0,
            row.proof_steps or 0,
            row.looked is not False,
            row.looks_anew,
        )
        for row in await _rows(database, PlanVersionRow, region)
    ]


async def load_aside(database: Database, partitions: Collection[Partition]) -> dict[tuple[Partition, int], bool]:
    """The records of these partitions that no plan was made with, and whether their facts were kept."""
    async with database.reading() as tx:
        rows = (await tx.exec(select(AsideRow))).all()
    found = {(Partition(row.topic, row.partition), row.position): row.kept for row in rows}
    return {one: is_kept for one, is_kept in found.items() if one[0] in partitions}


async def compare(recorded: Database, again: Database, region: RegionId, log: RegionLog) -> list[Difference]:
    """What is not the same in plan versions, places, the plan that holds, and the events of them in the log."""
    found: list[Difference] = []
    aside = await load_aside(recorded, log.records)
    for table, name in ((PlanVersionRow, "version"), (PlaceRow, "student"), (RegionPlanRow, "region")):
        before, after = [
            {
                str(getattr(row, name)): row.model_dump(mode="json", exclude=NOT_OF_PLANS)
                for row in await _rows(one, table, region)
            }
            for one in (recorded, again)
        ]
        for row in (*before.values(), *after.values()) if table is PlanVersionRow else ():
            row["covers"] = _own(row["covers"], log.records, aside)
        found += _differences(str(table.__tablename__), before, after)
    published = await _published(again, region)
    told = {
        (one.partition.topic, one.key, _sequence(one.headers)): one.value
        for one in log.published
        if one.value is not None
    }
    for (topic, key, sequence), value in told.items():
        where = (topic, key, sequence)
        if published.get(where) != value:
            name = f"{topic} {(key or b'').decode(errors='replace')} {sequence}"
            found.append(Difference("event", name, "", _text(value), _text(published.get(where))))
    return found


def _own(
    covers: Mapping[str, int],
    told: Mapping[Partition, Sequence[Record]],
    aside: Collection[tuple[Partition, int]],
) -> dict[str, int]:
    """How far that is in what was told of the region and planned with: beside it the worker read of others, in its partition and
    elsewhere, and what it put aside."""
    found = {}
    for where, offset in covers.items():
        partition = _partition(where)
        numbers = (one.offset for one in told.get(partition, ()) if one.offset < offset)
        own = [one for one in numbers if (partition, one) not in aside]
        if own:
            found[where] = own[-1] + 1
    return found


async def is_empty(database: Database) -> bool:
    """Nothing was planned in it."""
    async with database.reading() as tx:
        return (await tx.exec(select(PlanVersionRow.version).limit(1))).first() is None


async def _rows(database: Database, table: type[Any], region: RegionId) -> list[Any]:
    keys = [column.name for column in table.__table__.primary_key]
    async with database.reading() as tx:
        found = select(table).where(col(table.region) == region).order_by(*(getattr(table, key) for key in keys))
        return list((await tx.exec(found)).all())


async def _published(database: Database, region: RegionId) -> dict[tuple[str, bytes | None, str], bytes | None]:
    async with database.reading() as tx:
        topics = col(OutboxRow.topic).in_((PLACEMENTS, PLACEMENT_SIGNALS))
        rows = (await tx.exec(select(OutboxRow).where(topics, col(OutboxRow.region) == region))).all()
    return {(row.topic, row.key, row.headers["ce_sequence"]): row.value for row in rows}


def _sequence(headers: Mapping[str, bytes]) -> str:
    return headers.get("ce_sequence", b"").decode(errors="replace")


def _differences(
    table: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Difference]:
    for key in [*before, *(one for one in after if one not in before)]:
        if key not in before or key not in after:
            yield Difference(table, key, "", _known(key in before), _known(key in after))
            continue
        for name, value in before[key].items():
            if after[key][name] != value:
                yield Difference(table, key, name, _text(value), _text(after[key][name]))


def _known(is_known: bool) -> str:
    return "there" if is_known else "not there"


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _partition(where: str) -> Partition:
    topic, _, number = where.rpartition("/")
    return Partition(topic, int(number))
