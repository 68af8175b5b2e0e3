"""Boards and institutes have names: the region gives them, pages show them, and the pages of other services hear them with the pass."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
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


Fields = dict[str, str]


async def opened(service: Service) -> Fields:
    """The form as a page shows it: the fields for names, and what each was."""
    page = (await service.http.get("/regios/NL-T01/besturen")).text
    inputs = [dict(re.findall(r'(name|value)="([^"]*)"', each)) for each in re.findall("<input[^>]*>", page)]
    form = {
        each["name"]: each.get("value", "") for each in inputs if each.get("name", "").startswith(("naam-", "was-"))
    }
    assert set(form) == {"naam-41234", "was-41234", "naam-01VU", "was-01VU"}
    return form


async def sent(service: Service, key: str, form: Fields) -> httpx.Response:
    return await service.http.post(NAMES, data={"sleutel": key, **form}, headers=OWN)


async def named(service: Service, key: str, **names: str) -> int:
    """Opens the form, types these names and sends it."""
    form = await opened(service) | {f"naam-{code.lstrip('_')}": name for code, name in names.items()}
    return (await sent(service, key, form)).status_code


async def held(service: Service) -> Fields:
    async with service.parts.reading() as store:
        return dict(await store.called(["41234", "01VU"]))


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
    answer = await sent(service, name, {"naam-41234": name, "naam-01VU": "Vrije Universiteit"})
    assert (answer.status_code, told in words(answer.text)) == (400, True)
    assert 'href="#f-naam-41234"' in answer.text
    assert "Bestuur 41234" in words((await service.http.get("/besturen/41234")).text)


async def test_a_region_names_nobody_of_elsewhere(service: Service) -> None:
    await settle(service.parts, service.http)
    for code in ("55555", "09ZZ"):
        assert await named(service, code, **{f"_{code}": "Van een ander"}) == 400


async def test_two_who_have_the_form_open_name_what_each_of_them_changed(on_any_database: Service) -> None:
    service = on_any_database
    await settle(service.parts, service.http)
    assert await named(service, "first", _41234="Stichting Lente", _01VU="VU") == 303
    one, other = await opened(service), await opened(service)
    assert (await sent(service, "one", one | {"naam-41234": "Stichting Zomer"})).status_code == 303
    assert (await sent(service, "other", other | {"naam-01VU": "Vrije Universiteit"})).status_code == 303
    assert await held(service) == {"41234": "Stichting Zomer", "01VU": "Vrije Universiteit"}


async def test_who_changes_a_name_that_was_changed_meanwhile_reads_so_first(on_any_database: Service) -> None:
    service = on_any_database
    await settle(service.parts, service.http)
    late = await opened(service)
    assert await named(service, "first", _41234="Stichting Zomer", _01VU="VU") == 303
    answer = await sent(service, "late", late | {"naam-41234": "Stichting Lente"})
    assert answer.status_code == 409
    assert "Iemand anders maakte hier intussen van: Stichting Zomer." in words(answer.text)
    for shown in (
        'value="Stichting Lente"',
        'name="was-41234" value="Stichting Zomer"',
        'value="VU"',
        'href="#f-naam-41234"',
    ):
        assert shown in answer.text, "what was typed stays, what others changed is shown"
    assert await held(service) == {"41234": "Stichting Zomer", "01VU": "VU"}, "nothing was saved"
    again = {"naam-41234": "Stichting Lente", "was-41234": "Stichting Zomer", "naam-01VU": "VU", "was-01VU": "VU"}
    assert (await sent(service, "again", again)).status_code == 303
    assert await held(service) == {"41234": "Stichting Lente", "01VU": "VU"}
    assert (await sent(service, "same", late | {"naam-41234": "Stichting Lente"})).status_code == 303, (
        "the same is no conflict"
    )


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
                await store.name_organisation(code, name, "")
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
        assert re.search(rf'class="top__who"[^>]*>(?:<[^>]*>)?Els, {told}', page), (position, words(page)[:200])
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
