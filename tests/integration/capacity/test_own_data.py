"""A board gives somebody a copy of what is kept about them, and erases it when they ask, after it read what that causes."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from shared.persistence.tables import AuditRow, OutboxRow, ReadRow
from shared.security.roles import PersonRole, Position
from tests.integration.capacity.conftest import SITE
from tests.support.portal_world import PAGE, settle
from tests.support.signing_in import OWN, Browser, World, opened_world

BOARD, TRAINER = Position(PersonRole.BOARD, "41234"), Position(PersonRole.SCHOOL_TRAINER, "01AB")
NAME = "Fatima el Amrani"


@dataclass
class Case:
    """A school, and somebody of its board at a browser."""

    world: World
    board: Browser
    people: dict[str, str]

    def page(self, name: str = NAME) -> str:
        """Where somebody's pages are."""
        return f"{PAGE}/begeleiders/{self.people[name]}"

    async def erase(self, key: str = "k", name: str = NAME, **fields: str) -> httpx.Response:
        """Erases somebody, with the box ticked on the version that holds."""
        page = await self.board.get(f"{self.page(name)}/wissen")
        found = re.search(r'name="versie" value="(\d+)"', page.text)
        version = found[1] if found else "1"
        filled = {"gelezen": "ja", "versie": version, **fields}
        sent = {"sleutel": key, **filled}
        return await self.board.http.post(f"{self.page(name)}/wissen", data=sent, headers=OWN)

    async def rows(self, aggregate: str) -> list[tuple[str, str]]:
        """What the audit tells of something: what, and by what kind of actor."""
        async with self.world.parts.runtime.database.reading() as tx:
            found = await tx.exec(select(AuditRow).where(AuditRow.aggregate == aggregate).order_by(col(AuditRow.id)))
            return [(each.action, each.actor.partition("/")[0]) for each in found]


@pytest.fixture
async def case(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Case]:
    async with opened_world(sqlite_url, tmp_path) as world:
        people = await settle(world.parts, world.service.http)
        other = SITE | {"board": "55555"}
        assert (await world.service.http.put("/v1/sites/02CD00", json=other)).status_code == 201
        board = await world.signed_in("bestuur@school.example", BOARD, name="Bo Vries")
        yield Case(world, board, people)


def text_of(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


async def test_everything_about_somebody_is_shown_and_given_as_a_file_and_that_is_noted(case: Case) -> None:
    assert f'href="{case.page()}/inzage"' in (await case.board.get(case.page())).text
    shown = text_of(await case.board.get(f"{case.page()}/inzage"))
    for words in (NAME, "Het Lindecollege, Zeist", "wiskunde", "2 studenten", "Aangemeld, door de beheerder."):
        assert words in shown, words
    file = await case.board.post(f"{case.page()}/inzage")
    assert file.status_code == 200
    assert re.fullmatch(r'attachment; filename="leerplek-begeleider-[\w-]+\.json"', file.headers["content-disposition"])
    assert "no-store" in file.headers["cache-control"]
    told = file.json()
    assert (told["supervisor"]["name"], told["students"]) == (NAME, 2)
    api = await case.world.service.http.get(f"/v1/supervisors/{case.people[NAME]}/export")
    assert told == api.json(), "the same as the API gives"
    async with case.world.parts.runtime.database.reading() as tx:
        reads = [each for each in await tx.exec(select(ReadRow)) if each.activity == "inzageverzoek" and each.person]
    assert [(each.position, each.site) for each in reads] == [(BOARD.name, "01AB00")] * 2
    assert all(each.subject and case.people[NAME] not in str(each.model_dump()) for each in reads)
    log = text_of(await case.board.get("/inzage"))
    assert log.count("Alle gegevens van een begeleider") == 2, log


async def test_what_erasing_causes_is_told_before_it_is_done(case: Case) -> None:
    page = text_of(await case.board.get(f"{case.page()}/wissen"))
    for words in (
        "De naam verdwijnt voorgoed",
        f"{NAME} is vanaf vandaag weg.",
        "begeleidt nu 2 studenten",
        "raken die studenten hun plek kwijt",
        "Dit is niet terug te draaien, ook vandaag niet.",
        "De naam verdwijnt 365 dagen later vanzelf.",
    ):
        assert words in page, words
    assert "die niet van u is" not in page
    nobody = text_of(await case.board.get(f"{case.page('Pieter Jansen')}/wissen"))
    assert "studenten hun plek" not in nobody
    unsure = await case.board.post(f"{case.page()}/wissen", versie="1")
    assert (unsure.status_code, "Zet een vinkje als u het zeker weet." in unsure.text) == (400, True)
    assert await case.rows(f"supervisor/{case.people[NAME]}") == [("nl.leerplek.supervisor.registered.v1", "operator")]


async def test_an_erased_person_is_gone_everywhere_and_only_once(case: Case) -> None:
    answers = [await case.erase(), await case.erase(versie="1"), await case.erase("other")]
    assert [each.status_code for each in answers] == [303, 303, 303]
    page = await case.board.get(answers[0].headers["location"])
    assert "naam en eerdere gegevens gewist." in text_of(page)
    assert "Ongedaan maken" not in page.text
    aggregate = f"supervisor/{case.people[NAME]}"
    assert await case.rows(aggregate) == [
        ("nl.leerplek.supervisor.registered.v1", "operator"),
        ("nl.leerplek.supervisor.departed.v1", "person"),
        ("nl.leerplek.erased", "person"),
    ]
    async with case.world.parts.runtime.database.reading() as tx:
        waiting = select(OutboxRow).where(OutboxRow.key == aggregate.encode()).order_by(col(OutboxRow.id))
        assert [each.value is None for each in await tx.exec(waiting)][-1] is True
    for path in ("", "/inzage", "/wissen"):
        assert NAME not in (await case.board.get(case.page() + path)).text
    log = await case.board.get(f"{PAGE}/wijzigingen")
    assert NAME not in log.text
    assert "naam en eerdere gegevens gewist, door Bo Vries" in text_of(log)
    file = (await case.board.post(f"{case.page()}/inzage", sleutel="f")).json()
    assert (file["supervisor"]["name"], file["versions"]) == (None, [])


async def test_who_saw_an_older_version_erases_nobody(case: Case) -> None:
    away = {"start": "2026-12-01"}
    path = f"/v1/supervisors/{case.people[NAME]}/absences"
    (await case.world.service.http.post(path, json=away)).raise_for_status()
    late = await case.erase(versie="1")
    assert (late.status_code, "Dit is veranderd terwijl u bezig was" in late.text) == (409, True)
    assert NAME in (await case.board.get(case.page())).text


async def test_a_name_that_another_board_needs_too_is_told(case: Case) -> None:
    person = {"region": "NL-T01", "tier": "wpb", "sites": ["01AB00", "02CD00"], "name": "Noor Dekker"}
    made = await case.world.service.http.post("/v1/supervisors", json={**person, "qh": {"2026-S1": 4}})
    case.people["Noor Dekker"] = made.raise_for_status().json()["id"]
    assert "werkt ook op een school die niet van u is" in text_of(
        await case.board.get(f"{case.page('Noor Dekker')}/wissen")
    )


async def test_only_the_board_of_the_school_answers_and_only_by_a_form(case: Case) -> None:
    trainer = await case.world.signed_in("els@school.example", TRAINER)
    assert "/inzage" not in (await trainer.get(case.page())).text
    other = await case.world.signed_in("ander@school.example", Position(PersonRole.BOARD, "55555"))
    for browser, status in ((trainer, 403), (other, 404)):
        for path in ("/inzage", "/wissen"):
            assert (await browser.get(case.page() + path)).status_code == status
            filled = {"sleutel": "k", **({"gelezen": "ja", "versie": "1"} if path == "/wissen" else {})}
            assert (await browser.http.post(case.page() + path, data=filled, headers=OWN)).status_code == status
    foreign = {"Origin": "https://elders.example"}
    for path in ("/inzage", "/wissen"):
        answer = await case.board.post(case.page() + path, headers=foreign, gelezen="ja", versie="1")
        assert answer.status_code == 403
    assert NAME in (await case.board.get(case.page())).text
    for unknown in ("nobody", case.people[NAME]):
        site = "01AB00" if unknown == "nobody" else "01AB01"
        assert (await case.board.get(f"/vestigingen/{site}/begeleiders/{unknown}/inzage")).status_code == 404
