"""Contacts in the notifier's store: sealed, and gone from every mail once they are deleted."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.store import SqlStore
from services.notifier.adapters.tables import ContactRow
from services.notifier.domain.alerts import Channel
from services.notifier.domain.delivery import MailState
from services.notifier.domain.mentions import Mention
from services.notifier.handlers.contacts import delete_contact
from services.notifier.ports import MailFilter
from shared.errors import TransientError
from shared.security.sealing import SealBroken, Sealer
from tests.contract.notifier_store.conftest import LEASE_END, Opened, SqlOpened, migrated
from tests.support.eventually import eventually
from tests.support.notifier import NOW, PEOPLE, SITE, a_mail


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
        (claim,) = await store.claim_mails(NOW, LEASE_END, "one", 1)
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
    async with migrated(postgres_url) as sql:

        async def delete() -> None:
            async with sql.writing() as store:
                await delete_contact(store, JinjaComposer("https://x.example"), "c1", lambda _version: None, NOW)

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
            (mail,) = [each for each in await store.mails(MailFilter()) if each.channel is not Channel.PARTING]
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
