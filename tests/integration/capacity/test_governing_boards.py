"""A board over a school: the region says which, never who is in it; who was there before is told, and it stands in the log."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from services.capacity.adapters.people_tables import AccessMailRow
from services.capacity.handlers import giving_access
from shared.contracts.arriving import STRUCTURED
from shared.security.roles import PersonRole, Position
from tests.integration.capacity.conftest import PAGE, SITE, words
from tests.support.portal_world import settle
from tests.support.signing_in import Browser, World, opened_world

MANAGER, OPERATOR = Position(PersonRole.PROGRAMME_MANAGER, "NL-T01"), Position(PersonRole.OPERATOR)
BOARD, OTHER_BOARD = Position(PersonRole.BOARD, "41234"), Position(PersonRole.BOARD, "55555")
TRAINER = Position(PersonRole.SCHOOL_TRAINER, "01AB")
BOARDS = "/regios/NL-T01/besturen"


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A school with a board and people, and one without a board, in one region."""
    async with opened_world(sqlite_url, tmp_path) as opened:
        await settle(opened.parts, opened.service.http)
        answer = await opened.service.http.put("/v1/sites/04GH00", json=SITE | {"board": None})
        assert answer.status_code == 201, answer.text
        yield opened


async def put(browser: Browser, site: str, board: str) -> int:
    answer = await browser.post(BOARDS, sleutel=f"{site}-{board}", vestiging=site, bestuur=board)
    return answer.status_code


async def invited(browser: Browser, position: Position, email: str = "tweede@elders.example") -> int:
    key, role, org = position.name, position.role.value, position.org
    answer = await browser.post("/mensen", sleutel=key, email=email, naam="Twee", rol=role, organisatie=org)
    return answer.status_code


async def test_nobody_alone_gives_a_school_to_a_board_and_lets_themselves_in_there(world: World) -> None:
    manager = await world.signed_in("kim@regio.example", MANAGER)
    for board in ("55555", "99999"):
        assert await put(manager, "01AB00", board) == 303
        assert await invited(manager, Position(PersonRole.BOARD, board)) == 400
    assert await put(manager, "01AB00", "") == 400, "without a board the region would let people in at the school"
    assert await invited(manager, TRAINER) == 400
    for page in (PAGE, "/besturen/55555", "/besturen/99999"):
        assert (await manager.get(f"{page}/begeleiders" if page == PAGE else page)).status_code in (403, 404)
    async with world.parts.access.reading() as people:
        assert await people.with_address("tweede@elders.example") is None


async def test_a_region_is_told_who_invites_the_people_of_a_board_and_sees_none_of_them(world: World) -> None:
    await world.signed_in("bea@bestuur.example", BOARD, name="Bea Bestuur")
    manager = await world.signed_in("kim@regio.example", MANAGER)
    page = (await manager.get("/mensen")).text
    assert "Bea Bestuur" not in page
    assert 'value="board"' not in page
    answer = await manager.post("/mensen", email="x@elders.example", naam="X", rol="board", organisatie="41234")
    assert "De eerste persoon van een bestuur nodigt de beheerder uit" in words(answer.text)


async def test_who_governs_a_school_and_works_there_is_told_and_it_stands_in_the_log(world: World) -> None:
    for email, position in (
        ("bea@bestuur.example", BOARD),
        ("nel@nieuw.example", OTHER_BOARD),
        ("els@school.example", TRAINER),
        ("site@school.example", Position(PersonRole.SCHOOL_TRAINER, "01AB00")),
        ("zuid@school.example", Position(PersonRole.SCHOOL_TRAINER, "01AB01")),
    ):
        await world.signed_in(email, position)
    manager = await world.signed_in("kim@regio.example", MANAGER, name="Kim Bos")
    before = len(await world.mailed())
    assert [await put(manager, "01AB00", "55555") for _ in "ab"] == [303, 303], "a double click is one change"
    told = (await world.mailed())[before:]
    assert sorted(each["To"].addresses[0].addr_spec for each in told) == [
        "bea@bestuur.example", "els@school.example", "nel@nieuw.example", "site@school.example",
    ]  # fmt: skip
    for mail in told:
        body = mail.get_body(("plain",))
        assert body is not None
        text = " ".join(body.get_content().split())
        assert "01AB00" in text
        assert "van bestuur 41234 naar bestuur 55555" in text
    assert "lindecollege" in str(told[0].get_body(("plain",))).lower()
    els = await world.signed_in("els2@school.example", TRAINER)
    log = words((await els.get(f"{PAGE}/wijzigingen")).text)
    assert "bestuur gewijzigd van 41234 naar 55555" in log
    assert "Kim Bos" in log
    last = (await world.service.outbox())[-1]
    assert json.loads(last.value or b"")["board"] == "55555"
    before = len(await world.mailed())
    assert await put(manager, "01AB00", "55555") == 303
    assert len(await world.mailed()) == before, "what was so already is told to nobody"


async def test_who_was_erased_meanwhile_is_mailed_of_no_board(world: World) -> None:
    for email, position in (("bea@bestuur.example", BOARD), ("els@school.example", TRAINER)):
        await world.invite(email, position)
    before = len(await world.mailed())
    answer = await world.service.http.put("/v1/sites/01AB00/board", json={"board": "55555"})
    assert answer.status_code == 200
    async with world.parts.runtime.database.transaction() as tx:
        people = world.parts.access.people(tx, "operator")
        els = await people.with_address("els@school.example")
        assert els is not None
        await giving_access.erase(people, els.id)
    told = (await world.mailed())[before:]
    assert [each["To"].addresses[0].addr_spec for each in told] == ["bea@bestuur.example"]
    async with world.parts.runtime.database.reading() as tx:
        assert list(await tx.exec(select(AccessMailRow.id))) == [], "what waits for nobody is gone"


async def test_only_the_operator_takes_a_board_away(world: World) -> None:
    manager = await world.signed_in("kim@regio.example", MANAGER)
    answer = await manager.post(BOARDS, sleutel="weg", vestiging="01AB00", bestuur="")
    assert "Alleen de beheerder" in words(answer.text)
    assert await put(manager, "04GH00", "") == 303, "a school without a board stays so"
    operator = await world.signed_in("op@regio.example", OPERATOR)
    assert await put(operator, "01AB00", "") == 303


async def told_of_site(world: World, how: str, key: str, site: dict[str, Any]) -> None:
    """The operator's system says how a site is, over either way."""
    http = world.service.http
    if how == "put":
        answer = await http.put("/v1/sites/01AB00", json=site, headers={"Idempotency-Key": key})
    else:
        event = {"specversion": "1.0", "id": key, "source": "urn:test", "type": "nl.leerplek.site.changed.v1"}
        content = json.dumps(event | {"data": {**site, "id": "01AB00"}})
        answer = await http.post("/v1/events", content=content, headers={"Content-Type": STRUCTURED})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("how", ["put", "event"])
async def test_what_the_operators_system_says_of_a_site_keeps_its_board_or_is_told_like_any_change(
    world: World, how: str
) -> None:
    for email, position in (("bea@bestuur.example", BOARD), ("els@school.example", TRAINER)):
        await world.signed_in(email, position)
    before = len(await world.mailed())
    for number, board in enumerate(({}, {"board": None})):
        await told_of_site(world, how, f"without-{number}", SITE | {"name": f"Naam {number}"} | board)
    read = (await world.service.http.get("/v1/sites/01AB00")).json()
    assert (read["board"], read["name"]) == ("41234", "Naam 1")
    assert len(await world.mailed()) == before
    for _ in "ab":
        await told_of_site(world, how, "other", SITE | {"board": "55555"})
    told = (await world.mailed())[before:]
    assert sorted(each["To"].addresses[0].addr_spec for each in told) == ["bea@bestuur.example", "els@school.example"]
    assert "van bestuur 41234 naar bestuur 55555" in " ".join(str(told[0].get_body(("plain",))).split())
    els = await world.signed_in("els2@school.example", TRAINER)
    assert "bestuur gewijzigd van 41234 naar 55555" in words((await els.get(f"{PAGE}/wijzigingen")).text)
