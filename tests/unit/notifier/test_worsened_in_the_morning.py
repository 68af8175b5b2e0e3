"""What gets worse while a morning's round goes on is told at once afterwards: the round says nothing of news that it did not plan."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind, AlertState, Level
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.life import escalate
from services.notifier.domain.notices import Told
from services.notifier.handlers.raising import raise_alert
from shared.contracts.signals import AtRiskRule
from shared.dutch import dutch_day
from tests.support.notifier import INSTITUTE, NOW, PEOPLE, an_alert
from tests.unit.notifier.conftest import Notifier

TRAINER = Contact("c4", INSTITUTE, Role.INSTITUTE_TRAINER, "io@vu.example", "Tom Blok", "020 765 43 22")
HEARERS = (PEOPLE.coordinator, TRAINER)


@pytest.mark.parametrize("heard", [0, 1, 2])
async def test_what_gets_critical_in_the_round_is_told_at_once_afterwards(notifier: Notifier, heard: int) -> None:
    """Of those who are to hear so many had heard what was planned already; where all had, nothing is left to be written."""
    await notifier.store.save_contact(TRAINER)
    first = an_alert(AlertKind.AT_RISK, reason=AtRiskRule.LONG_TRAVEL)
    told = replace(first, state=AlertState.MAILED, told_at=NOW)
    at = digest_time(dutch_day(notifier.clock()) + timedelta(days=1))
    alert = replace(escalate(told, at), look_at=None)
    await notifier.store.save_alert(alert)
    for each in HEARERS[:heard]:
        await notifier.store.save_told(
            [(Told(alert.id, alert.revision, each.role, each.id, "m-1", NOW), "responsible")]
        )

    async def happens() -> None:
        worse = replace(first, level=Level.CRITICAL, sequence=2, news_at=at, look_at=at)
        await raise_alert(notifier.store, worse, is_worse=True)

    await notifier.morning_in_which(happens, before=3)
    assert notifier.states()[alert.id] is AlertState.WORSENED
    mails = await notifier.after(30)
    assert PEOPLE.coordinator.email in {each.email for each in mails}
