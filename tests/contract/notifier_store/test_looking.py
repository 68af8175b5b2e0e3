"""What people look for in the notifier's store is found the same on every database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.adapters import store_looking
from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Level
from services.notifier.domain.contacts import Role
from services.notifier.domain.knowledge import KnownSite
from services.notifier.domain.life import acknowledge
from services.notifier.domain.notices import Told
from services.notifier.ports.looking import AlertFilter
from tests.contract.notifier_store.conftest import Opened
from tests.support.notifier import INSTITUTE, NOW, PEOPLE, REGION, SITE, an_alert

LOST = an_alert(AlertKind.LOST, opened_at=NOW)
UNPLACED = replace(an_alert(AlertKind.UNPLACED, "s-2", opened_at=NOW - timedelta(hours=1)), level=Level.WARNING)
OTHER = an_alert(AlertKind.UNPLACED, "s-3", opened_at=NOW - timedelta(hours=1), region="NL-R0", institute="02XY")
OVER = replace(an_alert(AlertKind.MISMATCH, "s-4"), state=AlertState.CLEARED)
FACT = an_alert(AlertKind.PROPOSED, "s-5", site=SITE)


@pytest.mark.parametrize("few", [2_000, 0])
async def test_alerts_are_found_by_what_one_looks_for(
    few: int, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for who was told of so much that it is looked up the other way round."""
    monkeypatch.setattr(store_looking, "FEW", few)
    async with opened.writing() as store:
        for each in (LOST, UNPLACED, OTHER, OVER, FACT):
            await store.save_alert(each)
        await store.save_contact(PEOPLE.trainer)
        told = Told(OTHER.id, 1, Role.SCHOOL_TRAINER, PEOPLE.trainer.id, "m-1", NOW)
        await store.save_told([(told, "responsible")])

    async def found(**wanted: object) -> list[Alert]:
        async with opened.writing() as store:
            return list(await store.alerts_where(AlertFilter(**wanted)))  # type: ignore[arg-type]

    by_age = [LOST, *sorted([UNPLACED, OTHER], key=lambda each: each.id, reverse=True)]
    assert await found() == by_age
    assert await found(limit=1) == [LOST]
    assert await found(before=(LOST.opened_at, LOST.id)) == by_age[1:]
    assert await found(before=(by_age[1].opened_at, by_age[1].id)) == by_age[2:]
    assert await found(is_over=True) == [OVER]
    assert await found(kind=AlertKind.PROPOSED) == [FACT]
    assert await found(level=Level.WARNING) == [UNPLACED]
    assert await found(region="NL-R0") == [OTHER]
    assert await found(organisation=INSTITUTE) == [LOST, UNPLACED]
    assert await found(concerns=REGION) == [LOST, UNPLACED]
    assert await found(concerns=SITE) == [LOST, OTHER]
    assert await found(concerns=SITE[:4]) == [LOST, OTHER]
    assert await found(concerns=SITE[:5]) == []
    assert await found(told_to=SITE) == [OTHER]
    assert await found(told_to=SITE, concerns=INSTITUTE) == []
    async with opened.writing() as store:
        assert await store.told_by("m-1") == [told]
        assert await store.told_by("m-2") == []


async def test_what_people_did_is_found_in_order(opened: Opened) -> None:
    async with opened.writing() as store:
        for action in ("alert.snoozed", "alert.acknowledged"):
            await store.note(action, LOST.id, "c1")
        await store.note("alert.snoozed", OTHER.id, "c2")
    async with opened.writing() as store:
        done = [(each.action, each.by) for each in await store.done_with(LOST.id)]
        assert done == [("alert.snoozed", "c1"), ("alert.acknowledged", "c1")]


async def test_organisations_are_found_by_how_they_begin(opened: Opened) -> None:
    async with opened.writing() as store:
        for each in PEOPLE.all():
            await store.save_contact(each)
    async with opened.writing() as store:
        assert await store.organisations("", 10) == sorted([SITE, INSTITUTE, REGION])
        assert await store.organisations("01", 1) == [SITE]
        assert await store.organisations("nl", 10) == []
        await store.save_site(KnownSite("01ZZ00", "Het Baken", "Utrecht", 1, region=REGION))
        await store.save_alert(OTHER)
    async with opened.writing() as store:
        assert await store.organisations("01", 10) == [SITE, INSTITUTE, "01ZZ00"]
        assert await store.organisations("02", 10) == ["02XY"]
        assert await store.organisations_in(REGION) == ["01ZZ00"]
        assert await store.organisations_in("NL-R0") == ["02XY"]


async def test_what_somebody_took_on_is_found(opened: Opened) -> None:
    taken_on = acknowledge(LOST, "c1", NOW)
    async with opened.writing() as store:
        for each in (taken_on, UNPLACED, acknowledge(OTHER, "c2", NOW), OVER):
            await store.save_alert(each)
    async with opened.writing() as store:
        assert await store.taken_on_by("c1") == [taken_on]
        assert await store.taken_on_by("c") == []
