"""The whole way from event to mail with a store in memory."""

from datetime import timedelta

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import AlertState
from services.notifier.domain.delivery import Mail
from services.notifier.entrypoints.stream import fold
from services.notifier.handlers.dispatching import dispatch
from shared.contracts.envelope import new_event
from shared.contracts.vocabulary import Contract
from shared.messaging.inbox import Tombstone
from tests.support.notifier import PEOPLE, Clock
from tests.support.notifier_memory import MemoryStore

WAIT = timedelta(seconds=20)


class Notifier:
    """The handlers on a store in memory with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), Clock()
        self.composer = JinjaComposer("https://leerplek.example")

    async def hear(self, *events: Contract | Tombstone) -> None:
        for each in events:
            event = each if isinstance(each, Tombstone) else new_event("urn:nld:test", each, self.clock())
            await fold(self.store, event, self.clock())

    async def after(self, seconds: float) -> list[Mail]:
        """The mails written this much later."""
        self.clock.forward(seconds)
        return list((await dispatch(self.store, self.composer, self.clock(), WAIT)).mails)

    def states(self) -> dict[str, AlertState]:
        return {each.id: each.state for each in self.store.alerts.values()}


@pytest.fixture
async def notifier() -> Notifier:
    made = Notifier()
    for contact in PEOPLE.all():
        await made.store.save_contact(contact)
    return made
