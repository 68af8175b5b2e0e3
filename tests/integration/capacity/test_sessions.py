"""How long a session lasts, how it ends, and as what somebody works in it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from services.capacity.adapters.people_tables import LinkRow, SessionRow
from shared.security.roles import PersonRole, Position
from tests.support.signing_in import World, opened_world, token_in

TRAINER, ZUID = Position(PersonRole.SCHOOL_TRAINER, "01AB"), Position(PersonRole.SCHOOL_TRAINER, "02CD")
ELS = "els.vos@school.example"


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with opened_world(sqlite_url, tmp_path) as opened:
        yield opened


async def test_a_session_ends_after_a_while_without_pages_and_in_any_case_after_a_week(world: World) -> None:
    browser = await world.signed_in(ELS, TRAINER)
    for _ in range(3):
        world.clock.now += timedelta(hours=7)
        assert (await browser.get("/toegang")).status_code == 200
    world.clock.now += timedelta(hours=9)
    assert (await browser.get("/toegang")).status_code == 303
    browser = await world.signed_in(ELS, TRAINER)
    begun = world.clock.now
    while world.clock.now - begun < timedelta(days=7) - timedelta(hours=7):
        world.clock.now += timedelta(hours=7)
        assert (await browser.get("/toegang")).status_code == 200
    world.clock.now = begun + timedelta(days=7, minutes=1)
    assert (await browser.get("/toegang")).status_code == 303


async def test_signing_in_again_gives_another_session_and_ends_the_old_one(world: World) -> None:
    browser = await world.signed_in(ELS, TRAINER)
    first = browser.cookie
    await world.invite(ELS, TRAINER)
    assert (await browser.post("/aanmelden/link", t=token_in(world.mails.taken[-1]))).status_code == 303
    assert browser.cookie != first
    thief = world.browser()
    thief.http.cookies.set("__Host-leerplek", first)
    assert (await thief.get("/toegang")).status_code == 303
    async with world.parts.runtime.database.reading() as tx:
        rows = (await tx.exec(select(SessionRow))).all()
        links = (await tx.exec(select(LinkRow))).all()
    assert len(rows) == 1
    stored = {each.id for each in rows} | {each.id for each in links}
    assert not any(secret in each for each in stored for secret in (first, browser.cookie))


async def test_signing_out_ends_this_session_and_everywhere_ends_all(world: World) -> None:
    phone = await world.signed_in(ELS, TRAINER, agent="Mozilla/5.0 (iPhone) Safari/605")
    desk = await world.signed_in(ELS, TRAINER)
    listed = (await desk.get("/toegang")).text
    assert "Safari op iPhone" in listed
    assert "Firefox op Windows" in listed
    out = await phone.post("/afmelden")
    assert (out.status_code, out.headers["location"]) == (303, "/afgemeld")
    assert (await phone.get("/toegang")).status_code == 303
    assert (await desk.get("/toegang")).status_code == 200
    phone = await world.signed_in(ELS, TRAINER)
    assert (await phone.post("/toegang/overal")).status_code == 303
    for browser in (phone, desk):
        assert (await browser.get("/toegang")).status_code == 303


async def test_who_is_more_than_one_thing_works_as_one_at_a_time(world: World) -> None:
    browser = await world.signed_in(ELS, TRAINER, ZUID)
    before = browser.cookie
    assert "schoolopleider 01AB" in (await browser.get("/")).text
    assert (await browser.post("/toegang/rol", rol=ZUID.name)).status_code == 303
    assert browser.cookie != before
    assert ", schoolopleider 02CD" in (await browser.get("/")).text
    for other in ("school-trainer/09ZZ", "operator", "board/41234"):
        assert (await browser.post("/toegang/rol", rol=other)).status_code == 403
    for none in ("", "koning/01AB", "school-trainer/x"):
        assert (await browser.post("/toegang/rol", rol=none)).status_code == 400
