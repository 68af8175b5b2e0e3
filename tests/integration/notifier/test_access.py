"""Who asks the API has a token, and knows and changes only what is of its organisation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from sqlmodel import select

from services.notifier.bootstrap import Parts
from services.notifier.config import Settings
from services.notifier.domain.access import SCOPES
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.knowledge import KnownSite
from services.notifier.entrypoints.serve import build_web
from shared.persistence.tables import AuditRow, ReadRow
from shared.security.issuing import prepare_keys, public_file
from tests.integration.notifier.conftest import BuildParts
from tests.support.design_rules import answer_violations
from tests.support.guarded import Guarded
from tests.support.notifier import a_mail, an_alert

VU, HU, SCHOOL, OTHER_SCHOOL = "institute/01VU", "institute/02HU", "school/01AB", "school/02CD"
BOARD, OTHER_BOARD, REGION, OTHER_REGION = "board/41234", "board/49999", "region/NL-R07", "region/NL-R08"
SITE, OTHER_SITE = "01AB00", "02CD00"
CONTACT = {"organisation": "01VU", "role": "institute-coordinator", "email": "stage@vu.example", "name": "Els Vos"}
TRAINER = {"organisation": SITE, "role": "school-trainer", "email": "bo@school.example"}
UUID = "0199a2b4-7c11-7def-8a12-0000000000c1"


@dataclass
class Opened:
    """The notifier's API, and its parts."""

    http: httpx.AsyncClient
    parts: Parts


@asynccontextmanager
async def opened(parts: Parts) -> AsyncIterator[Opened]:
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Opened(http, parts)


@pytest.fixture
async def guarded(build_parts: BuildParts, tmp_path: Path) -> AsyncIterator[Guarded[Opened]]:
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    async with opened(build_parts(jwks_file=public_file(keys))) as service:
        async with service.parts.writing() as store:
            for site, board in ((SITE, "41234"), (OTHER_SITE, "49999")):
                await store.save_site(KnownSite(site, "Het Baken", "Utrecht", 1, board))
        yield Guarded(service, keys, SCOPES)


def problem_of(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["type"].endswith(f":{code}")
    assert answer_violations(answer) == []


async def made(guarded: Guarded[Opened], org: str, body: dict[str, str]) -> str:
    answer = await guarded.http.post("/v1/contacts", json=body, headers=guarded.token(org))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_who_does_not_sign_in_learns_nothing_but_how_to(guarded: Guarded[Opened]) -> None:
    document = await guarded.http.get("/v1/openapi.json")
    for path, operations in document.json()["paths"].items():
        for method in operations:
            asked = await guarded.http.request(method, "/v1" + path.replace("{", "").replace("}", ""), json={})
            problem_of(asked, 401, "aanmelden-nodig")
            assert asked.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_is_good_for_what_it_says(guarded: Guarded[Opened]) -> None:
    contact = await made(guarded, VU, CONTACT)
    needed = {
        ("POST", "/v1/contacts"): "contact:write",
        ("PUT", f"/v1/contacts/{contact}"): "contact:write",
        ("GET", f"/v1/contacts/{contact}"): "contact:read",
        ("GET", "/v1/contacts?organisation=01VU"): "contact:read",
        ("GET", f"/v1/contacts/{contact}/subscriptions"): "contact:read",
        ("GET", "/v1/organisations/01VU/hearers"): "contact:read",
        ("GET", "/v1/organisations/01VU/mode"): "contact:read",
        ("PUT", "/v1/organisations/01VU/mode"): "contact:write",
        ("GET", "/v1/mails"): "message:read",
        ("GET", "/v1/alerts"): "alert:read",
        ("GET", "/v1/unheard"): "alert:read",
        ("DELETE", f"/v1/contacts/{contact}"): "contact:write",
    }
    for (method, path), scope in needed.items():
        another = {**CONTACT, "email": "nog.iemand@vu.example"}
        body = {"mode": "live"} if path.endswith("mode") else another if method == "POST" else CONTACT
        others = guarded.token("operator", *(SCOPES - {scope}))
        problem_of(await guarded.http.request(method, path, json=body, headers=others), 403, "scope-ontbreekt")
        good = await guarded.http.request(method, path, json=body, headers=guarded.token("operator", scope))
        assert good.is_success, (method, path, good.text)


@pytest.mark.parametrize(
    ("body", "own", "others"),
    [(CONTACT, [VU], [HU, SCHOOL, BOARD, REGION]), (TRAINER, [SCHOOL, BOARD], [VU, OTHER_SCHOOL, OTHER_BOARD, REGION])],
)
async def test_a_contact_of_another_organisation_is_as_if_not_there(
    guarded: Guarded[Opened], body: dict[str, str], own: list[str], others: list[str]
) -> None:
    contact = await made(guarded, own[0], body)
    where, of = f"/v1/contacts/{contact}", body["organisation"]
    for org in others:
        headers = guarded.token(org)
        problem_of(await guarded.http.get(where, headers=headers), 404, "onbekend-contact")
        problem_of(await guarded.http.put(where, json=body, headers=headers), 404, "onbekend-contact")
        problem_of(await guarded.http.delete(where, headers=headers), 404, "onbekend-contact")
        problem_of(await guarded.http.get(f"{where}/subscriptions", headers=headers), 404, "onbekend-contact")
        for below in ("hearers", "mode"):
            asked = await guarded.http.get(f"/v1/organisations/{of}/{below}", headers=headers)
            problem_of(asked, 404, "onbekende-organisatie")
        mode = await guarded.http.put(f"/v1/organisations/{of}/mode", json={"mode": "preview"}, headers=headers)
        problem_of(mode, 404, "onbekende-organisatie")
        problem_of(await guarded.http.post("/v1/contacts", json=body, headers=headers), 403, "andere-organisatie")
        listed = await guarded.http.get("/v1/contacts", params={"organisation": of}, headers=headers)
        assert listed.json()["items"] == []
    for org in (*own, "operator"):
        headers = guarded.token(org)
        assert (await guarded.http.get(where, headers=headers)).status_code == 200
        listed = await guarded.http.get("/v1/contacts", params={"organisation": of}, headers=headers)
        assert [each["id"] for each in listed.json()["items"]] == [contact]
        assert (await guarded.http.put(where, json=body, headers=headers)).status_code == 200
        assert (await guarded.http.get(f"/v1/organisations/{of}/hearers", headers=headers)).status_code == 200


async def test_a_contact_is_not_moved_to_another_organisation_by_who_has_it_nor_taken_by_another(
    guarded: Guarded[Opened],
) -> None:
    contact = await made(guarded, VU, CONTACT)
    moved = {**CONTACT, "organisation": "02HU"}
    headers = guarded.token(VU)
    given = await guarded.http.put(f"/v1/contacts/{contact}", json=moved, headers=headers)
    problem_of(given, 403, "andere-organisatie")
    taken = await guarded.http.put(f"/v1/contacts/{contact}", json=moved, headers=guarded.token(HU))
    problem_of(taken, 404, "onbekend-contact")
    platform = {"organisation": "LEERPLEK", "role": "operator", "email": "a@b.example"}
    for org in (VU, SCHOOL, BOARD, REGION):
        answer = await guarded.http.put(f"/v1/contacts/{UUID}", json=platform, headers=guarded.token(org))
        problem_of(answer, 403, "andere-organisatie")


async def test_organisations_see_the_alerts_that_concern_them_a_page_at_a_time(guarded: Guarded[Opened]) -> None:
    async with guarded.service.parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.LOST, "s-1"))
        await store.save_alert(an_alert(AlertKind.LOST, "s-2", institute="02HU", site=OTHER_SITE, region="NL-R08"))
        await store.save_alert(an_alert(AlertKind.UNPLACED, "s-3"))
    seen = {
        VU: ["unplaced-s-3", "lost-s-1"],
        HU: ["lost-s-2"],
        SCHOOL: ["lost-s-1"],
        BOARD: ["lost-s-1"],
        OTHER_SCHOOL: ["lost-s-2"],
        OTHER_BOARD: ["lost-s-2"],
        REGION: ["unplaced-s-3", "lost-s-1"],
        OTHER_REGION: ["lost-s-2"],
        "board/41235": [],
        "operator": ["unplaced-s-3", "lost-s-2", "lost-s-1"],
    }
    for org, expected in seen.items():
        found, where = [], "/v1/alerts?limit=1"
        while where:
            page = await guarded.http.get(where, headers=guarded.token(org))
            assert page.status_code == 200, page.text
            found += [each["id"].partition("/")[2] for each in page.json()["items"]]
            where = page.links.get("next", {}).get("url", "")
        assert found == expected, org
    # what somebody asks for narrows down what is theirs, and never widens it
    others = await guarded.http.get("/v1/alerts", params={"organisation": "02HU"}, headers=guarded.token(VU))
    assert others.json()["items"] == []
    wrong = await guarded.http.get("/v1/alerts", params={"cursor": "gisteren"}, headers=guarded.token(VU))
    problem_of(wrong, 400, "ongeldige-cursor")


async def test_what_reaches_nobody_is_for_the_region_and_the_operator(guarded: Guarded[Opened]) -> None:
    async with guarded.service.parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.LOST, "s-1"))
        await store.save_alert(an_alert(AlertKind.LOST, "s-2", region="NL-R08"))
    for org, expected in ((REGION, ["s-1"]), (OTHER_REGION, ["s-2"]), ("operator", ["s-1", "s-2"])):
        asked = (await guarded.http.get("/v1/unheard", headers=guarded.token(org))).json()
        assert sorted(each["student"] for each in asked["items"]) == expected
        assert {each["region"] for each in asked["without_recipient"]} <= {"NL-R07", "NL-R08"}
        assert len({each["region"] for each in asked["without_recipient"]}) == len(expected)
    for org in (VU, SCHOOL, BOARD):
        problem_of(await guarded.http.get("/v1/unheard", headers=guarded.token(org)), 403, "niet-voor-deze-rol")


async def test_organisations_see_the_mails_to_their_own_people(guarded: Guarded[Opened]) -> None:
    people = {"01VU": Role.INSTITUTE_COORDINATOR, SITE: Role.SCHOOL_TRAINER, OTHER_SITE: Role.SCHOOL_TRAINER}
    async with guarded.service.parts.writing() as store:
        for number, (organisation, role) in enumerate(people.items()):
            contact = Contact(f"c-{number}", organisation, role, "iemand@elders.example")
            await store.save_contact(contact)
            mail = a_mail(id=f"m-{number}", dedupe_key=f"{number}", contact=contact.id, organisation=organisation)
            await store.add_mail(mail)
    seen = {VU: ["m-0"], SCHOOL: ["m-1"], BOARD: ["m-1"], OTHER_BOARD: ["m-2"], HU: [], REGION: []}
    for org, expected in {**seen, "operator": ["m-2", "m-1", "m-0"]}.items():
        listed = await guarded.http.get("/v1/mails", headers=guarded.token(org))
        assert [each["id"] for each in listed.json()["items"]] == expected, org
    other = await guarded.http.get("/v1/mails", params={"organisation": OTHER_SITE}, headers=guarded.token(BOARD))
    assert other.json()["items"] == []


async def test_the_audit_tells_which_organisation_changed_what(guarded: Guarded[Opened]) -> None:
    await made(guarded, VU, CONTACT)
    await made(guarded, BOARD, TRAINER)
    async with guarded.service.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(AuditRow.actor).order_by(AuditRow.id))).all() == [VU, BOARD]  # type: ignore[arg-type]


async def test_what_a_system_reads_of_people_is_logged_and_what_it_was_refused_is_not(
    guarded: Guarded[Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = await made(guarded, VU, CONTACT)
    where = f"/v1/contacts/{contact}"
    assert (await guarded.http.get(where, headers=guarded.token(VU))).status_code == 200
    assert (await guarded.http.get(where, headers=guarded.token(HU))).status_code == 404
    assert (await guarded.http.get("/v1/organisations/01VU/mode", headers=guarded.token(VU))).status_code == 200
    async with guarded.service.parts.runtime.database.reading() as tx:
        (line,) = (await tx.exec(select(ReadRow))).all()
    assert (line.activity, line.position, line.person) == ("contact", VU, "")
    assert len(line.subject) == 64
    assert contact not in str(line)

    async def full(*_given: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("shared.web.read_log.ReadLog.note", full)
    assert (await guarded.http.get(where, headers=guarded.token(VU))).status_code == 500


def test_in_production_and_on_a_network_keys_of_tokens_and_a_place_to_sign_in_are_needed() -> None:
    given: dict[str, object] = {
        "master_key_file": "x",
        "database_url": "sqlite+aiosqlite:///x.db",
        "kafka_bootstrap": "127.0.0.1:1",
        "public_url": "https://leerplek.example",
        "smtp_host": "mail.example",
        "mail_from": "a@b.example",
    }
    for unsafe in ({"mode": "production"}, {"http_host": "0.0.0.0", "trusted_network": True}):
        with pytest.raises(ValidationError, match="JWKS_FILE"):
            Settings.model_validate({**given, **unsafe})
    network = {**given, "http_host": "0.0.0.0", "jwks_file": "x"}
    with pytest.raises(ValidationError, match="TRUSTED_NETWORK"):
        Settings.model_validate(network)
    signs_in = {"sign_in_url": "https://portaal.example", "sign_in_jwks_file": "x"}
    assert Settings.model_validate({**network, **signs_in}).is_guarded
