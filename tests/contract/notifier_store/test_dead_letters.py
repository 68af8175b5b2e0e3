"""Mails that were given up are kept in the notifier's store until the operator has heard of them by every road."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.dead_letters import dead_letter
from tests.contract.notifier_store.conftest import Opened
from tests.support.notifier import NOW, a_mail


async def test_a_dead_letter_is_kept_once_and_with_the_roads_it_has_gone(opened: Opened) -> None:
    first = dead_letter(a_mail(id="m1", reason="554 no"), NOW)
    second = dead_letter(a_mail(id="m2", kind=None), NOW + timedelta(seconds=1))
    async with opened.writing() as store:
        await store.add_dead_letter(second)
        await store.add_dead_letter(first)
        await store.add_dead_letter(first)
    async with opened.writing() as store:
        assert await store.dead_letters(1) == [first]
        assert await store.dead_letters(5) == [first, second]
        await store.save_gone([replace(first, gone=frozenset({"file", "count"}))])
    async with opened.writing() as store:
        (held, _) = await store.dead_letters(5)
        assert held.gone == {"count", "file"}
        await store.drop_dead_letters(["m1"])
    async with opened.writing() as store:
        assert await store.dead_letters(5) == [second]
