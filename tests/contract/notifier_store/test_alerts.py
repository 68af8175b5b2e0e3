"""What was learnt, alerts and notices in the notifier's store: they come back whole, and nobody is told twice."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.alerts import AlertKind, AlertState, Care, Case, Level, News
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.life import clear_alert
from shared.contracts.vocabulary import Sector, Tier
from tests.contract.notifier_store.conftest import Opened
from tests.support.notifier import NOW, REGION, SITE, STARTS, an_alert


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


async def test_a_place_that_was_learnt_and_erased_in_one_transaction_is_not_kept(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.save_place(StudentPlace("s-1", is_withdrawn=True, registration_sequence=2))
        await store.forget_place("s-1")
    async with opened.writing() as store:
        assert await store.place("s-1") is None


async def test_alerts_come_back_whole_and_by_state(opened: Opened) -> None:
    loss = an_alert(AlertKind.LOST)
    first = an_alert(AlertKind.UNPLACED, "s-2", opened_at=NOW - timedelta(seconds=5))
    gone = clear_alert(an_alert(AlertKind.MISMATCH), NOW)
    async with opened.writing() as store:
        for alert in (loss, first, gone):
            await store.save_alert(alert)
    async with opened.writing() as store:
        assert await store.alert(loss.id) == loss
        assert await store.open_alerts() == [first, loss]
        assert await store.alerts_of("s-1") == [loss]
        assert await store.live_alerts(["s-1", "s-2"]) == sorted([loss, first], key=lambda each: each.id)
        await store.save_alerts([replace(loss, state=AlertState.MAILED)])
    async with opened.writing() as store:
        assert await store.open_alerts() == [first]
        assert await store.alert(loss.id) == replace(loss, state=AlertState.MAILED)


async def test_hidden_alerts_are_those_that_matter_and_that_nobody_was_mailed_of(opened: Opened) -> None:
    hidden = replace(an_alert(AlertKind.UNPLACED, "s-1"), state=AlertState.INHIBITED)
    told = replace(an_alert(AlertKind.UNPLACED, "s-2"), state=AlertState.INHIBITED, told_at=NOW)
    info = replace(an_alert(AlertKind.UNPLACED, "s-3"), state=AlertState.INHIBITED, level=Level.INFO)
    before = replace(told, id="unplaced/s-5", told_at=NOW - timedelta(days=1), news_at=NOW)
    async with opened.writing() as store:
        for each in (hidden, before, told, info, an_alert(AlertKind.UNPLACED, "s-4")):
            await store.save_alert(each)
    async with opened.writing() as store:
        assert await store.hidden_alerts() == [before, hidden]


async def test_all_of_an_alert_comes_back(opened: Opened) -> None:
    case = Case(
        REGION,
        "s-9",
        "01VU",
        "hours-below-80",
        subject="wiskunde",
        site=SITE,
        periods=("2026-S1",),
        starts=NOW.date(),
        sector=Sector.SECONDARY,
        tier=Tier.SCHOOL_TRAINER,
        since=NOW.date(),
        next_date=NOW.date(),
        levers=("duo", "team"),
        figures={"hours": 3},
    )
    care = Care("c1", NOW, NOW.date(), "c2", 2)
    whole = replace(
        an_alert(AlertKind.AT_RISK),
        case=case,
        level=Level.WARNING,
        news=News.ESCALATED,
        news_at=NOW,
        told_at=NOW,
        look_at=NOW,
        care=care,
        turns=(NOW.date(), NOW.date()),
        escalate_at=NOW,
        ended_at=NOW,
    )
    async with opened.writing() as store:
        await store.save_alert(whole)
    async with opened.writing() as store:
        assert await store.alert(whole.id) == whole
        await store.save_alerts([replace(whole, revision=7)])
    async with opened.writing() as store:
        assert await store.alerts_in([whole.id, "none"]) == [replace(whole, revision=7)]


async def test_what_is_due_comes_critical_first_and_what_waits_for_the_digest_does_not(opened: Opened) -> None:
    mild = replace(an_alert(AlertKind.SHORTAGE, ""), level=Level.WARNING, look_at=NOW - timedelta(minutes=1))
    pressing = replace(an_alert(AlertKind.LOST), look_at=NOW)
    later = replace(an_alert(AlertKind.LOST, "s-3"), look_at=NOW + timedelta(seconds=1))
    held = replace(an_alert(AlertKind.LOST, "s-4"), look_at=None)
    async with opened.writing() as store:
        for alert in (mild, pressing, later, held):
            await store.save_alert(alert)
    async with opened.writing() as store:
        assert await store.due_alerts(NOW, 10) == [pressing, mild, later]
        assert await store.due_alerts(NOW - timedelta(hours=1), 10) == []
        assert await store.due_alerts(NOW, 2) == [pressing, mild]
        assert await store.due_alerts(NOW, 1) == [pressing]
        assert await store.live_of_kinds([AlertKind.SHORTAGE], [REGION]) == [mild]
        await store.look_again()
    async with opened.writing() as store:
        assert {each.id for each in await store.due_alerts(NOW, 10)} == {pressing.id, mild.id, later.id, held.id}
