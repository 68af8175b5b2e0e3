"""Names in capacity's store: sealed, and gone once they are erased."""

import pytest
from sqlmodel import select

from services.capacity.adapters.tables import PersonKeyRow, SupervisorRow
from shared.security.sealing import SealBroken
from tests.contract.capacity_store.conftest import Opened, OpenedSql, record


async def test_a_name_is_given_changed_and_erased(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_supervisor(record())
        await store.save_supervisor(record("v2"))
        await store.save_name("v1", "Fatima")
    async with opened.transaction() as store:
        await store.save_name("v1", "Fatima el Amrani")
    async with opened.transaction() as store:
        assert await store.names(["v1", "v2"]) == {"v1": "Fatima el Amrani"}
        await store.erase_name("v1")
        await store.erase_name("v2")
    async with opened.transaction() as store:
        assert await store.names(["v1", "v2"]) == {}
        erased = await store.supervisor("v1")
        assert erased is not None
        assert erased.is_erased


async def test_no_name_lies_in_the_database_unsealed(sql: OpenedSql) -> None:
    async with sql.transaction() as store:
        await store.save_supervisor(record())
        await store.save_name("v1", "Fatima el Amrani")
    async with sql.database.reading() as tx:
        row = await tx.get_one(SupervisorRow, "v1")
        key = await tx.get_one(PersonKeyRow, "v1")
    assert row.sealed_name is not None
    for stored in (row.sealed_name, key.wrapped_key, str(row.body).encode()):
        assert b"Fatima" not in stored


async def test_with_another_master_key_no_name_can_be_read(sql: OpenedSql) -> None:
    async with sql.transaction() as store:
        await store.save_supervisor(record())
        await store.save_name("v1", "Fatima el Amrani")
    with pytest.raises(SealBroken):
        async with sql.transaction(bytes(32)) as store:
            await store.names(["v1"])


async def test_names_whose_rows_were_swapped_do_not_open(sql: OpenedSql) -> None:
    async with sql.transaction() as store:
        for identifier in ("v1", "v2"):
            await store.save_supervisor(record(identifier))
            await store.save_name(identifier, f"Naam van {identifier}")
    async with sql.database.transaction() as tx:
        one, two = await tx.get_one(SupervisorRow, "v1"), await tx.get_one(SupervisorRow, "v2")
        one.sealed_name, two.sealed_name = two.sealed_name, one.sealed_name
        tx.add_all([one, two])
    with pytest.raises(SealBroken):
        async with sql.transaction() as store:
            await store.names(["v1"])


async def test_an_erased_key_takes_the_name_along_also_from_a_restored_row(sql: OpenedSql) -> None:
    async with sql.transaction() as store:
        await store.save_supervisor(record())
        await store.save_name("v1", "Fatima el Amrani")
    async with sql.database.reading() as tx:
        before = (await tx.get_one(SupervisorRow, "v1")).sealed_name
    async with sql.transaction() as store:
        await store.erase_name("v1")
    async with sql.database.transaction() as tx:
        row = await tx.get_one(SupervisorRow, "v1")
        row.sealed_name = before
        tx.add(row)
        assert not (await tx.exec(select(PersonKeyRow))).all()
    async with sql.transaction() as store:
        assert await store.names(["v1"]) == {}
