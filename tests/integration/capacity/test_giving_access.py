"""Who gives whom access, what the audit and the log of reads tell of it, and what is left of who was erased."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from shared.persistence.retention import forget_logs
from shared.persistence.tables import AuditRow, ReadRow
from shared.security.roles import PersonRole, Position
from tests.integration.capacity.conftest import SITE
from tests.support.portal_world import PAGE, settle, student
from tests.support.signing_in import Browser, World, opened_world

BOARD, MANAGER = Position(PersonRole.BOARD, "41234"), Position(PersonRole.PROGRAMME_MANAGER, "NL-T01")
TRAINER, OPERATOR = Position(PersonRole.SCHOOL_TRAINER, "01AB"), Position(PersonRole.OPERATOR)
COORDINATOR = Position(PersonRole.INSTITUTE_COORDINATOR, "01VU")
NEW = "nieuw@school.example"


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Two schools of two boards in one region, and a school in another."""
    async with opened_world(sqlite_url, tmp_path) as opened:
        await settle(opened.parts, opened.service.http)
        region = (await opened.service.http.get("/v1/regions/NL-T01")).json()
        assert (await opened.service.http.put("/v1/regions/NL-T02", json=_told(region))).status_code == 201
        schools: dict[str, dict[str, object]] = {
            "02CD00": {"board": "55555"},
            "03EF00": {"region": "NL-T02", "board": "66666"},
            "04GH00": {"board": None},
        }
        for site, changes in schools.items():
            answer = await opened.service.http.put(f"/v1/sites/{site}", json=SITE | changes)
            assert answer.status_code == 201, answer.text
        yield opened


def _told(region: dict[str, object]) -> dict[str, object]:
    return {name: region[name] for name in ("name", "institutes", "periods", "settings")}


async def invite(browser: Browser, role: str, org: str, email: str = NEW) -> int:
    key = f"{role}-{org}-{email}"
    answer = await browser.post("/mensen", sleutel=key, email=email, naam="Nieuw", rol=role, organisatie=org)
    return answer.status_code


@pytest.mark.parametrize(
    ("giver", "may", "may_not"),
    [
        (BOARD, ["school-trainer/01AB", "school-trainer/01ab01", "board/41234"],
         ["school-trainer/02CD", "board/55555", "operator/", "programme-manager/NL-T01", "institute-coordinator/01VU"]),
        (MANAGER, ["school-trainer/04GH", "school-trainer/04GH00", "programme-manager/NL-T01", "institute-coordinator/01VU"],
         ["school-trainer/02CD", "school-trainer/02CD00", "school-trainer/01AB", "school-trainer/03EF", "board/55555", "board/66666", "programme-manager/NL-T02", "institute-coordinator/09ZZ", "operator/"]),
        (COORDINATOR, ["institute-coordinator/01VU"], ["institute-coordinator/02HU", "school-trainer/01AB", "operator/"]),
        (OPERATOR, ["school-trainer/09ZZ", "board/99999", "operator/", "programme-manager/NL-T09"], ["board/123", "x/y"]),
    ],
)  # fmt: skip
async def test_everybody_gives_access_to_their_own_and_nothing_else(
    world: World, giver: Position, may: Sequence[str], may_not: Sequence[str]
) -> None:
    browser = await world.signed_in("gever@school.example", giver)
    for each in may:
        role, _, org = each.partition("/")
        assert await invite(browser, role, org) == 303, each
    before = len(await world.mailed())
    assert before == 1 + len(may)
    for each in may_not:
        role, _, org = each.partition("/")
        assert await invite(browser, role, org, "ander@school.example") == 400, each
    assert len(await world.mailed()) == before
    async with world.parts.access.reading() as people:
        assert await people.with_address("ander@school.example") is None
        given = await people.with_address(NEW)
    assert given is not None
    assert {each.name for each in given.positions} == {each.rstrip("/").replace("01ab01", "01AB01") for each in may}


async def test_who_is_no_giver_sees_no_list(world: World) -> None:
    browser = await world.signed_in("els@school.example", TRAINER)
    assert (await browser.get("/mensen")).status_code == 403
    assert await invite(browser, "school-trainer", "01AB") == 403


@pytest.mark.parametrize("giver", [BOARD, MANAGER, COORDINATOR, OPERATOR], ids=str)
@pytest.mark.parametrize("email", ["gever@school.example", "Gever@School.example", "gever+leerplek@school.example"])
async def test_nobody_gives_themselves_a_role(world: World, giver: Position, email: str) -> None:
    browser = await world.signed_in("gever@school.example", giver)
    before = len(await world.mailed())
    for each in (giver, BOARD, TRAINER, Position(PersonRole.SCHOOL_TRAINER, "04GH")):
        answer = await browser.post(
            "/mensen", sleutel=each.name, email=email, rol=each.role.value, organisatie=each.org
        )
        assert answer.status_code == 400
        assert "Dit is uw eigen adres." in answer.text
    assert len(await world.mailed()) == before
    async with world.parts.access.reading() as people:
        own = await people.with_address("gever@school.example")
    assert own is not None
    assert own.positions == (giver,)


async def test_a_region_sees_and_takes_back_nothing_of_a_school_that_has_a_board(world: World) -> None:
    await world.signed_in("els@school.example", TRAINER, name="Els Vos")
    manager = await world.signed_in("gever@school.example", MANAGER)
    assert "Els Vos" not in (await manager.get("/mensen")).text
    async with world.parts.access.reading() as people:
        held = await people.with_address("els@school.example")
    assert held is not None
    assert (await manager.post(f"/mensen/{held.id}/intrekken", rol=TRAINER.name)).status_code == 403


async def test_a_double_click_invites_once(world: World) -> None:
    browser = await world.signed_in("gever@school.example", BOARD)
    assert [await invite(browser, "school-trainer", "01AB") for _ in range(2)] == [303, 303]
    assert len(await world.mailed()) == 2


async def test_taking_access_back_works_at_once_is_mailed_and_erases_who_has_nothing_left(world: World) -> None:
    board = await world.signed_in("gever@school.example", BOARD)
    els = await world.signed_in("els@school.example", TRAINER, BOARD, name="Els Vos")
    page = (await board.get("/mensen")).text
    assert "Els Vos" in page
    assert "els@school.example" in page
    async with world.parts.access.reading() as people:
        held = await people.with_address("els@school.example")
    assert held is not None
    assert (await els.post("/toegang/rol", rol=TRAINER.name)).status_code == 303
    assert (await board.post(f"/mensen/{held.id}/intrekken", rol=TRAINER.name)).status_code == 303
    assert "bestuur 41234" in (await els.get("/")).text
    assert (await board.post(f"/mensen/{held.id}/intrekken", sleutel="2", rol=TRAINER.name)).status_code == 404
    assert (await board.post(f"/mensen/{held.id}/intrekken", sleutel="3", rol=BOARD.name)).status_code == 303
    assert (await els.get("/toegang")).status_code == 303
    mails = await world.mailed()
    assert [each["Subject"] for each in mails[-2:]] == ["Uw toegang tot Leerplek is gewijzigd"] * 2
    async with world.parts.access.reading() as people:
        assert await people.person(held.id) is None


async def test_a_change_names_the_person_until_they_are_erased(world: World) -> None:
    els = await world.signed_in("els@school.example", TRAINER, name="Els Vos")
    people = (await world.service.http.get("/v1/supervisors", params={"site": "01AB00"})).json()["items"]
    person = next(each["id"] for each in people if not each.get("absences"))
    form = {"wie": person, "wat": "afwezig", "dag": "2026-11-24"}
    assert (await els.post(f"{PAGE}/snel", **form)).status_code == 303
    async with world.parts.runtime.database.reading() as tx:
        last = (await tx.exec(select(AuditRow).where(col(AuditRow.aggregate) == f"supervisor/{person}"))).all()[-1]
    assert last.actor.startswith("person/")
    assert "Els" not in last.actor
    for page in (f"{PAGE}/wijzigingen", f"{PAGE}/begeleiders/{person}"):
        assert "door Els Vos" in (await els.get(page)).text
    other = await world.signed_in("wim@school.example", TRAINER)
    async with world.parts.runtime.database.transaction() as tx:
        await world.parts.access.people(tx, "operator").erase(last.actor.removeprefix("person/"))
    log = (await other.get(f"{PAGE}/wijzigingen")).text
    assert "door iemand die geen toegang meer heeft" in log
    assert "Els Vos" not in log


async def test_reading_about_people_is_logged_and_looking_where_one_may_not_is_not(world: World) -> None:
    els = await world.signed_in("els@school.example", TRAINER, name="Els Vos")
    staff = (await world.service.http.get("/v1/supervisors", params={"site": "01AB00"})).json()["items"]
    person = staff[0]["id"]
    for path in (f"begeleiders/{person}", f"studenten/{student(101)}/weigeren", "bestanden/begeleiders.csv"):
        assert (await els.get(f"{PAGE}/{path}")).status_code == 200
    for path in (PAGE, f"{PAGE}/begeleiders/nergens", f"/vestigingen/02CD00/begeleiders/{person}"):
        await els.get(path)
    async with world.parts.runtime.database.reading() as tx:
        rows = (await tx.exec(select(ReadRow).order_by(col(ReadRow.id)))).all()
    assert [(each.activity, each.site, each.position) for each in rows] == [
        ("begeleider", "01AB00", "school-trainer/01AB"),
        ("student", "01AB00", "school-trainer/01AB"),
        ("bestand:begeleiders", "01AB00", "school-trainer/01AB"),
    ]
    assert [bool(each.subject) for each in rows] == [True, True, False]
    assert not any(word in each.subject for each in rows for word in (person, student(101)))
    assert len({each.trace for each in rows}) == 3
    for who, expected in ((BOARD, 200), (OPERATOR, 200), (Position(PersonRole.BOARD, "55555"), 200), (MANAGER, 403)):
        browser = await world.signed_in(f"{who.role}{who.org}@school.example", who)
        page = await browser.get("/inzage")
        assert page.status_code == expected
        is_shown = who in (BOARD, OPERATOR)
        assert ("Els Vos, schoolopleider 01AB" in page.text) is is_shown
        assert ("student 0000-0101" in page.text) is is_shown
    settings = world.parts.settings
    later = world.clock.now + timedelta(days=settings.keep_reads_days, minutes=1)
    await forget_logs(world.parts.runtime.database, later, settings.keep_audit_days, settings.keep_reads_days)
    async with world.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(ReadRow))).all() == []


async def test_a_page_that_cannot_be_logged_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    els = await world.signed_in("els@school.example", TRAINER)

    async def full(*_given: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("services.capacity.adapters.people_store.SqlPeople.log_read", full)
    assert (await els.get(f"{PAGE}/begeleiders")).status_code == 500
    assert (await els.get(PAGE)).status_code == 200


async def test_somebody_is_found_by_name_address_or_organisation_and_never_beyond_ones_own(world: World) -> None:
    await world.invite("bo@school.example", TRAINER, name="Bo de Wit")
    await world.invite("elders@school.example", Position(PersonRole.SCHOOL_TRAINER, "02CD"), name="Bo van Elders")
    browser = await world.signed_in("bestuur@school.example", BOARD, name="Bestuur")
    for wanted, found in (("wit", True), ("bo@school.example", True), ("01ab", True), ("niemand", False)):
        page = (await browser.post("/mensen/zoek", sleutel=wanted, wie=wanted)).text
        assert ("<h2>Bo de Wit</h2>" in page) is found, wanted
        assert "Elders" not in page
    for wanted in ("elders@school.example", "02CD", "elders"):
        page = (await browser.post("/mensen/zoek", sleutel=wanted, wie=wanted)).text
        assert "Bo van Elders" not in page
        assert "Niemand gevonden" in page


async def test_who_gave_and_took_what_is_read_back_by_who_may(world: World) -> None:
    browser = await world.signed_in("bestuur@school.example", BOARD, name="Bea Bestuur")
    assert await invite(browser, "school-trainer", "01AB") == 303
    page = (await browser.get("/mensen")).text
    assert "Nieuw kreeg toegang als schoolopleider 01AB, door Bea Bestuur." in page
    async with world.parts.access.reading() as people:
        new = await people.with_address(NEW)
    assert new is not None
    assert (await browser.post(f"/mensen/{new.id}/intrekken", rol=TRAINER.name)).status_code == 303
    page = (await browser.get("/mensen")).text
    assert "Een vroegere collega heeft geen toegang meer als schoolopleider 01AB, door Bea Bestuur." in page
    stranger = await world.signed_in("ander@school.example", Position(PersonRole.BOARD, "55555"))
    assert "Bea Bestuur" not in (await stranger.get("/mensen")).text


async def test_an_invitation_goes_out_again_and_works(world: World) -> None:
    browser = await world.signed_in("bestuur@school.example", BOARD)
    await invite(browser, "school-trainer", "01AB")
    async with world.parts.access.reading() as people:
        new = await people.with_address(NEW)
    assert new is not None
    before = len(await world.mailed())
    assert "Stuur opnieuw" in (await browser.get("/mensen")).text
    for _ in range(2):
        assert (await browser.post(f"/mensen/{new.id}/opnieuw", rol=TRAINER.name)).status_code == 303
    assert len(await world.mailed()) == before + 1, "a double click mails once"
    assert (await browser.post(f"/mensen/{new.id}/opnieuw", sleutel="k2", rol=BOARD.name)).status_code in (403, 404)


async def test_nobody_takes_their_own_access_away(world: World) -> None:
    browser = await world.signed_in("bestuur@school.example", BOARD)
    async with world.parts.access.reading() as people:
        own = await people.with_address("bestuur@school.example")
    assert own is not None
    answer = await browser.post(f"/mensen/{own.id}/intrekken", rol=BOARD.name)
    assert (answer.status_code, "trekt een ander in" in answer.text) == (409, True)
    assert (await browser.get("/mensen")).status_code == 200
