"""Who was told of what, and of whom nobody is told any more: the same in memory and on each kind of database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role
from services.notifier.domain.notices import Told
from tests.contract.notifier_store.conftest import Opened, SqlOpened
from tests.support.notifier import NOW, an_alert


async def test_who_was_told_is_remembered_per_revision_and_role(opened: Opened) -> None:
    told = [Told("a", 1, Role.SCHOOL_TRAINER, "c2", "mail"), Told("a", 2, Role.SCHOOL_TRAINER, "c2")]
    async with opened.writing() as store:
        await store.save_told([(each, "responsible") for each in told])
    async with opened.writing() as store:
        assert sorted(await store.told(["a", "b"]), key=lambda each: each.revision) == told
        assert await store.told(["b"]) == []


async def test_the_same_notice_twice_is_refused_by_the_database(on_sql: SqlOpened) -> None:
    told = Told("a", 1, Role.SCHOOL_TRAINER, "c2", "mail")
    async with on_sql.writing() as store:
        await store.save_told([(told, "responsible")])
    with pytest.raises(IntegrityError):
        async with on_sql.writing() as store:
            await store.save_told([(replace(told, mail="other"), "responsible")])


async def test_what_a_mail_did_tell_is_forgotten_for_the_alerts_that_are_named(opened: Opened) -> None:
    loss, other = an_alert(AlertKind.LOST), an_alert(AlertKind.UNPLACED, "s-2")
    coordinator, trainer = Role.INSTITUTE_COORDINATOR, Role.SCHOOL_TRAINER
    kept = [Told(loss.id, 1, trainer, "c2", "sent"), Told(other.id, 2, coordinator, "c1", "sent")]
    async with opened.writing() as store:
        await store.save_told([(Told(loss.id, 1, coordinator, "c1", "gone"), "responsible")])
        await store.save_told([(Told(loss.id, 1, Role.PROGRAMME_MANAGER, "c1"), "told at the same address")])
        await store.save_told([(Told(other.id, 1, coordinator, "c1", "gone"), "responsible")])
        await store.save_told([(kept[0], "responsible")])
        await store.save_told([(kept[1], "responsible")])
    async with opened.writing() as store:
        await store.untell(["gone", "never was"], [loss.id])
    async with opened.writing() as store:
        assert await store.told([loss.id]) == [kept[0]]
        assert len(await store.told([other.id])) == 2
        await store.untell(["gone"], [loss.id, other.id])
        assert await store.told([other.id]) == [kept[1]]


async def test_when_somebody_was_told_comes_back_and_is_now_where_nobody_says(opened: Opened) -> None:
    earlier = NOW - timedelta(days=3)
    told = [Told("a", 1, Role.SCHOOL_TRAINER, "c2", "mail", earlier), Told("a", 2, Role.SCHOOL_TRAINER, "c2", "mail")]
    async with opened.writing() as store:
        await store.save_told([(each, "responsible") for each in told])
    async with opened.writing() as store:
        found = sorted(await store.told(["a"]), key=lambda each: each.revision)
    assert [each.at for each in found] == [earlier, NOW]


async def test_an_erased_student_stays_erased_however_often_that_is_said(opened: Opened) -> None:
    for _ in range(2):
        async with opened.writing() as store:
            await store.remember_erased("s-1")
            await store.remember_erased("s-1")
    async with opened.writing() as store:
        assert await store.is_erased("s-1")
        assert not await store.is_erased("s-2")


async def test_who_did_what_with_an_alert_is_written_down_in_order(on_sql: SqlOpened) -> None:
    async with on_sql.writing() as store:
        for action, alert in (("alert.snoozed", "a"), ("alert.acknowledged", "b"), ("alert.handed-over", "a")):
            await store.note(action, alert, "c1")
    async with on_sql.writing() as store:
        assert [(each.action, each.by) for each in await store.done_with("a")] == [
            ("alert.snoozed", "c1"),
            ("alert.handed-over", "c1"),
        ]
