"""Nobody sees or changes another's on the portal, not even by guessing ids: what is of others is as what does not exist."""

from dataclasses import dataclass

import httpx
import pytest
from fastapi import Request

from services.capacity.entrypoints.serve import build_capacity_app
from shared.security.roles import PersonRole, Position
from shared.web.viewing import Viewer
from tests.integration.capacity.conftest import OWN, SITE, SUPERVISOR, Service
from tests.support.portal_pages import every_page
from tests.support.portal_world import PAGE, Portal, settle, student

NAMES = ("Fatima", "Joris", "Sanne", "Lindecollege", "0000-0101")
ASKED = (
    "uw antwoord",
    "antwoord</a>",
    "op u ",
    "Weet u al",
    "Weet u wie",
    "Kunt u",
    "kunt u binnen",
    "u per vak",
    "invullen of",
    "Uren wijzigen",
)
"""What a page asks of whoever changes things at the school."""
FOR_ALL = {"stijl", "kiezen", "niets gevonden", "bestaat niet"}


@dataclass
class Shared:
    """One capacity that several organisations look at."""

    service: Service
    portal: Portal
    workplace: str
    position: Position

    def as_whom(self, role: PersonRole, org: str) -> None:
        self.position = Position(role, org)


@pytest.fixture
async def shared(service: Service) -> Shared:
    people = await settle(service.parts, service.http)
    other = SITE | {"name": "De Andere", "board": "55555"}
    assert (await service.http.put("/v1/sites/02CD00", json=other)).status_code == 201
    await service.http.post("/v1/supervisors", json=SUPERVISOR | {"sites": ["02CD00"], "name": "Wim Wever"})
    workplace = (await service.http.get("/v1/workplaces", params={"site": "01AB00"})).json()["items"][0]["id"]
    portal = Portal(service.parts, people, "", None)  # type: ignore[arg-type]  # nobody listens
    made = Shared(service, portal, workplace, Position(PersonRole.OPERATOR))

    async def find(_request: Request) -> Viewer:
        return Viewer(made.position.caller, "iemand", position=made.position)

    transport = httpx.ASGITransport(build_capacity_app(service.parts, find), raise_app_exceptions=False)
    await service.http.aclose()
    service.http = httpx.AsyncClient(transport=transport, base_url="http://leerplek.test")
    return made


@pytest.mark.parametrize(
    ("role", "org"),
    [
        (PersonRole.SCHOOL_TRAINER, "02CD"),
        (PersonRole.SCHOOL_TRAINER, "01AB99"),
        (PersonRole.BOARD, "55555"),
        (PersonRole.INSTITUTE_COORDINATOR, "01VU"),
        (PersonRole.PROGRAMME_MANAGER, "NL-T09"),
    ],
)
async def test_whoever_is_of_elsewhere_sees_nothing_of_a_school(shared: Shared, role: PersonRole, org: str) -> None:
    shared.as_whom(role, org)
    for name, path in every_page(shared.portal).items():
        answer = await shared.service.http.get(path)
        if name not in FOR_ALL:
            assert answer.status_code in (403, 404), name
        assert not [each for each in NAMES if each in answer.text and name != "stijl"], name
    for name in ("begeleiders", "leerwerkplekken", "studenten"):
        assert (await shared.service.http.get(f"{PAGE}/bestanden/{name}.csv")).status_code in (403, 404)
    assert (await shared.service.http.get(f"{PAGE}/nieuws?wat=supervisor/x&versie=1")).status_code in (403, 404)


@pytest.mark.parametrize(
    ("role", "org"), [(PersonRole.SCHOOL_TRAINER, "01AB"), (PersonRole.BOARD, "41234")], ids=["trainer", "board"]
)
async def test_a_school_and_its_board_see_their_own(shared: Shared, role: PersonRole, org: str) -> None:
    shared.as_whom(role, org)
    changes = role is PersonRole.SCHOOL_TRAINER
    for name, path in every_page(shared.portal).items():
        if path.startswith(PAGE):
            is_not_theirs = path.endswith(("/inzage", "/wissen") if changes else "/nieuw")
            expected = 403 if is_not_theirs else 200
            assert (await shared.service.http.get(path)).status_code == expected, name
            text = (await shared.service.http.get(path)).text
            asked = [each for each in ASKED if each in text]
            assert changes or not asked, f"{name} asks a board what the school is asked: {asked}"
    assert ("U kijkt mee." in (await shared.service.http.get(PAGE)).text) is not changes
    listed = (await shared.service.http.get("/")).text
    assert "Het Lindecollege" in listed
    assert "De Andere" not in listed
    assert (await shared.service.http.get(f"/besturen/{org}")).status_code == 200
    assert (await shared.service.http.get("/besturen/55555")).status_code == 404
    assert (await shared.service.http.get("/regios/NL-T01")).status_code == 403


async def test_a_region_sees_its_settings_and_no_school(shared: Shared) -> None:
    shared.as_whom(PersonRole.PROGRAMME_MANAGER, "NL-T01")
    assert (await shared.service.http.get("/regios/NL-T01/instellingen/kosten")).status_code == 200
    assert (await shared.service.http.get(PAGE)).status_code == 403


async def test_nothing_of_another_is_changed_by_whatever_form(shared: Shared) -> None:
    shared.as_whom(PersonRole.SCHOOL_TRAINER, "02CD")
    before = await shared.service.kinds()
    person, mine = shared.portal.people["Sanne de Groot"], "/vestigingen/02CD00"
    for where in (PAGE, mine):
        for path, fields in (
            (f"begeleiders/{person}/afwezigheid", {"start": "2026-11-24", "end": ""}),
            (f"begeleiders/{person}/terug", {"on": "2026-11-24"}),
            (f"begeleiders/{person}/vertrek", {"departs": "2026-11-24"}),
            (f"begeleiders/{person}/blijft", {}),
            (f"begeleiders/{person}/gegevens", {"rol": "wpb", "soort": "teacher", "naam": "X"}),
            ("snel", {"wie": person, "wat": "afwezig", "dag": "2026-11-24"}),
            (f"leerwerkplekken/{shared.workplace}", {"vak": "x", "plaatsen-2026-S1": "0"}),
            (f"studenten/{student(101)}/aannemen", {}),
            (f"studenten/{student(101)}/weigeren", {"keuze": "no-hours"}),
            ("ongedaan", {"wat": f"supervisor/{person}", "nummer": "1"}),
            ("ongedaan", {"wat": f"workplace/{shared.workplace}", "nummer": "1"}),
        ):
            answer = await shared.service.http.post(f"{where}/{path}", data={"sleutel": path, **fields}, headers=OWN)
            assert answer.status_code in (404, 409), (path, answer.status_code)
            assert "Sanne" not in answer.text
    forbidden = await shared.service.http.post("/regios/NL-T01/instellingen/kosten", data={"sleutel": "k"}, headers=OWN)
    assert forbidden.status_code in (400, 403)
    assert "Student zonder plek" not in forbidden.text or forbidden.status_code == 403
    assert await shared.service.kinds() == before


async def test_what_was_saved_elsewhere_is_not_confirmed_here(shared: Shared) -> None:
    shared.as_whom(PersonRole.SCHOOL_TRAINER, "02CD")
    person = shared.portal.people["Sanne de Groot"]
    for wat in (f"supervisor/{person}", f"workplace/{shared.workplace}", "site/01AB00", "region/NL-T01"):
        page = await shared.service.http.get("/vestigingen/02CD00", params={"wat": wat, "versie": "1"})
        assert page.status_code == 200
        assert "Opgeslagen" not in page.text


async def test_what_is_of_another_answers_as_what_is_not_there(shared: Shared) -> None:
    shared.as_whom(PersonRole.SCHOOL_TRAINER, "02CD")
    other, unknown = [await shared.service.http.get(path) for path in (PAGE, "/vestigingen/09ZZ00")]
    assert (other.status_code, other.text) == (unknown.status_code, unknown.text)
