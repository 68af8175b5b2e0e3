"""Who may see and do what on the pages of institutes, and what is noted of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from services.intake.bootstrap import MIGRATIONS
from services.intake.entrypoints.pages.access import RULES
from services.intake.entrypoints.serve import build_intake_app
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, ReadRow
from shared.security.issuing import prepare_keys, public_file
from shared.security.passes import Pass, hash_for_pass, issue_pass
from shared.security.roles import PersonRole, Position
from tests.support.office_http import World, text_of
from tests.support.office_world import (
    INSTITUTE,
    NOW,
    PAGE,
    parts_in,
    settle,
)

PORTAL, OURS = "https://leerplek.test", "https://studenten.test"
COORDINATOR = Position(PersonRole.INSTITUTE_COORDINATOR, INSTITUTE)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[tuple[World, Path]]:
    """The same where people sign in at the portal; and the keys of the portal."""
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    signs_in = {"public_url": OURS, "sign_in_url": PORTAL, "sign_in_jwks_file": public_file(keys)}
    parts = parts_in(tmp_path, lambda: NOW, **signs_in)
    await upgrade(parts.runtime.database, MIGRATIONS)
    transport = httpx.ASGITransport(build_intake_app(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=OURS) as http:
        yield World(parts, http, await settle(parts, http)), keys
    await parts.runtime.database.close()


def signed(keys: Path, position: Position, called: str = "") -> dict[str, str]:
    """The cookies of somebody who came with a pass; their organisation is `called` this."""
    held = Pass("person1", position, ("berichten", "opleidingen"), called=called)
    given = issue_pass(keys, held, PORTAL, OURS, hash_for_pass("s"))
    return {"Cookie": f"__Host-pas-opleidingen={given}; __Host-pas-geheim-opleidingen=s", "Origin": OURS}


async def test_every_page_answers_everybody_as_the_policy_says(guarded: tuple[World, Path]) -> None:
    world, keys = guarded
    outsiders = [
        Position(PersonRole.SCHOOL_TRAINER, "01AB"),
        Position(PersonRole.BOARD, "41234"),
        Position(PersonRole.PROGRAMME_MANAGER, "NL-R07"),
    ]
    own, operator, other = (
        signed(keys, each)
        for each in (COORDINATOR, Position(PersonRole.OPERATOR), Position(PersonRole.INSTITUTE_COORDINATOR, "02HU"))
    )
    wrong = []
    for method, path in sorted(RULES):
        ids = {"institute": INSTITUTE, "student": world.students["st-101"], "file": "x", "kind": "registrations"}
        address = path.format(**ids)
        fields = {"sleutel": path}
        fields |= {"opleiding": INSTITUTE} if path == "/inlezen" else {}
        fields |= {"keuze": "days"} if path.endswith(("/afwijzen", "/andere-plek", "/past-niet")) else {}
        asked: list[tuple[str, dict[str, str], set[int]]] = [("nobody", {}, {303, 401})]
        asked += [(each.name, signed(keys, each), {403}) for each in outsiders]
        has_file = "{file}" in path or path.endswith("/past-weer")  # there is no such file or report
        asked += [("other", other, {303} if path == "/" else {404})]
        asked += [
            (who, cookies, {404} if has_file else {200, 303, 400, 409})
            for who, cookies in (("own", own), ("operator", operator))
        ]
        for who, cookies, expected in asked:
            send = world.http.get if method == "GET" else world.http.post
            more: Any = {} if method == "GET" else {"data": fields}
            headers = {"Origin": OURS} | cookies
            answer = await send(address, headers=headers, **more)
            leads_away = answer.headers.get("location", "").startswith("/aanmelden")
            status = 401 if leads_away else answer.status_code
            if status not in ({401} if who == "nobody" else expected):
                wrong.append((who, method, path, status))
    assert wrong == []


async def test_what_is_seen_is_noted_without_saying_of_whom(guarded: tuple[World, Path]) -> None:
    world, keys = guarded
    own = signed(keys, COORDINATOR)
    assert (await world.http.get(world.of("st-101"), headers=own)).status_code == 200
    async with world.parts.runtime.database.reading() as tx:
        row = (await tx.exec(select(ReadRow))).one()
    assert (row.activity, row.person, row.position, row.site) == (
        "student",
        "person1",
        COORDINATOR.name,
        INSTITUTE,
    )
    assert row.subject == world.parts.fingerprint(b"read\0" + world.students["st-101"].encode())
    assert world.students["st-101"] not in str(row.model_dump())
    assert "Gegevens van een student, door u." in text_of(await world.http.get(f"{PAGE}/inzage", headers=own))


async def test_the_audit_names_the_person_and_the_page_says_you(guarded: tuple[World, Path]) -> None:
    world, keys = guarded
    own = signed(keys, COORDINATOR)
    done = await world.post(f"{world.of('st-101')}/bevestigen", headers=own, plek="w-01AB00")
    assert done.status_code == 303
    async with world.parts.runtime.database.reading() as tx:
        last = (await tx.exec(select(AuditRow).order_by(col(AuditRow.id).desc()))).first()
    assert last is not None
    assert last.actor == "person/person1"
    page = await world.http.get(done.headers["location"], headers=own)
    assert "Plek bevestigd, door u." in text_of(page)
    assert f'href="{PORTAL}/naar/berichten"' in page.text
    assert f'href="{PORTAL}/toegang"' in page.text


async def test_what_was_filled_in_after_the_pass_was_over_waits_on_the_page(guarded: tuple[World, Path]) -> None:
    world, _ = guarded
    answer = await world.post(
        f"{world.of('st-101')}/afwijzen", headers={"Origin": OURS}, plek="w-01AB00", keuze="travel"
    )
    assert answer.status_code == 401
    assert "Er is nog niets opgeslagen" in answer.text
    for name, value in {"plek": "w-01AB00", "keuze": "travel", "sleutel": "k"}.items():
        assert f'name="{name}" value="{value}"' in answer.text
    foreign = await world.post(f"{world.of('st-101')}/afwijzen", headers={"Origin": "https://elders.example"}, plek="x")
    assert 'name="plek"' not in foreign.text


async def test_what_the_institutes_own_system_read_stands_there_and_what_anothers_read_does_not(world: World) -> None:
    async with world.parts.runtime.database.transaction() as tx:
        for org, activity in ((INSTITUTE, "plaatsingen"), ("98YY", "inschrijvingen")):
            position = f"institute/{org}"
            tx.add(ReadRow(at=NOW, activity=activity, person="", position=position, site="", subject="", trace=""))
    shown = text_of(await world.http.get(f"{PAGE}/inzage"))
    assert "Lijst van plaatsingen, door uw systeem." in shown
    assert "Lijst van inschrijvingen" not in shown


async def test_pages_call_an_institute_by_the_name_that_came_with_the_pass(guarded: tuple[World, Path]) -> None:
    world, keys = guarded
    for called, told in (("Vrije Universiteit", "Vrije Universiteit 01VU"), ("", "Opleiding 01VU")):
        page = await world.http.get(PAGE, headers=signed(keys, COORDINATOR, called))
        assert told in text_of(page)
        assert f"stagecoördinator {called or '01VU'}".lower() in text_of(page).lower()
