"""A student who is erased while a morning's round goes on leaves nothing behind in what that round writes afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.contacts import Preferences, Wish
from services.notifier.handlers.digesting import make_round
from services.notifier.handlers.dispatching import ROUND
from services.notifier.handlers.forgetting import forget_student
from services.notifier.handlers.rounds import Rounds
from services.notifier.ports import Store
from shared.dutch import dutch_day
from tests.support.notifier import NOW, PEOPLE, placed, site_changed
from tests.unit.notifier.conftest import RULES, Notifier


@pytest.mark.parametrize("transactions", [2, 3, 4])
async def test_who_is_erased_after_the_plan_is_named_in_no_notice(notifier: Notifier, transactions: int) -> None:
    """The coordinator wishes not to hear of places, which is written down without a mail."""
    wishes = Preferences(by_kind={AlertKind.PROPOSED: Wish.NONE})
    await notifier.store.save_contact(replace(PEOPLE.coordinator, preferences=wishes))
    await notifier.hear(site_changed(), placed("s-1", 1), placed("s-2", 1))
    at = digest_time(dutch_day(notifier.clock()) + timedelta(days=1))
    notifier.clock.now = at
    await notifier.store.save_round(ROUND, dutch_day(at) - timedelta(days=1))
    begun = 0

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Store]:
        nonlocal begun
        begun += 1
        if begun == transactions + 1:
            await forget_student(notifier.store, "s-1", NOW)
        async with notifier.store.writing() as store:
            yield store

    async for _ in make_round(Rounds(transaction, notifier.composer, RULES), at):
        pass
    told = {each.alert for each, _ in notifier.store.notices}
    assert f"{AlertKind.PROPOSED}/s-2" in told
    if begun > transactions:
        assert f"{AlertKind.PROPOSED}/s-1" not in told
