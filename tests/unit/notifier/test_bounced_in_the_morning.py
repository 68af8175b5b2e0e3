"""What comes back while a morning's round goes on told nobody: the round does not count it as told when it settles what it wrote."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind, AlertState
from services.notifier.domain.bounces import Bounce
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.delivery import MailState, RetryPolicy
from services.notifier.domain.life import PENDING, escalate
from services.notifier.handlers import digesting
from services.notifier.handlers.bouncing import Returns, take_bounce
from shared.contracts.signals import AtRiskRule
from shared.dutch import dutch_day
from tests.support.notifier import NOW, an_alert
from tests.unit.notifier.conftest import Notifier
from tests.unit.notifier.test_worsened_in_the_morning import TRAINER

RETURNS = Returns(RetryPolicy(timedelta(seconds=5), timedelta(minutes=5), timedelta(days=1)), lambda: 0.5)


async def test_what_came_back_before_the_round_was_done_is_looked_at_again(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people hear of one alert, in a transaction each; the mail of the first comes back before the second is written."""
    monkeypatch.setattr(digesting, "AT_A_TIME", 1)
    for each in (TRAINER, replace(TRAINER, id="c5", email="ander@vu.example")):
        await notifier.store.save_contact(each)
    told = replace(an_alert(AlertKind.AT_RISK, reason=AtRiskRule.LONG_TRAVEL), state=AlertState.MAILED, told_at=NOW)
    at = digest_time(dutch_day(notifier.clock()) + timedelta(days=1))
    alert = replace(escalate(told, at), look_at=None)
    await notifier.store.save_alert(alert)

    async def happens() -> None:
        (first,) = notifier.store.mails_by_id.values()
        await notifier.store.save_mail(replace(first, state=MailState.SENT, sent_at=at))
        await take_bounce(notifier.store, first.id, Bounce("5.1.1", has_given_up=True), at, RETURNS)

    await notifier.morning_in_which(happens, before=4)
    assert len(notifier.store.mails_by_id) == 2
    after = notifier.store.alerts[alert.id]
    assert after.state in PENDING
    assert after.look_at == at
