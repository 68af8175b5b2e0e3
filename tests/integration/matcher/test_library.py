"""What was looked up in a region stays looked up while its plan is the same."""

import asyncio
from dataclasses import replace
from pathlib import Path

from services.matcher.adapters.store import SqlStore
from services.matcher.adapters.workroom.library import Library
from services.matcher.bootstrap import GROUP
from services.matcher.ports import Commit, Effort
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from tests.integration.matcher.asking import REGION
from tests.support import matcher as told
from tests.support.answers import STREAM, answered, publish
from tests.support.matcher import NOW


async def test_a_plan_that_only_tells_signals_leaves_the_ledger_as_it_is(sqlite_url: str, tmp_path: Path) -> None:
    async with answered(sqlite_url, tmp_path) as here:
        plan = await publish(here.parts.database, REGION)
        library = Library(sqlite_url)
        first = await asyncio.to_thread(library.region, REGION.id)
        ledger = first.ledger
        store = SqlStore(here.parts.database, Outbox("urn:test"), Inbox(GROUP))
        signals = replace(plan, version=2, changes=(), signals=(), effort=Effort.SIGNALS)
        await store.commit(Commit({STREAM: 1}, {STREAM: 2}, plans=[signals]), NOW)
        again = await asyncio.to_thread(library.region, REGION.id)
        assert (again.version, again.ledger is ledger) == (2, True)
        await publish(here.parts.database, REGION, 3, told.facts_of([told.withdrawal(min(REGION.students))]))
        other = await asyncio.to_thread(library.region, REGION.id)
        assert (other.version, other.ledger is ledger) == (3, False)
        await asyncio.to_thread(library.close)
