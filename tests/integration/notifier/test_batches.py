"""Events that are applied together, with what they need read at once, leave what they leave one by one."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.notifier.adapters.rows import alert_of, place_of
from services.notifier.adapters.tables import AlertRow, PlaceRow
from services.notifier.bootstrap import Parts
from services.notifier.entrypoints.stream import applying
from shared.contracts.envelope import Event, new_event
from shared.messaging.inbox import Tombstone
from tests.integration.notifier.conftest import telling
from tests.integration.notifier.smtp_server import MailServer
from tests.integration.notifier.test_whatever_comes import ERASED, log_of


async def _kept(parts: Parts) -> tuple[object, ...]:
    async with parts.runtime.database.reading() as tx:
        alerts = (await tx.exec(select(AlertRow).order_by(col(AlertRow.id)))).all()
        places = (await tx.exec(select(PlaceRow).order_by(col(PlaceRow.student)))).all()
        return [alert_of(row) for row in alerts], [place_of(row) for row in places]


async def _apply(parts: Parts, events: Sequence[Event | Tombstone], at_a_time: int) -> None:
    apply = applying(lambda tx: parts.store(tx, "test"), parts.clock)
    for first in range(0, len(events), at_a_time):
        async with parts.runtime.database.transaction() as tx:
            await apply(tx, events[first : first + at_a_time])


@pytest.mark.parametrize("seed", range(6))
async def test_many_in_one_transaction_leave_what_they_leave_alone(
    seed: int, mail_server: MailServer, tmp_path: Path
) -> None:
    wild = random.Random(seed)
    told = log_of(wild)
    wild.shuffle(told)
    told.insert(len(told) // 2, Tombstone(f"student/{ERASED}"))
    found = []
    for number, at_a_time in enumerate((1, 7, len(told))):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with telling(f"sqlite+aiosqlite:///{folder / 'n.db'}", mail_server, folder) as tell:
            parts = tell().parts
            events = [
                each if isinstance(each, Tombstone) else new_event("urn:nld:test", each, parts.clock()) for each in told
            ]
            await _apply(parts, events, at_a_time)
            found.append(await _kept(parts))
    assert all(found[0])
    assert found[0] == found[1] == found[2]
