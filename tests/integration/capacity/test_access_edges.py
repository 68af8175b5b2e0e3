"""What a school may say of its people, whose keys and names a change has, how much may be asked, and where the pages are."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from services.capacity.config import Settings
from services.capacity.domain.decisions import Offer
from shared.persistence.tables import AuditRow
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, Guarded, open_service

OWN, OTHER = "school/01AB", "school/02CD"
TRAINER = {"region": "NL-T01", "tier": "io", "sites": ["01AB00"], "qh": {"2026-S1": 6}}


async def made(guarded: Guarded, org: str, **changes: Any) -> str:
    answer = await guarded.http.post("/v1/supervisors", json=SUPERVISOR | changes, headers=guarded.token(org))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"sites": ["01AB00", "09ZZ00"]}, 400, "/sites/1"),
        ({"sites": ["*"]}, 403, "/sites/0"),
        ({"sites": []}, 400, "/sites"),
        ({"tier": "io"}, 403, "/tier"),
    ],
)
async def test_a_school_tells_of_its_own_people_at_its_own_sites(
    guarded: Guarded, changes: dict[str, Any], status: int, pointer: str
) -> None:
    ids = await guarded.settle()
    body = SUPERVISOR | changes
    person = f"/v1/supervisors/{ids['supervisor']}"
    profile = {name: value for name, value in body.items() if name not in ("region", "name")}
    for method, path, sent in (("POST", "/v1/supervisors", body), ("PUT", person, profile)):
        answer = await guarded.http.request(method, path, json=sent, headers=guarded.token(OWN))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.text
    batch = await guarded.http.post(
        "/v1/supervisor-batches", json={"items": [body, SUPERVISOR]}, headers=guarded.token(OWN)
    )
    assert [each["outcome"] for each in batch.json()["items"]] == ["wrong", "unchanged"]


async def test_a_trainer_of_an_institute_is_read_but_not_changed_by_a_school(guarded: Guarded) -> None:
    await guarded.settle()
    trainers = [
        await made(guarded, "operator", **TRAINER, name="Els"),
        await made(guarded, "operator", **TRAINER | {"sites": ["*"]}),
    ]
    for trainer in trainers:
        path, own = f"/v1/supervisors/{trainer}", guarded.token(OWN)
        assert (await guarded.http.get(path, headers=own)).status_code == 200
        assert (await guarded.http.get(path, headers=guarded.token(OTHER))).status_code == 404
        for method, where, body in (
            ("POST", f"{path}/absences", {"start": "2026-11-24"}), ("DELETE", path, None), ("PUT", path, {"tier": "wpb", "sites": ["01AB00"]}),
        ):  # fmt: skip
            assert (await guarded.http.request(method, where, json=body, headers=own)).status_code == 404
        file = f"nummer;rol;vestigingen;uren 2026-S1\n{trainer};wpb;01AB00;1\n;io;01AB00;1"
        headers = own | {"Content-Type": "text/csv"}
        answer = await guarded.http.post("/v1/supervisor-batches", content=file.encode(), headers=headers)
        assert [each["outcome"] for each in answer.json()["items"]] == ["wrong", "wrong"], answer.text


async def test_somebody_who_works_at_two_schools_keeps_the_other_when_one_changes_the_hours(guarded: Guarded) -> None:
    await guarded.settle()
    far = SITE | {"name": "De Andere"}
    assert (await guarded.http.put("/v1/sites/02CD01", json=far, headers=guarded.token(OTHER))).status_code == 201
    person = f"/v1/supervisors/{await made(guarded, 'operator', sites=['01AB00', '02CD01'])}"
    profile = {"tier": "wpb", "sites": ["01AB00", "02CD01"], "qh": {"2026-S1": 8}}
    for org in (OWN, OTHER):
        answer = await guarded.http.put(person, json=profile, headers=guarded.token(org))
        assert answer.json()["supervisor"]["sites"] == ["01AB00", "02CD01"], answer.text


async def test_a_school_makes_sites_under_its_own_brin_and_no_board_gives_it_another(guarded: Guarded) -> None:
    await guarded.settle()
    own = guarded.token(OWN)
    assert (await guarded.http.put("/v1/sites/01AB01", json=SITE, headers=own)).status_code == 201
    for site in ("03EF00", "02CD00"):
        answer = await guarded.http.put(f"/v1/sites/{site}", json=SITE | {"board": "12345"}, headers=own)
        assert answer.status_code == 404
    assert (await guarded.http.get("/v1/sites/03EF00", headers=guarded.token("operator"))).status_code == 404


async def test_a_school_puts_its_site_under_no_board_that_the_region_did_not_name(guarded: Guarded) -> None:
    await guarded.settle()
    own, region = guarded.token(OWN), guarded.token("region/NL-T01")
    site = "/v1/sites/01AB00"
    refused = await guarded.http.put(site, json=SITE | {"board": "41234"}, headers=own)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/board"), refused.text
    assert (await guarded.http.put("/v1/sites/01AB01", json=SITE | {"board": "41234"}, headers=own)).status_code == 403
    assert (await guarded.http.get(site, headers=own)).json()["board"] is None
    named = await guarded.http.put(f"{site}/board", json={"board": "41234"}, headers=region)
    assert (named.status_code, named.json()["board"]) == (200, "41234"), named.text
    for changes, status in (({}, 200), ({"board": "41234", "name": "Nieuw"}, 200), ({"board": "55555"}, 403)):
        assert (await guarded.http.put(site, json=SITE | changes, headers=own)).status_code == status
    held = (await guarded.http.get(site, headers=own)).json()
    assert (held["board"], held["name"]) == ("41234", "Nieuw")


async def test_a_board_is_named_by_the_region_of_the_site_and_by_nobody_else(guarded: Guarded) -> None:
    await guarded.settle()
    for org, status in ((OWN, 403), ("region/NL-T02", 404), ("operator", 200)):
        headers = guarded.token(org)
        answer = await guarded.http.put("/v1/sites/01AB00/board", json={"board": "41234"}, headers=headers)
        assert answer.status_code == status, (org, answer.text)
    gone = await guarded.http.put("/v1/sites/09ZZ00/board", json={"board": None}, headers=guarded.token("operator"))
    assert gone.status_code == 404


async def test_an_offer_is_answered_by_the_school_that_makes_it_and_not_by_the_one_where_the_student_is(
    guarded: Guarded,
) -> None:
    await guarded.settle()
    offer = Offer("s1", "NL-T01", 3, "02CD00", "w9", ("2026-S1",), "2026-12-04")
    async with guarded.service.parts.runtime.database.transaction() as tx:
        await guarded.service.parts.store(tx, "test").save_offer(offer)
    body = {"decision": "refuse", "reason": "no-seat", "offer": 3}
    for org, status in ((OWN, 404), (OTHER, 200)):
        answer = await guarded.http.post("/v1/placements/s1/decision", json=body, headers=guarded.token(org))
        assert answer.status_code == status, answer.text


async def test_a_region_makes_itself(guarded: Guarded) -> None:
    headers = guarded.token("region/NL-T09")
    assert (await guarded.http.put("/v1/regions/NL-T09", json=REGION, headers=headers)).status_code == 201
    assert (await guarded.http.get("/v1/regions", headers=headers)).json()["items"][0]["id"] == "NL-T09"


async def test_organisations_share_no_keys_of_idempotency_and_the_audit_names_them(guarded: Guarded) -> None:
    await guarded.settle()
    ids = []
    for org, region, site in ((OWN, "NL-T01", "01AB00"), (OTHER, "NL-T02", "02CD00"), (OWN, "NL-T01", "01AB00")):
        body = SUPERVISOR | {"region": region, "sites": [site]}
        headers = {**guarded.token(org), "Idempotency-Key": "1"}
        ids.append((await guarded.http.post("/v1/supervisors", json=body, headers=headers)).json()["id"])
    assert ids[0] == ids[2] != ids[1]
    async with guarded.service.parts.runtime.database.reading() as tx:
        actors = list(await tx.exec(select(AuditRow.actor).order_by(col(AuditRow.id))))
    assert (set(actors[:-2]), actors[-2:]) == ({"operator"}, [OWN, OTHER])


async def test_who_asks_too_much_in_a_minute_waits_and_nobody_else_does(
    sqlite_url: str, tmp_path: Path, guarded: Guarded
) -> None:
    jwks = guarded.service.parts.settings.jwks_file
    small = await open_service(sqlite_url, tmp_path, jwks_file=jwks, requests_per_minute=2)
    answers = [await small.http.get("/v1/sites", headers=guarded.token(OWN)) for _ in range(3)]
    if answers[-1].status_code != 429:  # a minute began just then
        answers.append(await small.http.get("/v1/sites", headers=guarded.token(OWN)))
    assert (answers[-1].status_code, answers[0].headers["ratelimit-policy"]) == (429, '"minute";q=2;w=60')
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert (await small.http.get("/v1/sites", headers=guarded.token(OTHER))).status_code == 200
    await small.http.aclose()
    await small.parts.runtime.database.close()


async def test_where_the_api_asks_for_tokens_pages_are_only_on_a_guarded_network(
    sqlite_url: str, tmp_path: Path, guarded: Guarded
) -> None:
    await guarded.settle()
    for page in (
        "/",
        "/vestigingen/01AB00",
        "/vestigingen/01AB00/bestanden/begeleiders.csv",
        "/regios/NL-T01",
        "/besturen/01AB",
    ):
        answer = await guarded.http.get(page)
        assert (answer.status_code, "Fatima" in answer.text) == (404, False), page
    sent = await guarded.http.post("/vestigingen/01AB00/begeleiders/x/weg", data={"sleutel": "1"})
    assert sent.status_code == 404
    jwks = guarded.service.parts.settings.jwks_file
    behind = await open_service(sqlite_url, tmp_path, jwks_file=jwks, trusted_network=True)
    assert (await behind.http.get("/vestigingen/01AB00")).status_code == 200
    assert (await behind.http.get("/v1/sites")).status_code == 401
    await behind.http.aclose()
    await behind.parts.runtime.database.close()


def test_outside_ones_own_machine_both_keys_of_tokens_and_a_guarded_network_are_needed() -> None:
    given = {"master_key_file": "x", "database_url": "sqlite+aiosqlite:///x.db", "kafka_bootstrap": "127.0.0.1:1"}
    wide = {"http_host": "0.0.0.0"}
    for unsafe in ({"mode": "production"}, wide | {"trusted_network": True}):
        with pytest.raises(ValidationError, match="JWKS_FILE"):
            Settings.model_validate({**given, **unsafe})
    with pytest.raises(ValidationError, match="TRUSTED_NETWORK"):
        Settings.model_validate({**given, **wide, "jwks_file": "x"})
    assert Settings.model_validate({**given, **wide, "jwks_file": "x", "trusted_network": True}).shows_pages
    assert Settings.model_validate(given).shows_pages
