"""What is long over leaves the notifier's store in small pieces; what says that somebody was told already stays."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.alerts import AlertKind, AlertState, Channel
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import MailState
from services.notifier.domain.mentions import Mention
from services.notifier.domain.notices import Told
from services.notifier.ports import MailFilter, Store
from tests.contract.notifier_store.conftest import Opened
from tests.support.notifier import NOW, PEOPLE, a_mail, an_alert

OLD, BEFORE = NOW - timedelta(days=500), NOW - timedelta(days=400)


async def _is_told(store: Store, alert: str, *mails: str) -> None:
    for number, mail in enumerate(mails, 1):
        told = Told(alert, number, Role.INSTITUTE_COORDINATOR, PEOPLE.coordinator.id, mail, OLD)
        await store.save_told([(told, "responsible")])


async def test_alerts_that_are_long_over_go_with_the_mails_that_told_of_nothing_else(opened: Opened) -> None:
    over = [
        replace(an_alert(AlertKind.LOST, f"s-{number}"), state=AlertState.CLOSED, ended_at=OLD) for number in range(3)
    ]
    lately = replace(an_alert(AlertKind.LOST, "s-7"), state=AlertState.CLOSED, ended_at=NOW - timedelta(days=5))
    live = replace(an_alert(AlertKind.LOST, "s-8", opened_at=OLD), state=AlertState.MAILED)
    mention = (Mention(PEOPLE.coordinator.id, "Bel Els."),)
    async with opened.writing() as store:
        for alert in (*over, lately, live):
            await store.save_alert(alert)
        for name in ("alone", "shared", "lately", "live"):
            sent = a_mail(id=name, dedupe_key=name, state=MailState.SENT, created_at=OLD, mentions=mention)
            await store.add_mail(sent)
        await _is_told(store, over[0].id, "alone", "shared")
        await _is_told(store, live.id, "live", "shared")
        await _is_told(store, lately.id, "lately")
    async with opened.writing() as store:
        assert [await store.forget_alerts(BEFORE, 2) for _ in range(3)] == [2, 1, 0]
        assert await store.forget_mails(BEFORE, 50) == 0
    async with opened.writing() as store:
        assert {each.id for each in await store.mails(MailFilter())} == {"shared", "lately", "live"}
        assert await store.told([over[0].id]) == []
        assert len(await store.told([live.id, lately.id])) == 3
        assert await store.alert(live.id) == live
        assert await store.alert(lately.id) == lately
        assert [await store.alert(each.id) for each in over] == [None] * 3


async def test_what_still_waits_to_be_mailed_stays_with_its_alert(opened: Opened) -> None:
    over = replace(an_alert(AlertKind.LOST), state=AlertState.CLOSED, ended_at=OLD)
    async with opened.writing() as store:
        await store.save_alert(over)
        await store.add_mail(a_mail(id="m", created_at=OLD))
        await _is_told(store, over.id, "m")
    async with opened.writing() as store:
        assert await store.forget_alerts(BEFORE, 50) == 0
        assert await store.forget_mails(BEFORE, 50) == 0
        assert await store.mail("m") is not None


async def test_mails_that_told_of_no_alert_go_by_their_age(opened: Opened) -> None:
    async with opened.writing() as store:
        for number in range(3):
            old = a_mail(id=f"w{number}", dedupe_key=f"w{number}", channel=Channel.WEEKLY, state=MailState.SENT)
            await store.add_mail(replace(old, created_at=OLD))
        await store.add_mail(a_mail(id="new", dedupe_key="new", channel=Channel.WEEKLY, state=MailState.SENT))
    async with opened.writing() as store:
        assert [await store.forget_mails(BEFORE, 2) for _ in range(3)] == [2, 1, 0]
        assert [each.id for each in await store.mails(MailFilter())] == ["new"]
