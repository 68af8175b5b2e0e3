"""What systems of organisations are given: whose they are, and what came of each message."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col

from services.notifier.adapters.store import SqlStore
from services.notifier.domain.alerts import Channel
from services.notifier.domain.contacts import PLATFORM
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.handing import ALERT_TOLD, URGENT_AFTER, Took, handed
from services.notifier.domain.knowledge import KnownSite
from services.notifier.ports import Store
from shared.security.sealing import Sealer
from shared.webhooks.messages import DeliveryStatus, Webhook
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.tables import DeliveryRow
from tests.contract.notifier_store.conftest import MASTER, Opened
from tests.support.notifier import NOW, a_mail
from tests.support.notifier_handing import System
from tests.support.notifier_memory import MemoryStore

BOARD = "41234"
LATER = NOW + URGENT_AFTER


def webhooks(store: SqlStore) -> SqlWebhooks:
    return SqlWebhooks(store._tx, None, Sealer(MASTER))


async def add_system(store: Store, system: str, owner: str | None, types: tuple[str, ...] = ()) -> None:
    if isinstance(store, SqlStore):
        webhook = Webhook(system, owner, "https://x.example", types, True, 1, NOW)
        await webhooks(store).add(webhook)
    else:
        assert isinstance(store, MemoryStore)
        store.systems[system] = System(system, owner, ALERT_TOLD in types or not types)


async def comes_to(store: Store, system: str, status: DeliveryStatus) -> None:
    """This system took its messages, or never will."""
    if isinstance(store, SqlStore):
        await store._tx.exec(update(DeliveryRow).where(col(DeliveryRow.webhook) == system).values(status=status))
        return
    assert isinstance(store, MemoryStore)
    for each in store.messages:
        if each.system == system:
            each.status = status


async def take_away(store: Store, system: str) -> None:
    if isinstance(store, SqlStore):
        await webhooks(store).delete(system)
        return
    assert isinstance(store, MemoryStore)
    del store.systems[system]


async def hand(store: Store, mail: str, organisation: str = "01VU", channel: Channel = Channel.DIGEST) -> Mail:
    given = handed(a_mail(id=mail, dedupe_key=mail, channel=channel))
    await store.add_mail(given)
    await store.tell_system(organisation, {"mail": mail, "organisation": organisation})
    return given


async def looked(store: Store, now: datetime = NOW, limit: int = 10) -> dict[str, Took]:
    return {mail.id: took for mail, took in await store.handed_mails(now, limit)}


async def test_a_system_hears_for_its_organisation_its_school_and_its_board_and_the_platform_has_its_own(
    opened: Opened,
) -> None:
    async with opened.writing() as store:
        await store.save_site(KnownSite("01AB00", "Het Baken", "Utrecht", 1, BOARD))
        for site in ("01AB00", "01AB01"):
            assert not await store.has_system(site)
        await add_system(store, "w1", "01AB")
        await add_system(store, "w2", None)
        await add_system(store, "w3", BOARD, ("nl.leerplek.other.v1",))
    async with opened.writing() as store:
        found = {each: await store.has_system(each) for each in ("01AB00", "01AB01", "01AB", "02CD00", BOARD, PLATFORM)}
    assert found == {"01AB00": True, "01AB01": True, "01AB": True, "02CD00": False, BOARD: False, PLATFORM: True}


async def test_a_mail_is_taken_once_every_system_took_it_and_refused_once_one_never_will(opened: Opened) -> None:
    async with opened.writing() as store:
        for system in ("w1", "w2"):
            await add_system(store, system, "01VU")
        given = await hand(store, "1")
        assert given.state is MailState.HANDED
        assert await looked(store, LATER) == {}, "what is still tried is not read"
        await comes_to(store, "w1", DeliveryStatus.DELIVERED)
        assert await looked(store, LATER) == {}
        await comes_to(store, "w2", DeliveryStatus.DELIVERED)
        assert await looked(store) == {"1": Took.TAKEN}
        await comes_to(store, "w2", DeliveryStatus.FAILED)
        assert await looked(store) == {"1": Took.REFUSED}


async def test_what_cannot_wait_is_looked_at_when_it_is_due_as_a_mail_and_only_then(opened: Opened) -> None:
    async with opened.writing() as store:
        await add_system(store, "w1", "01VU")
        await hand(store, "1", channel=Channel.IMMEDIATE)
        await hand(store, "2")
        assert await looked(store, LATER - timedelta(seconds=1)) == {}
        assert await looked(store, LATER) == {"1": Took.TRIED}


async def test_where_an_address_was_taken_away_the_mail_is_refused_and_what_went_is_not_looked_at_again(
    opened: Opened,
) -> None:
    async with opened.writing() as store:
        await add_system(store, "w1", "01VU")
        for mail in ("1", "2", "3"):
            await hand(store, mail)
        await take_away(store, "w1")
        assert await looked(store) == dict.fromkeys(("1", "2", "3"), Took.REFUSED)
        (first, _), *_ = await store.handed_mails(NOW, 1)
        await store.save_mail(a_mail(id=first.id, dedupe_key=first.id, state=MailState.SENT, sent_at=NOW))
        assert set(await looked(store)) == {"1", "2", "3"} - {first.id}


async def test_an_address_that_was_taken_away_counts_no_more_while_another_of_its_organisation_is_left(
    opened: Opened,
) -> None:
    async with opened.writing() as store:
        for system in ("w1", "w2"):
            await add_system(store, system, "01VU")
        await hand(store, "1")
        await take_away(store, "w1")
        assert await looked(store) == {}, "the other is still tried"
        await comes_to(store, "w2", DeliveryStatus.DELIVERED)
        assert await looked(store) == {"1": Took.TAKEN}
        await take_away(store, "w2")
        assert await looked(store) == {"1": Took.REFUSED}


async def test_where_one_organisation_has_no_address_left_the_mail_goes_though_another_is_still_told(
    opened: Opened,
) -> None:
    async with opened.writing() as store:
        await add_system(store, "w1", "01VU")
        await add_system(store, "w2", "02CD00")
        await hand(store, "1")
        await store.tell_system("02CD00", {"mail": "1", "organisation": "02CD00"})
        assert await looked(store) == {}
        await comes_to(store, "w1", DeliveryStatus.DELIVERED)
        assert await looked(store) == {}, "the other is still tried"
        await take_away(store, "w2")
        assert await looked(store) == {"1": Took.REFUSED}
