"""One suite for the notifier's store: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.notifier.adapters.store import SqlStore
from services.notifier.adapters.tables import ContactRow
from services.notifier.bootstrap import MIGRATIONS
from services.notifier.domain.alerts import AlertKind, AlertState, clear_alert
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Accepted, Mail, MailState, RetryPolicy, settle
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.mentions import Mention
from services.notifier.domain.stages import Told
from services.notifier.domain.unwritten import Unwritten
from services.notifier.handlers.contacts import delete_contact
from services.notifier.ports import MailFilter, Store
from shared.errors import TransientError
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.security.sealing import SealBroken, Sealer
from tests.support.eventually import eventually
from tests.support.notifier import NOW, PEOPLE, REGION, SITE, STARTS, MemoryStore, a_mail, an_alert

MASTER = bytes(range(32))
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
            yield SqlStore(tx, Sealer(MASTER), NOW, "test")


@asynccontextmanager
async def _migrated(url: str) -> AsyncIterator[SqlOpened]:
    database = Database(url)
    try:
        await upgrade(database, MIGRATIONS)
        opened = SqlOpened(database)
        async with opened.writing() as store:
            await store.save_contact(PEOPLE.coordinator)
        yield opened
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
        memory = MemoryStore()
        await memory.save_contact(PEOPLE.coordinator)
        yield memory
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
        assert waiting is not None
        assert (sent.email, sent.name) == (waiting.email, waiting.name) == ("", None)


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


async def test_what_a_mail_did_tell_can_be_told_anew(opened: Opened) -> None:
    loss, other = an_alert(AlertKind.LOST), an_alert(AlertKind.UNPLACED, "s-2")
    reopened = replace(loss, state=AlertState.MAILED)
    later = replace(other, state=AlertState.MAILED, episode=2)
    coordinator, trainer = Role.INSTITUTE_COORDINATOR, Role.SCHOOL_TRAINER
    kept = [Told(loss.id, 1, trainer, "c2"), Told(other.id, 2, coordinator, "c1")]
    async with opened.writing() as store:
        for alert in (reopened, later):
            await store.save_alert(alert)
        await store.save_told(Told(loss.id, 1, coordinator, "c1"), "gone", "responsible")
        await store.save_told(Told(loss.id, 1, Role.PROGRAMME_MANAGER, None), None, "told at the same address")
        await store.save_told(Told(other.id, 1, coordinator, "c1"), "gone", "responsible")
        await store.save_told(kept[0], "sent", "responsible")
        await store.save_told(kept[1], "sent", "responsible")
    async with opened.writing() as store:
        await store.untell(["gone", "never was"])
    async with opened.writing() as store:
        assert sorted(await store.told([loss.id, other.id]), key=lambda each: each.alert) == kept
        assert await store.open_alerts() == [loss]
        assert await store.alert(other.id) == later


async def test_what_could_not_be_written_is_kept_until_others_take_its_place(opened: Opened) -> None:
    first = Unwritten(
        "one", "c1", Role.SCHOOL_TRAINER, SITE, AlertKind.LOST, REGION, ("a", "b"), ("s-1",), 3, NOW, LEASE_END
    )
    second = replace(first, id="two", since=NOW + timedelta(seconds=1))
    async with opened.writing() as store:
        assert await store.unwritten() == []
        await store.keep_unwritten([second, first])
    async with opened.writing() as store:
        assert await store.unwritten() == [first, second]
        await store.keep_unwritten([replace(second, attempts=4)])
    async with opened.writing() as store:
        assert await store.unwritten() == [replace(second, attempts=4)]


async def test_whom_a_mail_mentions_comes_back_until_that_contact_is_deleted(opened: Opened) -> None:
    told = (Mention("c2", "Bel Bo de Wit: 010 765 43 21."), Mention("c3", "Bel Kim Bos."))
    async with opened.writing() as store:
        for contact in PEOPLE.all():
            await store.save_contact(contact)
        await store.add_mail(a_mail(id="1", dedupe_key="1", mentions=told))
        await store.add_mail(a_mail(id="2", dedupe_key="2", mentions=told[:1]))
    async with opened.writing() as store:
        for found in (await store.waiting_mails("c1"), list(reversed(await store.mails(MailFilter())))):
            assert [each.mentions for each in found] == [told, told[:1]]
        await store.delete_contact(PEOPLE.trainer)
    async with opened.writing() as store:
        claim = await store.claim_mail(NOW, LEASE_END, "one")
        assert claim is not None
        assert claim.mail.mentions == told[1:]
        assert [each.id for each in await store.waiting_mails("c1")] == ["2"]
        assert await store.waiting_mails("c2") == []


async def test_a_mail_to_or_about_who_was_just_deleted_is_not_written(on_sql: SqlOpened) -> None:
    for mail in (a_mail(contact="c9"), a_mail(mentions=(Mention("c9", "Bel Bo."),))):
        with pytest.raises(TransientError):
            async with on_sql.writing() as store:
                await store.add_mail(mail)
    async with on_sql.writing() as store:
        assert await store.mails(MailFilter()) == []


async def test_who_deletes_a_contact_while_a_mail_to_it_is_written_finds_that_mail(postgres_url: str) -> None:
    async with _migrated(postgres_url) as sql:

        async def delete() -> None:
            async with sql.writing() as store:
                await delete_contact(store, "c1", lambda _version: None)

        async def is_blocked() -> bool:
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            async with sql.database.reading() as tx:
                return bool(await (await tx.connection()).scalar(waiting))

        async with sql.writing() as store:
            assert await store.contacts()
            await store.add_mail(a_mail())
            deleting = asyncio.ensure_future(delete())
            await eventually(is_blocked, within_s=10, what="the deletion waits for the mail")
        await deleting
        async with sql.writing() as store:
            (mail,) = await store.mails(MailFilter())
            assert (mail.state, mail.email) == (MailState.CANCELLED, "")


async def test_with_another_master_key_no_contact_can_be_read(on_sql: SqlOpened) -> None:
    with pytest.raises(SealBroken):
        async with on_sql.database.reading() as tx:
            await SqlStore(tx, Sealer(bytes(32)), NOW, "test", locks=False).contacts()


async def test_contacts_whose_rows_were_swapped_do_not_open(on_sql: SqlOpened) -> None:
    async with on_sql.writing() as store:
        await store.save_contact(PEOPLE.trainer)
    async with on_sql.database.transaction() as tx:
        one, two = await tx.get_one(ContactRow, "c1"), await tx.get_one(ContactRow, "c2")
        one.sealed, two.sealed = two.sealed, one.sealed
        tx.add_all([one, two])
    with pytest.raises(SealBroken):
        async with on_sql.writing() as store:
            await store.contact("c1")
