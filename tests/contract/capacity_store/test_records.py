"""What capacity's handlers count on from their store: in memory, on SQLite and on PostgreSQL alike."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from services.capacity.bootstrap import MIGRATIONS
from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.sites import OfferedWorkplace
from shared.contracts.availability import PlacementAccepted, PlacementRefused, SupervisorRegistered
from shared.contracts.region import DayStarted
from shared.contracts.vocabulary import RefusalReason, SiteRole
from shared.errors import Conflict
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import OutboxRow
from tests.contract.capacity_store.conftest import Opened, OpenedSql, record
from tests.support.capacity import NOW, region, region_terms, site, supervisor, workplace


def place(student: str, sequence: int, *guides: str) -> Place:
    return Place(student, "NL-T01", sequence, "01AB00", "w1", ("2026-S1",), guides, "proposed")


async def test_what_was_saved_comes_back_the_same(opened: Opened) -> None:
    settled = replace(region(institutes=("01VU",)), day=date(2026, 11, 24), day_sequence=1)
    shell = replace(site("02CD00", role=SiteRole.SHELL, core="01AB00"), sequence=1)
    offered = OfferedWorkplace("NL-T01", workplace(), 1)
    decision = Decision(
        PlacementRefused(
            region="NL-T01",
            sequence=1,
            student="s1",
            site="01AB00",
            workplace="w1",
            periods=("2026-S1",),
            reason=RefusalReason.NO_HOURS,
        )
    )
    async with opened.transaction() as store:
        await store.save_region(settled)
        await store.save_site(shell)
        await store.save_workplace(offered)
        await store.save_supervisor(record())
        await store.save_decision(decision)
        await store.save_places([place("s1", 1, "v1")], [])
    async with opened.transaction() as store:
        assert await store.region("NL-T01") == settled
        assert await store.regions() == [settled]
        assert await store.site("02CD00") == shell
        assert await store.workplace("w1") == offered
        assert await store.supervisor("v1") == record()
        assert await store.decision("s1") == decision
        assert await store.place("s1") == place("s1", 1, "v1")


async def test_a_decision_that_changes_kind_comes_back_as_the_new_kind(opened: Opened) -> None:
    fields: dict[str, Any] = {
        "region": "NL-T01",
        "student": "s1",
        "site": "01AB00",
        "workplace": "w1",
        "periods": ("2026-S1",),
    }
    accepted = Decision(PlacementAccepted(sequence=2, **fields))
    async with opened.transaction() as store:
        await store.save_decision(Decision(PlacementRefused(sequence=1, reason=RefusalReason.DAYS, **fields)))
    async with opened.transaction() as store:
        await store.save_decision(accepted)
    async with opened.transaction() as store:
        assert await store.decision("s1") == accepted


async def test_an_offer_is_kept_unless_something_newer_is_known_and_found_at_its_site(opened: Opened) -> None:
    offer = Offer("s1", "NL-T01", 3, "01AB00", "w2", ("2026-S1",), "2026-12-04")
    async with opened.transaction() as store:
        await store.save_offer(offer)
    async with opened.transaction() as store:
        await store.save_offer(Offer("s1", "NL-T01", 2))
        assert await store.offers_at("01AB00") == [offer]
        assert await store.offer("s1") == offer
    async with opened.transaction() as store:
        await store.save_offer(Offer("s1", "NL-T01", 4))
        assert await store.offers_at("01AB00") == []


async def test_what_does_not_exist_is_none(opened: Opened) -> None:
    async with opened.transaction() as store:
        assert await store.region("NL-X99") is None
        assert await store.site("09ZZ00") is None
        assert await store.workplace("w9") is None
        assert await store.supervisor("v9") is None
        assert await store.place("s9") is None
        assert await store.decision("s9") is None
        assert await store.change("supervisor/v9", 1) is None


async def test_sites_are_found_by_words_of_name_town_and_id(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_site(replace(site("02CD00", name="De Linde 100%", town="Bunnik"), sequence=1))
        assert [each.site.id for each in await store.find_sites("", 10)] == ["02CD00", "01AB00"]
        assert [each.site.id for each in await store.find_sites("linde BUNNIK", 10)] == ["02CD00"]
        assert [each.site.id for each in await store.find_sites("01ab", 10)] == ["01AB00"]
        assert [each.site.id for each in await store.find_sites("100%", 10)] == ["02CD00"]
        assert not await store.find_sites("linde zeist", 10)
        assert len(await store.find_sites("", 1)) == 1


async def test_a_core_knows_that_it_has_shells(opened: Opened) -> None:
    async with opened.transaction() as store:
        assert not await store.has_shells("01AB00")
        await store.save_site(replace(site("02CD00", role=SiteRole.SHELL, core="01AB00"), sequence=1))
    async with opened.transaction() as store:
        assert await store.has_shells("01AB00")


async def test_periods_in_use_are_those_with_seats_or_hours(opened: Opened) -> None:
    async with opened.transaction() as store:
        assert set(await store.periods_in_use("NL-T01")) == set()
        await store.save_workplace(OfferedWorkplace("NL-T01", workplace(seats={"2026-S1": 0, "2026-S2": 1}), 1))
        assert set(await store.periods_in_use("NL-T01")) == {"2026-S2"}
        await store.save_supervisor(record(qh={"2026-S1": 4}))
        assert set(await store.periods_in_use("NL-T01")) == {"2026-S1", "2026-S2"}
        assert set(await store.periods_in_use("NL-T02")) == set()


async def test_a_site_is_served_by_its_own_supervisors_and_by_those_of_every_site(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_region(replace(region("NL-T02"), terms=region_terms(name="Twee")))
        await store.save_site(replace(site("02CD00"), sequence=1))
        await store.save_supervisor(record("v1"))
        await store.save_supervisor(record("v2", sites=("02CD00", "01AB00", "01AB00")))
        await store.save_supervisor(record("v3", sites=("*",)))
        await store.save_supervisor(replace(record("v4", sites=("*",)), region="NL-T02"))
    async with opened.transaction() as store:
        here = await store.supervisors_of(replace(site(), sequence=1))
        assert [each.supervisor.id for each in here] == ["v1", "v2", "v3"]


async def test_a_supervisor_who_moves_leaves_the_old_site(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_site(replace(site("02CD00"), sequence=1))
        await store.save_supervisor(record(sites=("01AB00", "02CD00")))
    async with opened.transaction() as store:
        await store.save_supervisor(replace(record(sites=("02CD00",)), sequence=2))
    async with opened.transaction() as store:
        assert not await store.supervisors_of(site())
        assert len(await store.supervisors_of(site("02CD00"))) == 1


async def test_places_are_kept_together_with_who_guides_them(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_places([place("s1", 1, "v9"), place("s2", 1, "v1")], [])
        assert await store.places(["s1", "s9"]) == {"s1": place("s1", 1, "v9")}
        await store.save_places([place("s1", 2, "v1", "t1")], [])
        assert await store.places(["s1", "s9"]) == {"s1": place("s1", 2, "v1", "t1")}
        assert await store.guided_counts(["v1", "t1", "v9"]) == {"v1": 2, "t1": 1}
        assert [each.student for each in await store.places_at("01AB00")] == ["s1", "s2"]
    async with opened.transaction() as store:
        await store.save_places([Place("s1", "NL-T01", 3)], [])
        await store.forget_place("s2")
        await store.forget_place("s9")
    async with opened.transaction() as store:
        assert await store.guided_counts(["v1", "t1", "v9"]) == {}
        assert not await store.places_at("01AB00")
        assert await store.place("s1") == Place("s1", "NL-T01", 3)


async def test_every_published_change_can_be_found_again(opened: Opened) -> None:
    async with opened.transaction() as store:
        for sequence in (1, 2):
            await store.publish(SupervisorRegistered(region="NL-T01", sequence=sequence, supervisor=supervisor()))
        await store.publish(DayStarted(region="NL-T01", sequence=1, day=date(2026, 11, 24)))
    async with opened.transaction() as store:
        last = await store.last_changes(["supervisor/v1", "supervisor/v2", "day/NL-T01"])
        assert {name: change.sequence for name, change in last.items()} == {"supervisor/v1": 2, "day/NL-T01": 1}
        change = await store.change("supervisor/v1", 1)
        assert change is not None
        assert (change.at, change.actor, change.action) == (NOW, "test", "nl.leerplek.supervisor.registered.v1")


async def test_publishing_writes_an_outbox_row_for_the_topic_of_the_owner(sql: OpenedSql) -> None:
    async with sql.transaction() as store:
        await store.publish(SupervisorRegistered(region="NL-T01", sequence=1, supervisor=supervisor()))
    async with sql.database.reading() as tx:
        [row] = (await tx.exec(select(OutboxRow))).all()
    assert (row.topic, row.region, row.key) == ("supervisor.availability", "NL-T01", b"supervisor/v1")


async def test_two_who_make_the_same_site_at_once_are_told_apart(postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database, MIGRATIONS)
    sql = OpenedSql(database)
    async with sql.transaction() as store:
        await store.save_region(region())
    try:
        with pytest.raises(Conflict):  # noqa: PT012
            async with sql.transaction() as late:
                assert await late.site("01AB00") is None
                async with sql.transaction() as early:
                    await early.save_site(replace(site(), sequence=1))
                await late.save_site(replace(site(), sequence=1))
    finally:
        await database.close()
