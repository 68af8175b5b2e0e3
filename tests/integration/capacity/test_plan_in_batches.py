"""What the plan tells in one transaction leaves what it leaves one by one, in whatever order and however often it comes."""

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from services.capacity.adapters.tables import GuidanceRow, NewsRow, OfferRow, PlacementRow, SiteSignalRow
from services.capacity.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from shared.contracts.placements import (
    MoveCause,
    PlacementChanged,
    PlacementWithdrawn,
    StudentUnplaced,
    SwitchKind,
    SwitchOffered,
    SwitchWish,
    UnplacedReason,
)
from shared.contracts.vocabulary import Contract, SignalStatus
from shared.messaging.inbox import Tombstone
from tests.integration.capacity.conftest import REGION, SITE, Service, open_service
from tests.support.capacity import NOW, proposed
from tests.support.notifier_events import loses

SITES = ("01AB00", "02CD00")
TABLES: tuple[type[SQLModel], ...] = (PlacementRow, GuidanceRow, NewsRow, OfferRow, SiteSignalRow)


def told_of(student: str, sequence: int, wild: random.Random) -> Contract | Tombstone:
    """Something that the plan may say of a student."""
    site, other = wild.sample(SITES, 2)
    about = {"region": "NL-T01", "sequence": sequence, "student": student}
    known = {**about, "plan_version": 1, "institute": "01VU"}
    placed = proposed(student, sequence, site=site)
    elsewhere = {**placed.model_dump(), "cause": MoveCause.MADE_ROOM, "previous_site": other}
    asked = {"subject": "wiskunde", "periods": ("2026-S1",), "since": date(2026, 11, 24)}
    offered = {"site": site, "workplace": "w2", "subject": "wiskunde", "periods": ("2026-S1",), "travel_min": 20}
    instead = {"site_now": other, "travel_now_min": 80, "answer_by": date(2026, 12, 4), "kind": SwitchKind.FREE_PLACE}
    kinds: list[Contract | Tombstone] = [
        placed,
        PlacementChanged(**elsewhere),
        PlacementWithdrawn(**known, site=site, cause=MoveCause.STUDENT_WITHDRAWN),
        StudentUnplaced(**known, **asked, reason=UnplacedReason.NO_SUPERVISOR_HOURS, lost_site=site),
        SwitchOffered(**known, **offered, **instead, wishes=(SwitchWish.SHORTER_TRAVEL,)),
        Tombstone(f"student/{student}"),
        loses(student, sequence, site=wild.choice([*SITES, "09XX00"]), status=wild.choice(list(SignalStatus))),
    ]
    return wild.choices(kinds, [6, 4, 2, 2, 2, 1, 6])[0]


async def _kept(service: Service) -> list[list[tuple[object, ...]]]:
    async with service.parts.runtime.database.reading() as tx:
        found = [(await tx.exec(select(table))).all() for table in TABLES]
    return [sorted((tuple(row.model_dump(exclude={"id"}).items()) for row in rows), key=str) for rows in found]


async def _apply(service: Service, events: Sequence[Contract | Tombstone], at_a_time: int) -> list[tuple[str, str]]:
    """What each event was news of: its type and the site."""
    told = []
    for first in range(0, len(events), at_a_time):
        some = [
            each if isinstance(each, Tombstone) else new_event("urn:test", each, NOW)
            for each in events[first : first + at_a_time]
        ]
        async with service.parts.runtime.database.transaction() as tx:
            told += await fold(service.parts.store(tx, "plan"), some)
    return [(f"{event.type} {event.sequence}", str(each.body)) for event, each in told]


@pytest.mark.parametrize("seed", range(6))
async def test_many_in_one_transaction_leave_what_they_leave_alone(seed: int, tmp_path: Path) -> None:
    wild = random.Random(seed)
    events = [told_of(f"s{wild.randrange(4)}", sequence, wild) for sequence in range(1, 41)]
    events += wild.sample(events, 10)
    for place in range(0, len(events), 4):  # some come late
        other = wild.randrange(len(events))
        events[place], events[other] = events[other], events[place]
    found = []
    for at_a_time in (1, 7, len(events)):
        folder = tmp_path / str(at_a_time)
        folder.mkdir()
        service = await open_service(f"sqlite+aiosqlite:///{folder / 'c.db'}", folder)
        await service.http.put("/v1/regions/NL-T01", json=REGION)
        for site in SITES:
            assert (await service.http.put(f"/v1/sites/{site}", json={**SITE, "region": "NL-T01"})).is_success
        told = await _apply(service, events, at_a_time)
        found.append((told, await _kept(service)))
        await service.http.aclose()
        await service.parts.runtime.database.close()
    assert {kind.partition(" ")[0] for kind, _ in found[0][0]} >= {"nl.leerplek.placement.lost.v1"}
    assert found[0] == found[1] == found[2]
