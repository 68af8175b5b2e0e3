"""One suite for the notifier's store: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pytest
from sqlalchemy.exc import IntegrityError

from services.notifier.adapters.store import SqlStore
from services.notifier.bootstrap import MIGRATIONS
from services.notifier.domain.alerts import AlertKind, AlertState, clear_alert
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Accepted, Mail, MailState, RetryPolicy, settle
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.stages import Told
from services.notifier.ports import MailFilter, Store
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from tests.support.notifier import NOW, PEOPLE, REGION, SITE, STARTS, MemoryStore, a_mail, an_alert

LEASE_END = NOW + timedelta(seconds=60)
POLICY = RetryPolicy(timedelta(seconds=5), timedelta(minutes=30), timedelta(days=1))


class Opened(Protocol):
    def writing(self) -> AbstractAsyncContextManager[Store]: ...


@dataclass
class SqlOpened:
    database: Database

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Store]:
        async with self.database.transaction() as tx:
            yield SqlStore(tx, NOW, "test")


@asynccontextmanager
async def _migrated(url: str) -> AsyncIterator[SqlOpened]:
    database = Database(url)
    try:
        await upgrade(database, MIGRATIONS)
        yield SqlOpened(database)
    finally:
        await database.close()


@pytest.fixture
async def on_sql(database_url: str) -> AsyncIterator[SqlOpened]:
    async with _migrated(database_url) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url_or_memory(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def opened(url_or_memory: str | None) -> AsyncIterator[Opened]:
    if url_or_memory is None:
        yield MemoryStore()
        return
    async with _migrated(url_or_memory) as sql:
        yield sql


async def test_a_contact_is_kept_changed_and_erased_with_its_address_on_what_was_sent(opened: Opened) -> None:
    async with opened.writing() as store:
        for contact in PEOPLE.all():
            await store.save_contact(contact)
        await store.save_contact(replace(PEOPLE.coordinator, phone=None, version=2))
        await store.add_mail(a_mail(id="1", dedupe_key="1", state=MailState.SENT, sent_at=NOW))
        await store.add_mail(a_mail(id="2", dedupe_key="2"))
    async with opened.writing() as store:
        held = await store.contact("c1")
        assert held == replace(PEOPLE.coordinator, phone=None, version=2)
        assert [each.id for each in await store.contacts()] == ["c1", "c2", "c3"]
        assert [each.id for each in await store.contacts(SITE)] == ["c2"]
        await store.delete_contact(held)
    async with opened.writing() as store:
        assert await store.contact("c1") is None
        sent, waiting = await store.mail("1"), await store.mail("2")
        assert sent is not None
        assert (sent.email, sent.name) == ("", None)
        assert waiting is not None
        assert waiting.email == "stage@vu.example"


async def test_what_was_learnt_comes_back_whole(opened: Opened) -> None:
    region = KnownRegion(REGION, "Rijn en Vecht", {"2026-S1": STARTS}, 3, STARTS, 2)
    site = KnownSite(SITE, "Het Baken", "Utrecht", 1)
    place = StudentPlace("s-1", SITE, ("2026-S1",), 4, True, 2)
    for _ in range(2):
        async with opened.writing() as store:
            await store.save_region(region)
            await store.save_site(site)
            await store.save_place(place)
    async with opened.writing() as store:
        assert await store.region(REGION) == region
        assert await store.regions() == {REGION: region}
        assert await store.site(SITE) == site
        assert await store.sites([SITE, "99ZZ00"]) == {SITE: site}
        assert await store.place("s-1") == place
        assert await store.places([f"s-{number}" for number in range(1200)]) == {"s-1": place}
        await store.forget_place("s-1")
    async with opened.writing() as store:
        assert await store.place("s-1") is None
        assert await store.site("99ZZ00") is None


async def test_alerts_come_back_whole_and_by_state(opened: Opened) -> None:
    loss = an_alert(AlertKind.LOST)
    first = an_alert(AlertKind.UNPLACED, "s-2", opened_at=NOW - timedelta(seconds=5))
    gone = clear_alert(an_alert(AlertKind.MISMATCH))
    async with opened.writing() as store:
        for alert in (loss, first, gone):
            await store.save_alert(alert)
    async with opened.writing() as store:
        assert await store.alert(loss.id) == loss
        assert await store.open_alerts() == [first, loss]
        assert await store.alerts_of("s-1") == [loss]
        assert await store.live_alerts(["s-1", "s-2"]) == sorted([loss, first], key=lambda each: each.id)
        await store.save_states([replace(loss, state=AlertState.MAILED)])
    async with opened.writing() as store:
        assert await store.open_alerts() == [first]
        assert await store.alert(loss.id) == replace(loss, state=AlertState.MAILED)


async def test_who_was_told_is_remembered_per_episode_and_role(opened: Opened) -> None:
    told = [Told("a", 1, Role.SCHOOL_TRAINER, "c2"), Told("a", 2, Role.SCHOOL_TRAINER, None)]
    async with opened.writing() as store:
        for each in told:
            await store.save_told(each, "mail", "responsible")
    async with opened.writing() as store:
        assert sorted(await store.told(["a", "b"]), key=lambda each: each.episode) == told
        assert await store.told(["b"]) == []


async def test_the_same_notice_twice_is_refused_by_the_database(on_sql: SqlOpened) -> None:
    told = Told("a", 1, Role.SCHOOL_TRAINER, "c2")
    async with on_sql.writing() as store:
        await store.save_told(told, "mail", "responsible")
    with pytest.raises(IntegrityError):
        async with on_sql.writing() as store:
            await store.save_told(told, "other", "responsible")


async def test_the_same_logical_mail_twice_is_refused_by_the_database(on_sql: SqlOpened) -> None:
    async with on_sql.writing() as store:
        await store.add_mail(a_mail())
    with pytest.raises(IntegrityError):
        async with on_sql.writing() as store:
            await store.add_mail(a_mail(id="another"))


async def test_mails_are_listed_newest_first_in_pages(opened: Opened) -> None:
    async with opened.writing() as store:
        for number in range(5):
            state = MailState.SENT if number % 2 else MailState.WAITING
            await store.add_mail(a_mail(id=f"m{number}", dedupe_key=str(number), state=state))
    async with opened.writing() as store:
        assert [each.id for each in await store.mails(MailFilter(limit=2))] == ["m4", "m3"]
        assert [each.id for each in await store.mails(MailFilter(limit=2, before="m3"))] == ["m2", "m1"]
        assert [each.id for each in await store.mails(MailFilter(state=MailState.SENT))] == ["m3", "m1"]
        assert await store.mails(MailFilter(kind=AlertKind.LOST)) == []
        assert len(await store.mails(MailFilter(organisation="01VU"))) == 5


async def test_a_claimed_mail_is_nobody_elses_until_the_lease_ends(opened: Opened) -> None:
    mail = a_mail()
    async with opened.writing() as store:
        await store.add_mail(mail)
    async with opened.writing() as store:
        claim = await store.claim_mail(NOW, LEASE_END, "one")
        assert claim is not None
        assert (claim.mail.attempts, claim.is_repeat) == (1, False)
    async with opened.writing() as store:
        assert await store.claim_mail(LEASE_END, LEASE_END, "two") is None
        again = await store.claim_mail(LEASE_END + timedelta(seconds=1), LEASE_END + timedelta(seconds=90), "two")
        assert again is not None
        assert (again.mail.attempts, again.is_repeat) == (2, True)
        assert again.mail.id == mail.id
    async with opened.writing() as store:
        assert await store.claimed_mail(mail.id, "one") is None
        held = await store.claimed_mail(mail.id, "two")
        assert held is not None
        await store.save_mail(settle(held, Accepted(), LEASE_END, POLICY, 1.0))
    async with opened.writing() as store:
        kept = await store.mail(mail.id)
        assert kept is not None
        assert (kept.state, kept.sent_at) == (MailState.SENT, LEASE_END)
        assert await store.claim_mail(NOW + timedelta(days=1), LEASE_END, "three") is None


async def test_a_mail_is_not_claimed_before_its_time(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.add_mail(a_mail(next_try_at=NOW + timedelta(seconds=5)))
        assert await store.claim_mail(NOW, LEASE_END, "one") is None
        assert await store.claim_mail(NOW + timedelta(seconds=5), LEASE_END, "one") is not None


async def test_many_workers_claim_each_mail_once(on_sql: SqlOpened) -> None:
    count = 40
    async with on_sql.writing() as store:
        for number in range(count):
            await store.add_mail(a_mail(id=f"m{number:02}", dedupe_key=str(number)))
    claimed: list[Mail] = []

    async def work(name: str) -> None:
        while True:
            async with on_sql.writing() as store:
                claim = await store.claim_mail(NOW, LEASE_END, name)
            if claim is None:
                return
            claimed.append(claim.mail)

    await asyncio.gather(*(work(f"worker-{number}") for number in range(4)))
    assert sorted(each.id for each in claimed) == [f"m{number:02}" for number in range(count)]
