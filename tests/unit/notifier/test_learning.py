"""What events teach, and the whole way from event to mail with a store in memory."""

import re
from datetime import date
from itertools import permutations

import pytest

from services.notifier.domain.alerts import AlertKind, AlertState
from services.notifier.domain.delivery import Mail
from services.notifier.handlers.reading import find_gaps
from shared.contracts.region import DayStarted
from shared.contracts.registrations import MismatchWithdrawn
from shared.contracts.vocabulary import Contract, SignalStatus
from shared.messaging.inbox import Tombstone
from tests.support.notifier import (
    INSTITUTE,
    PEOPLE,
    REGION,
    SITE,
    lost,
    mismatch,
    placed,
    region_changed,
    site_changed,
    unplaced,
)
from tests.unit.notifier.conftest import Notifier


async def test_an_unplaced_student_is_mailed_once_after_the_wait(notifier: Notifier) -> None:
    await notifier.hear(region_changed(), unplaced("s-1"))
    assert await notifier.after(19) == []
    (mail,) = await notifier.after(1)
    assert mail.email == PEOPLE.coordinator.email
    assert "vóór 17 augustus 2026" in mail.text
    assert await notifier.after(3600) == []
    assert notifier.states() == {"unplaced/s-1": AlertState.MAILED}


async def test_what_is_solved_within_the_wait_is_never_mailed(notifier: Notifier) -> None:
    await notifier.hear(unplaced("s-1", 1), unplaced("s-2", 1))
    notifier.clock.forward(10)
    await notifier.hear(placed("s-1", 2))
    (mail,) = await notifier.after(10)
    assert "s-2" in mail.text
    assert "s-1" not in mail.text


async def test_three_hundred_unplaced_students_are_one_mail(notifier: Notifier) -> None:
    await notifier.hear(*(unplaced(f"s-{number:03}") for number in range(300)))
    (mail,) = await notifier.after(20)
    assert mail.students == 300


async def test_a_replay_of_the_log_mails_nothing_again(notifier: Notifier) -> None:
    log = [
        region_changed(),
        unplaced("s-1", 1),
        placed("s-1", 2),
        unplaced("s-1", 3, lost_site=SITE),
        lost("s-1", 1),
        mismatch(),
        unplaced("s-2", 1),
    ]
    await notifier.hear(*log)
    assert len(await notifier.after(20)) == 4
    assert await notifier.after(60) == []
    before = notifier.states()
    await notifier.hear(*log)
    assert await notifier.after(60) == []
    assert notifier.states() == before


@pytest.mark.parametrize("gap_s", [0, 60])
@pytest.mark.parametrize("order", list(permutations([0, 1])))
async def test_a_student_who_lost_a_place_is_mailed_to_the_institute_once(
    notifier: Notifier, order: tuple[int, ...], gap_s: float
) -> None:
    events: list[Contract] = [lost("s-1"), unplaced("s-1", 2, lost_site=SITE)]
    mails: list[Mail] = []
    for index in order:
        await notifier.hear(events[index])
        mails += await notifier.after(gap_s)
    mails += await notifier.after(20)
    mails += await notifier.after(60)
    assert sorted(mail.email for mail in mails) == [PEOPLE.trainer.email, PEOPLE.coordinator.email]
    assert AlertState.RAISED not in notifier.states().values()


async def test_a_place_found_again_clears_both(notifier: Notifier) -> None:
    await notifier.hear(lost("s-1", 1), unplaced("s-1", 2, lost_site=SITE))
    await notifier.hear(placed("s-1", 3), lost("s-1", 2, status=SignalStatus.CLEARED))
    assert await notifier.after(60) == []
    states = notifier.states()
    assert states.pop("proposed/s-1") is AlertState.RAISED
    assert set(states.values()) == {AlertState.CLOSED}


async def test_losing_a_place_a_second_time_is_told_a_second_time(notifier: Notifier) -> None:
    await notifier.hear(lost("s-1", 1))
    assert len(await notifier.after(20)) == 2
    await notifier.hear(lost("s-1", 2, status=SignalStatus.CLEARED), lost("s-1", 3))
    assert await notifier.after(60) == []  # nobody had heard that it was over
    await notifier.hear(lost("s-1", 4, status=SignalStatus.CLEARED))
    assert {mail.email for mail in await notifier.in_the_morning()} == {PEOPLE.coordinator.email, PEOPLE.trainer.email}
    await notifier.hear(lost("s-1", 5))
    assert len(await notifier.after(120)) == 2


async def test_worse_than_it_was_told_is_told_once_more(notifier: Notifier) -> None:
    await notifier.hear(lost("s-1", 1))
    assert len(await notifier.after(20)) == 2
    await notifier.hear(lost("s-1", 2, status=SignalStatus.WORSENED))
    assert await notifier.after(60) == []  # a second mail within the hour waits longer for what else comes
    assert len(await notifier.after(60)) == 2
    assert await notifier.after(3600) == []


async def test_a_mail_leads_to_itself_and_only_the_programme_manager_to_all_alerts(notifier: Notifier) -> None:
    await notifier.hear(lost("s-1"), mismatch())
    mails = await notifier.after(20)
    assert {mail.email for mail in mails} == {each.email for each in PEOPLE.all()}
    for mail in mails:
        own = [f"https://leerplek.example/berichten/{mail.id}"]
        every = ["https://leerplek.example/meldingen/mismatch/m-1", "https://leerplek.example/meldingen"]
        links = every if mail.email == PEOPLE.manager.email else own
        assert re.findall(r"https://\S+", mail.text) == links
        assert set(re.findall(r'href="(https[^"]*)"', mail.html)) == set(links)


async def test_of_an_erased_student_nobody_hears(notifier: Notifier) -> None:
    await notifier.hear(unplaced("s-1"), mismatch(), Tombstone("student/s-1"), Tombstone("signal/x"))
    assert await notifier.after(60) == []
    assert notifier.store.places_by_student == {}


async def test_an_older_event_after_a_newer_one_opens_nothing(notifier: Notifier) -> None:
    await notifier.hear(placed("s-1", 5), unplaced("s-1", 4))
    assert await notifier.after(60) == []


async def test_a_mismatch_goes_to_the_school_that_has_the_student(notifier: Notifier) -> None:
    await notifier.hear(site_changed(), mismatch(), placed("s-1", 1))
    (mail,) = await notifier.after(20)
    assert mail.email == PEOPLE.trainer.email
    assert "Het Baken in Utrecht" in mail.text
    closed = MismatchWithdrawn(region=REGION, sequence=2, mismatch="m-1", student="s-1", institute=INSTITUTE)
    await notifier.hear(closed)
    assert notifier.states()["mismatch/m-1"] is AlertState.CLEARED
    assert PEOPLE.trainer.email in {mail.email for mail in await notifier.in_the_morning()}
    assert notifier.states()["mismatch/m-1"] is AlertState.CLOSED


async def test_the_day_of_the_region_counts_not_the_clock(notifier: Notifier) -> None:
    await notifier.hear(DayStarted(region=REGION, sequence=1, day=date(2026, 9, 1)), region_changed(), unplaced("s-1"))
    (mail,) = await notifier.after(20)
    assert "vandaag (1 september 2026)" in mail.text


async def test_an_alert_without_any_recipient_waits_and_goes_when_somebody_comes(notifier: Notifier) -> None:
    notifier.store.contacts_by_id.clear()
    await notifier.hear(unplaced("s-1"))
    assert await notifier.after(3600) == []
    gaps = await find_gaps(notifier.store, notifier.clock())
    assert [(gap.addressee.organisation, gap.alerts) for gap in gaps if gap.kind is AlertKind.UNPLACED] == [
        (INSTITUTE, 1)
    ]
    await notifier.store.save_contact(PEOPLE.coordinator)
    await notifier.store.look_again()
    assert len(await notifier.after(1)) == 1
    gaps = await find_gaps(notifier.store, notifier.clock())
    assert AlertKind.UNPLACED not in {gap.kind for gap in gaps}


async def test_a_loss_that_reaches_the_institute_but_not_the_school_stays_open_for_the_school(
    notifier: Notifier,
) -> None:
    notifier.store.contacts_by_id = {"c1": PEOPLE.coordinator}
    await notifier.hear(lost("s-1"))
    assert [mail.email for mail in await notifier.after(20)] == [PEOPLE.coordinator.email]
    assert notifier.states()["lost/lost-s-1"] is AlertState.RAISED
    await notifier.store.save_contact(PEOPLE.trainer)
    assert [mail.email for mail in await notifier.after(60)] == [PEOPLE.trainer.email]
    assert notifier.states()["lost/lost-s-1"] is AlertState.MAILED
