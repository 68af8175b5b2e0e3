"""A process of this version beside a newer one, on one database: what it does not know it leaves alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, update

from services.capacity.adapters.people_tables import AccessMailRow, PositionRow
from services.capacity.adapters.tables import NewsRow
from services.capacity.handlers import giving_access
from shared.security.roles import PersonRole, Position
from tests.support.capacity import NOW
from tests.support.portal_world import settle
from tests.support.signing_in import World, opened_world

TRAINER, BOARD = Position(PersonRole.SCHOOL_TRAINER, "01AB"), Position(PersonRole.BOARD, "41234")


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with opened_world(sqlite_url, tmp_path) as opened:
        await settle(opened.parts, opened.service.http)
        yield opened


async def test_a_mail_of_a_kind_of_later_waits_for_the_newer_process_and_others_go(world: World) -> None:
    async with world.parts.runtime.database.transaction() as tx:
        await giving_access.invite(world.parts.access.people(tx, "operator"), "els@school.example", "", TRAINER, NOW)
        await tx.exec(update(AccessMailRow).values(kind="kind-of-later"))
    await world.invite("bea@bestuur.example", BOARD)
    assert [each["To"].addresses[0].addr_spec for each in world.mails.taken] == ["bea@bestuur.example"]


async def test_who_has_a_role_of_later_too_signs_in_as_what_is_known(world: World) -> None:
    await world.invite("els@school.example", TRAINER, BOARD)
    async with world.parts.runtime.database.transaction() as tx:
        later = update(PositionRow).where(col(PositionRow.position) == BOARD.name)
        await tx.exec(later.values(position="role-of-later/41234"))
    async with world.parts.access.reading() as people:
        person = await people.with_address("els@school.example")
    assert person is not None
    assert person.positions == (TRAINER,)


async def test_news_of_later_is_left_out(world: World) -> None:
    async with world.parts.runtime.database.transaction() as tx:
        for student, what in (("s1", "proposed"), ("s2", "news-of-later")):
            tx.add(NewsRow(at=NOW, site="01AB00", student=student, what=what))
    async with world.parts.reading() as store:
        assert set(await store.news("01AB00", NOW)) & {"s1", "s2"} == {"s1"}
