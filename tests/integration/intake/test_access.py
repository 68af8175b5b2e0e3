"""An institute signs in with a token and sees and changes its own students only; another's are as if they were not there."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlmodel import select

from services.intake.config import Settings
from shared.persistence.tables import AuditRow, ReadRow
from tests.integration.intake.conftest import Guarded, opened, problem_of
from tests.support.design_rules import answer_violations
from tests.support.intake import NEEDS, NEW_REGISTRATION

VU, HU = "institute/01VU", "institute/02HU"


async def registered(guarded: Guarded, org: str = VU, **changes: object) -> str:
    body = {**NEW_REGISTRATION, "institute": org.partition("/")[2], **changes}
    answer = await guarded.http.post("/v1/registrations", json=body, headers=guarded.token(org))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_who_does_not_sign_in_learns_nothing_but_how_to(guarded: Guarded) -> None:
    document = await guarded.http.get("/v1/openapi.json")
    assert document.headers["access-control-allow-origin"] == "*"
    for path, operations in document.json()["paths"].items():
        for method in operations:
            asked = await guarded.http.request(method, "/v1" + path.replace("{", "").replace("}", ""), json={})
            problem_of(asked, 401, "aanmelden-nodig")
            assert asked.headers["www-authenticate"].startswith("Bearer")
            assert answer_violations(asked) == []


async def test_a_token_is_good_for_what_it_says(guarded: Guarded) -> None:
    student = await registered(guarded)
    reads, writes = guarded.token(VU, "student:read"), guarded.token(VU, "student:write")
    decide = {"decision": "confirm"}
    problem_of(
        await guarded.http.post("/v1/registrations", json=NEW_REGISTRATION, headers=reads), 403, "scope-ontbreekt"
    )
    problem_of(await guarded.http.get(f"/v1/registrations/{student}", headers=writes), 403, "scope-ontbreekt")
    where = f"/v1/placements/{student}/decision"
    problem_of(await guarded.http.post(where, json=decide, headers=writes), 403, "scope-ontbreekt")
    decides = guarded.token(VU, "placement:decide")
    problem_of(await guarded.http.post(where, json=decide, headers=decides), 404, "niet-geplaatst")


@pytest.mark.parametrize("org", ["region/NL-R07", "school/01AA"])
async def test_a_region_and_a_school_have_nothing_to_ask_here(guarded: Guarded, org: str) -> None:
    asked = await guarded.http.get("/v1/registrations", headers=guarded.token(org))
    problem_of(asked, 403, "niet-voor-deze-rol")


async def test_a_student_of_another_institute_is_as_if_not_there(guarded: Guarded) -> None:
    student = await registered(guarded, reference="k 1")
    report = {"student": student, "kind": "travel"}
    made = (await guarded.http.post("/v1/mismatches", json=report, headers=guarded.token(VU))).json()["id"]
    other = guarded.token(HU)
    for method, path, body in (
        ("GET", f"registrations/{student}", None),
        ("PUT", f"registrations/{student}", NEEDS),
        ("DELETE", f"registrations/{student}", None),
        ("POST", "mismatches", report),
        ("GET", f"mismatches/{made}", None),
        ("DELETE", f"mismatches/{made}", None),
        ("GET", f"placements/{student}", None),
        ("POST", f"placements/{student}/decision", {"decision": "confirm"}),
    ):
        asked = await guarded.http.request(method, f"/v1/{path}", json=body, headers=other)
        unknown = path.replace(student, "nobody").replace(made, "nothing")
        nobody = {**body, "student": "nobody"} if body == report else body
        asked_of_nobody = await guarded.http.request(method, f"/v1/{unknown}", json=nobody, headers=other)
        assert (asked.status_code, asked.json()) == (404, asked_of_nobody.json()), (method, path)
    for path in ("registrations", "mismatches", "placements"):
        listed = await guarded.http.get(f"/v1/{path}", headers=other)
        assert listed.json() == {"items": [], "next": None}
        own = await guarded.http.get(f"/v1/{path}", headers=guarded.token(VU))
        assert len(own.json()["items"]) == 1
    assert len((await guarded.http.get("/v1/placements", headers=guarded.token("operator"))).json()["items"]) == 1


async def test_an_institute_registers_for_nobody_else_and_finds_no_reference_of_another(guarded: Guarded) -> None:
    refused = await guarded.http.post("/v1/registrations", json=NEW_REGISTRATION, headers=guarded.token(HU))
    problem_of(refused, 403, "andere-opleiding")
    await registered(guarded, VU, reference="k 1")
    assert await registered(guarded, HU, reference="k 1")
    asked = {"institute": "01VU", "reference": "k 1"}
    found = await guarded.http.get("/v1/registrations", params=asked, headers=guarded.token(HU))
    assert found.json()["items"] == []


async def test_institutes_do_not_share_keys_of_idempotency(guarded: Guarded) -> None:
    ids = []
    for org in (VU, HU, VU):
        body = {**NEW_REGISTRATION, "institute": org.partition("/")[2]}
        headers = {**guarded.token(org), "Idempotency-Key": "1"}
        answer = await guarded.http.post("/v1/registrations", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    assert ids[0] == ids[2] != ids[1]


async def test_the_audit_tells_which_organisation_changed_what(guarded: Guarded) -> None:
    await registered(guarded, VU)
    await registered(guarded, HU)
    async with guarded.service.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(AuditRow.actor).order_by(AuditRow.id))).all() == [VU, HU]  # type: ignore[arg-type]


async def test_what_a_system_reads_of_students_is_logged_before_it_is_answered(guarded: Guarded) -> None:
    student = await registered(guarded)
    asked = {
        f"/v1/registrations/{student}": ("inschrijving", True),
        f"/v1/registrations/{student}/export": ("inzageverzoek", True),
        "/v1/registrations": ("inschrijvingen", False),
        f"/v1/placements/{student}": ("plaatsing", True),
        "/v1/webhooks": None,
    }
    for path in asked:
        assert (await guarded.http.get(path, headers=guarded.token(VU))).status_code == 200, path
    async with guarded.service.parts.runtime.database.reading() as tx:
        lines = (await tx.exec(select(ReadRow).order_by(ReadRow.id))).all()  # type: ignore[arg-type]
    assert [(each.activity, bool(each.subject)) for each in lines] == [each for each in asked.values() if each]
    assert {each.position for each in lines} == {VU}
    assert len({each.subject for each in lines if each.subject}) == 1
    assert student not in str(lines)


async def test_who_asks_too_much_in_a_minute_is_told_how_long_to_wait_and_nobody_else_is(
    sqlite_url: str, tmp_path: Path, guarded: Guarded
) -> None:
    settings = guarded.service.parts.settings
    async with opened(sqlite_url, jwks_file=settings.jwks_file, requests_per_minute=2) as small:
        answers = [await small.http.get("/v1/registrations", headers=guarded.token(VU)) for _ in range(3)]
        if answers[-1].status_code != 429:  # a minute began just then
            answers.append(await small.http.get("/v1/registrations", headers=guarded.token(VU)))
        problem_of(answers[-1], 429, "te-veel-verzoeken")
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert answers[0].headers["ratelimit-policy"] == '"minute";q=2;w=60'
        assert answers[0].headers["ratelimit"].startswith('"minute";r=1;t=')
        assert (await small.http.get("/v1/registrations", headers=guarded.token(HU))).status_code == 200


def test_in_production_and_on_a_network_keys_of_tokens_are_needed() -> None:
    given = {"master_key_file": "x", "database_url": "sqlite+aiosqlite:///x.db", "kafka_bootstrap": "127.0.0.1:1"}
    for unsafe in ({"mode": "production"}, {"http_host": "0.0.0.0"}):
        with pytest.raises(ValidationError, match="JWKS_FILE"):
            Settings.model_validate({**given, **unsafe})
    assert Settings.model_validate({**given, "http_host": "0.0.0.0", "jwks_file": "x"}).jwks_file
