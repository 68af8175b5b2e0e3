"""Boards and institutes have names: the region gives them, pages show them, and the pages of other services hear them with the pass."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from sqlmodel import select

from shared.persistence.tables import AuditRow
from shared.security.roles import PersonRole, Position
from tests.integration.capacity.conftest import OWN, PAGE, Service, words
from tests.support.portal_world import settle
from tests.support.signing_in import World, opened_world

NAMES = "/regios/NL-T01/namen"
BOARD, MANAGER = Position(PersonRole.BOARD, "41234"), Position(PersonRole.PROGRAMME_MANAGER, "NL-T01")
INSTITUTE = Position(PersonRole.INSTITUTE_COORDINATOR, "01VU")


async def named(service: Service, key: str, **names: str) -> int:
    fields = {f"naam-{code.lstrip('_')}": name for code, name in names.items()}
    answer = await service.http.post(NAMES, data={"sleutel": key, **fields}, headers=OWN)
    return answer.status_code


async def test_a_region_names_its_boards_and_institutes_and_pages_show_the_names(on_any_database: Service) -> None:
    service = on_any_database
    await settle(service.parts, service.http)
    assert await named(service, "a", _41234="Stichting Lente", _01VU="Vrije Universiteit") == 303
    for page in ("/regios/NL-T01", "/regios/NL-T01/besturen", "/besturen/41234"):
        text = words((await service.http.get(page)).text)
        assert "Stichting Lente 41234" in text or "Stichting Lente (41234)" in text, page
    assert "Bestuur 41234" not in text
    form = (await service.http.get("/regios/NL-T01/besturen")).text
    assert 'value="Vrije Universiteit"' in form
    assert await named(service, "b", _41234="Stichting Lente", _01VU="Vrije Universiteit") == 303
    async with service.parts.runtime.database.reading() as tx:
        rows = (await tx.exec(select(AuditRow).where(AuditRow.action == "nl.leerplek.organisation.named"))).all()
    assert sorted(each.aggregate for each in rows) == ["organisation/01VU", "organisation/41234"], "once, not twice"
    assert await named(service, "c", _41234="", _01VU="Vrije Universiteit") == 303
    assert "Bestuur 41234" in words((await service.http.get("/besturen/41234")).text)


@pytest.mark.parametrize(
    ("name", "told"),
    [("Stichting <b>", "hoogstens 120"), ("x" * 121, "hoogstens 120"), ("Bestuur 111222333", "burgerservicenummer")],
)
async def test_a_name_that_is_none_is_refused_beside_its_field(service: Service, name: str, told: str) -> None:
    await settle(service.parts, service.http)
    data = {"sleutel": name, "naam-41234": name, "naam-01VU": "Vrije Universiteit"}
    answer = await service.http.post(NAMES, data=data, headers=OWN)
    assert (answer.status_code, told in words(answer.text)) == (400, True)
    assert 'href="#f-naam-41234"' in answer.text
    assert "Bestuur 41234" in words((await service.http.get("/besturen/41234")).text)


async def test_a_region_names_nobody_of_elsewhere(service: Service) -> None:
    await settle(service.parts, service.http)
    assert await named(service, "x", _55555="Van een ander") == 400
    assert await named(service, "y", _09ZZ="Van een ander") == 400


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """An installation in which an institute's pages stand elsewhere."""
    keys, elsewhere = tmp_path / "pass.jwks", "https://opleidingen.leerplek.test"
    changes = {"pass_keys_file": keys, "pass_to_intake": elsewhere}
    async with opened_world(sqlite_url, tmp_path, **changes) as opened:
        await settle(opened.parts, opened.service.http)
        async with opened.parts.runtime.database.transaction() as tx:
            store = opened.parts.store(tx, "operator")
            for code, name in (("41234", "Stichting Lente"), ("01VU", "Vrije Universiteit")):
                await store.name_organisation(code, name)
        yield opened


async def test_who_is_signed_in_reads_what_their_own_organisation_is_called(world: World) -> None:
    for position, told in (
        (BOARD, "bestuur Stichting Lente"),
        (MANAGER, "programmamanager Regio Rijn en Vecht"),
        (Position(PersonRole.SCHOOL_TRAINER, "01AB00"), "schoolopleider Het Lindecollege"),
        (Position(PersonRole.SCHOOL_TRAINER, "01AB"), "schoolopleider 01AB"),
        (Position(PersonRole.OPERATOR), "beheerder"),
    ):
        browser = await world.signed_in(f"{position.role}{position.org}@x.example".lower(), position, name="Els")
        page = (await browser.get("/toegang")).text
        assert re.search(rf'class="top__who"[^>]*>Els, {told}', page), (position, words(page)[:200])
        assert told.split(" ", 1)[-1] in words(page)
    operator = (await browser.get("/mensen")).text
    assert "Bestuur Stichting Lente 41234" in words(operator)


async def test_a_pass_says_what_the_organisation_is_called(world: World) -> None:
    browser = await world.signed_in("co@vu.example", INSTITUTE)
    answer = await browser.get(f"/door?bij=opleidingen&voor={'a' * 64}&naar=/")
    given = parse_qs(urlsplit(answer.headers["location"]).query)["pas"][0]
    claims = jwt.decode(given, options={"verify_signature": False})
    assert claims["called"] == "Vrije Universiteit"
    assert (await browser.get(PAGE)).status_code in (403, 404)
