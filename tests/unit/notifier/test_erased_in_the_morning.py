"""A student who is erased while a morning's round goes on leaves nothing behind in what that round writes afterwards."""

from dataclasses import replace

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Preferences, Wish
from services.notifier.handlers.forgetting import forget_student
from tests.support.notifier import NOW, PEOPLE, placed, site_changed
from tests.unit.notifier.conftest import Notifier


@pytest.mark.parametrize("transactions", [2, 3, 4])
async def test_who_is_erased_after_the_plan_is_named_in_no_notice(notifier: Notifier, transactions: int) -> None:
    """The coordinator wishes not to hear of places, which is written down without a mail."""
    wishes = Preferences(by_kind={AlertKind.PROPOSED: Wish.NONE})
    await notifier.store.save_contact(replace(PEOPLE.coordinator, preferences=wishes))
    await notifier.hear(site_changed(), placed("s-1", 1), placed("s-2", 1))

    async def happens() -> None:
        await forget_student(notifier.store, "s-1", NOW)

    begun = await notifier.morning_in_which(happens, before=transactions + 1)
    told = {each.alert for each, _ in notifier.store.notices}
    assert f"{AlertKind.PROPOSED}/s-2" in told
    if begun > transactions:
        assert f"{AlertKind.PROPOSED}/s-1" not in told
