"""What intake kept before a migration is kept after it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.intake.adapters.tables import PlaceRow
from services.intake.adapters.tables_pages import KnownSiteRow
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain.registrations import (
    KnownSite,
    RegistrationStatus,
)
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import ConsumerOffset
from tests.contract.intake_store.conftest import REGISTRATION, REPORT, sql_store
from tests.support.intake import mismatch, student


async def test_what_was_kept_before_references_could_be_free_again_is_kept(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0001")
    first = replace(REGISTRATION, reference="42")
    async with sql_store(database) as store:
        await store.save_registration(first)
        await store.save_mismatch(REPORT)
    await upgrade(database, MIGRATIONS)
    async with sql_store(database) as store:
        assert (await store.registration("s1"), await store.mismatch("m1")) == (first, REPORT)
        await store.save_registration(replace(first, status=RegistrationStatus.WITHDRAWN, sequence=2))
        await store.save_registration(replace(first, student=student("s2")))
    with pytest.raises(IntegrityError):
        async with sql_store(database) as store:
            await store.save_mismatch(replace(REPORT, mismatch=mismatch("m2", student="nobody")))
    await database.close()


async def test_the_state_of_places_that_were_kept_before_it_had_a_column_is_kept(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0010")
    async with database.transaction() as tx:
        for name, body in (("s1", '{"placement": {"state": "proposed"}}'), ("s2", '{"reason": "no-workplace"}')):
            about = {"student": name, "body": body}
            kept = "INSERT INTO student_place (student, sequence, status, body) VALUES (:student, 1, 'placed', :body)"
            await (await tx.connection()).execute(text(kept), about)
    await upgrade(database, MIGRATIONS)
    async with database.reading() as tx:
        found = await tx.exec(select(PlaceRow.student, PlaceRow.state).order_by(col(PlaceRow.student)))
        assert [tuple(row) for row in found] == [("s1", "proposed"), ("s2", None)]
    await database.close()


async def test_what_is_new_in_known_regions_and_schools_is_read_from_their_topics_once_more(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0011")
    async with database.transaction() as tx:
        connection = await tx.connection()
        for topic in ("supervisor.availability", "region.settings", "placements"):
            offset = (
                "INSERT INTO consumer_offset (consumer, topic, partition, next_offset) VALUES ('intake', :topic, 0, 7)"
            )
            await connection.execute(text(offset), {"topic": topic})
        await connection.execute(
            text("INSERT INTO known_site (id, sequence, name, town) VALUES ('01AB00', 3, 'De Test', 'Zeist')")
        )
    await upgrade(database, MIGRATIONS)
    async with sql_store(database) as store:
        await store.save_site(KnownSite("01AB00", "De Test", "Zeist", 52.1, 5.2), 3)
    async with database.reading() as tx:
        kept = (await tx.exec(select(ConsumerOffset.topic))).all()
        row = await tx.get_one(KnownSiteRow, "01AB00")
    assert kept == ["placements"]
    assert (row.lat, row.lon, row.sequence) == (52.1, 5.2, 3), "what was read before is taken in again"
    await database.close()
