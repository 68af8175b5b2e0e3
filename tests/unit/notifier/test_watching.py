"""What the operator hears of Leerplek itself, and what a region's week was like."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.alerts import AlertKind, AlertState
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.weeks import last_week, summarise_week
from services.notifier.handlers.watching import note_parked, note_silence
from shared.contracts.region import DayStarted
from tests.support.notifier import NOW, REGION, an_alert
from tests.unit.notifier.conftest import Notifier

OPERATOR = Contact("c7", "LEERPLEK", Role.OPERATOR, "beheer@leerplek.example", "Bea Heer")


async def test_messages_put_aside_are_told_once_again_when_there_are_far_more_and_not_when_there_are_fewer(
    notifier: Notifier,
) -> None:
    await notifier.store.save_contact(OPERATOR)
    mails = []
    for parked in (0, 3, 3, 2, 30, 0):
        await note_parked(notifier.store, {"placements": parked}, notifier.clock())
        mails.append(len(await notifier.after(3600)))
    assert mails == [0, 1, 0, 0, 1, 0]
    assert notifier.store.alerts["parked/placements"].state is AlertState.CLEARED
    (solved,) = await notifier.in_the_morning()
    assert solved.email == OPERATOR.email


async def test_a_region_whose_day_does_not_begin_is_told_and_nobody_stands_in_for_the_operator(
    notifier: Notifier,
) -> None:
    await notifier.hear(DayStarted(region=REGION, sequence=1, day=NOW.date()))
    for hours, mails in ((25, 0), (2, 0)):
        notifier.clock.forward(hours * 3600)
        await note_silence(notifier.store, notifier.clock())
        assert len(await notifier.after(60)) == mails
    await notifier.store.save_contact(OPERATOR)
    await notifier.store.look_again()
    assert [mail.email for mail in await notifier.after(1)] == [OPERATOR.email]
    await notifier.hear(DayStarted(region=REGION, sequence=2, day=NOW.date()))
    await note_silence(notifier.store, notifier.clock())
    assert notifier.states()[f"silent-source/{REGION}"] is AlertState.CLEARED


def test_a_week_counts_what_began_what_ended_and_what_goes_on() -> None:
    start, until = last_week((NOW + timedelta(days=7)).date())
    during = NOW + timedelta(days=1)
    lost = replace(an_alert(AlertKind.LOST, opened_at=during), state=AlertState.MAILED)
    over = replace(an_alert(AlertKind.UNPLACED, "s-2"), state=AlertState.CLOSED, ended_at=during)
    placed = replace(an_alert(AlertKind.PROPOSED, "s-3", opened_at=during), state=AlertState.CLOSED, ended_at=during)
    elsewhere = an_alert(AlertKind.LOST, "s-4", opened_at=during, region="NL-R09")
    week = summarise_week([lost, over, placed, elsewhere], REGION, start, until, 7)
    assert week.raised == {AlertKind.LOST: 1, AlertKind.UNPLACED: 1, AlertKind.PROPOSED: 1}
    assert week.cleared == {AlertKind.UNPLACED: 1}
    assert week.live == {AlertKind.LOST: 1}
    assert sum(week.by_day.values()) == 3
    assert len(week.by_day) == 7
    assert (week.unacknowledged, week.mails, list(week.oldest)) == (1, 7, [lost])
