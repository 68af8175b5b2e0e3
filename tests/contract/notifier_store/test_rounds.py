"""Rounds, mails that could not be written, and how organisations want their mail: the same in memory and on each kind of database."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from services.notifier.adapters.tables import ModeRow
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role
from services.notifier.domain.knowledge import KnownSite
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.domain.unwritten import Unwritten
from shared.persistence.tables import AuditRow
from tests.contract.notifier_store.conftest import LEASE_END, Opened, SqlOpened
from tests.support.notifier import NOW, REGION, SITE

BOARD = "41234"
BAKEN = KnownSite(SITE, "Het Baken", "Utrecht", 1, BOARD)
TODAY = NOW.date()


async def test_a_round_was_last_done_on_the_day_that_was_said_last(opened: Opened) -> None:
    for day in (TODAY, TODAY + timedelta(days=1)):
        async with opened.writing() as store:
            await store.save_round("digest", day)
        async with opened.writing() as store:
            assert await store.round_done("digest") == day
            assert await store.round_done("other") is None


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


async def test_how_an_organisation_wants_its_mail_comes_back(opened: Opened) -> None:
    setting = ModeSetting("01VU", Mode.TEST, "proef@vu.example", 2)
    async with opened.writing() as store:
        assert (await store.modes()).of("01VU") is None
        await store.save_mode(setting)
    async with opened.writing() as store:
        assert (await store.modes()).of("01VU") == setting
        await store.save_mode(replace(setting, mode=Mode.PREVIEW, address=None, version=3))
    async with opened.writing() as store:
        assert (await store.modes()).of("01VU") == ModeSetting("01VU", Mode.PREVIEW, None, 3)


async def test_what_a_board_or_a_school_said_of_its_mails_holds_for_sites_that_said_nothing(opened: Opened) -> None:
    board, school = ModeSetting("41234", Mode.WEBHOOK), ModeSetting("01AB", Mode.PREVIEW)
    async with opened.writing() as store:
        for site in (BAKEN, replace(BAKEN, id="02CD00"), replace(BAKEN, id="02CD01", board="49999")):
            await store.save_site(site)
        for setting in (board, school, ModeSetting("02CD01", Mode.LIVE)):
            await store.save_mode(setting)
    async with opened.writing() as store:
        modes = await store.modes()
    assert modes.of(SITE) == school, "the nearest says"
    assert modes.of("02CD00") == board
    assert modes.of("02CD01") == ModeSetting("02CD01", Mode.LIVE)
    assert modes.of("01VU") is None


async def test_a_site_leaves_it_to_its_board_again_and_what_never_was_said_is_left_alone(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.save_site(BAKEN)
        for setting in (ModeSetting(BOARD, Mode.WEBHOOK), ModeSetting(SITE, Mode.TEST, "proef@school.example", 4)):
            await store.save_mode(setting)
    async with opened.writing() as store:
        await store.forget_mode(SITE)
        await store.forget_mode("02CD00")
    async with opened.writing() as store:
        modes = await store.modes()
        assert (modes.of(SITE), modes.above(BOARD)) == (ModeSetting(BOARD, Mode.WEBHOOK), None)
        await store.save_mode(ModeSetting(SITE, Mode.TEST, "weer@school.example"))
    async with opened.writing() as store:
        assert (await store.modes()).of(SITE) == ModeSetting(SITE, Mode.TEST, "weer@school.example")


async def test_a_test_address_is_sealed_and_what_was_chosen_is_in_the_audit_without_it(on_sql: SqlOpened) -> None:
    async with on_sql.writing() as store:
        await store.save_mode(ModeSetting("01VU", Mode.TEST, "proef@vu.example", 2))
    async with on_sql.writing() as store:
        await store.forget_mode("01VU")
        await store.forget_mode("01VU")
        await store.save_mode(ModeSetting("01VU", Mode.TEST, "proef@vu.example"))
    async with on_sql.database.reading() as tx:
        (row,) = await tx.exec(select(ModeRow))
        assert b"proef" not in (row.sealed or b"")
        audit = (await tx.exec(select(AuditRow).where(AuditRow.aggregate == "organisation/01VU"))).all()
    assert [(each.action, each.sequence) for each in audit] == [
        ("mode.changed", 2),
        ("mode.left-to-head", 3),
        ("mode.changed", 1),
    ]
    assert "proef" not in str(audit)
