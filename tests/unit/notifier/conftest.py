"""The whole way from event to mail with a store in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import AlertState
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.delivery import Mail
from services.notifier.domain.rules import Rules
from services.notifier.entrypoints.stream import fold
from services.notifier.handlers.digesting import make_round
from services.notifier.handlers.dispatching import ROUND, dispatch
from services.notifier.handlers.rounds import Rounds, Transaction
from services.notifier.ports import Store
from shared.contracts.envelope import new_event
from shared.contracts.vocabulary import Contract
from shared.dutch import dutch_day
from shared.messaging.inbox import Tombstone
from tests.support.notifier import PEOPLE, Clock
from tests.support.notifier_memory import MemoryStore

RULES = Rules(timedelta(seconds=20))


class Notifier:
    """The handlers on a store in memory with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(self.clock)
        self.composer = JinjaComposer("https://leerplek.example")

    async def hear(self, *events: Contract | Tombstone) -> None:
        for each in events:
            event = each if isinstance(each, Tombstone) else new_event("urn:nld:test", each, self.clock())
            await fold(self.store, event, self.clock())

    async def after(self, seconds: float) -> list[Mail]:
        """The mails written this much later."""
        self.clock.forward(seconds)
        return list((await dispatch(self.store, self.composer, self.clock(), RULES)).mails)

    async def in_the_morning(self, transaction: Transaction | None = None) -> list[Mail]:
        """The mails written in the next round of a morning."""
        if self.clock() >= (at := digest_time(dutch_day(self.clock()))):
            at += timedelta(days=1)
        await self.store.save_round(ROUND, dutch_day(at) - timedelta(days=1))
        self.clock.now = at
        rounds = Rounds(transaction or self.store.writing, self.composer, RULES)
        return [mail async for done in make_round(rounds, at) for mail in done.mails]

    async def morning_in_which(self, happens: Callable[[], Awaitable[None]], before: int) -> int:
        """The next round of a morning, in which this happens before a transaction, counted from 1; how many there were."""
        begun = 0

        @asynccontextmanager
        async def transaction() -> AsyncIterator[Store]:
            nonlocal begun
            begun += 1
            if begun == before:
                await happens()
            async with self.store.writing() as store:
                yield store

        await self.in_the_morning(transaction)
        return begun

    def states(self) -> dict[str, AlertState]:
        return {each.id: each.state for each in self.store.alerts.values()}


@pytest.fixture
async def notifier() -> Notifier:
    made = Notifier()
    for contact in PEOPLE.all():
        await made.store.save_contact(contact)
    return made
