"""A process of the version before runs on for a while beside a new one, on one database: neither ends by what the other wrote."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlmodel import select

from services.intake.adapters.imports import SqlImports
from services.intake.adapters.tables import KnownRegionRow
from services.intake.adapters.tables_imports import ImportFileRow
from services.intake.domain.access import Who
from services.intake.domain.imports import ImportStatus
from services.intake.domain.registrations import KnownRegion
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset
from tests.contract.intake_store.conftest import NOW, sql_store

NEW = KnownRegion("NL-T01", ("2026-S1",), (), (), "Regio Test", {"2026-S1": date(2027, 1, 29)})


async def run(database: Database, *statements: str) -> None:
    async with database.transaction() as tx:
        for each in statements:
            await (await tx.connection()).execute(text(each))


async def offsets(database: Database) -> Sequence[tuple[str, int]]:
    async with database.reading() as tx:
        found = await tx.exec(select(ConsumerOffset.topic, ConsumerOffset.partition))
        return sorted((topic, partition) for topic, partition in found)


async def test_regions_that_an_older_process_kept_without_their_name_are_read_once_more(database: Database) -> None:
    older = "INSERT INTO known_region (id, sequence, periods, institutes, related) VALUES ('NL-T01', 5, '[\"2026-S1\"]', '[]', '[]')"
    read = [
        f"INSERT INTO consumer_offset (consumer, topic, partition, next_offset) VALUES ('intake', '{topic}', {number}, 7)"
        for topic, number in (("t.region.settings", 0), ("t.region.settings", 1), ("t.placements", 0))
    ]
    await run(database, older, *read)
    async with sql_store(database) as store:
        await store.save_region(NEW, 5)
        held = await store.region("NL-T01")
        assert held is not None
        assert (held.name, held.open_on(date(2027, 2, 1))) == ("", ["2026-S1"]), (
            "until then without a name, and with every period"
        )
    for found in (1, 0):
        async with sql_store(database) as store:
            assert await store.read_regions_anew() == found
        assert await offsets(database) == [("t.placements", 0)]
        async with sql_store(database) as store:
            await store.save_region(NEW, 5)
            assert await store.region("NL-T01") == NEW
    async with database.reading() as tx:
        assert (await tx.get_one(KnownRegionRow, "NL-T01")).sequence == 5


async def test_a_file_of_a_kind_that_only_a_newer_process_knows_is_left_to_it(database: Database) -> None:
    async with database.transaction() as tx:
        file = ImportFileRow(id="f1", actor="institute/01VU", kind="kind-of-later", columns=[], separator=";",
                             status=ImportStatus.WAITING.value, counts={}, created_at=NOW)  # fmt: skip
        tx.add(file)
    async with database.transaction() as tx:
        assert await SqlImports(tx, Who("intake")).take() is None
