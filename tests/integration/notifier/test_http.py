"""The notifier's HTTP and pages on its real database."""

import hashlib

import httpx
import pytest
from sqlmodel import select

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.delivery import MailState
from services.notifier.entrypoints.serve import build_web
from services.notifier.handlers.dispatching import dispatch
from shared.persistence.tables import GivenAnswer
from shared.security.sealing import Sealer, load_master_key
from tests.integration.notifier.conftest import BuildParts
from tests.support.databases import locked_by_somebody_else
from tests.support.notifier import PEOPLE, an_alert

NUMBER = "0199a2b4-7c11-7def-8a12-0000000000c1"
CONTACT = {
    "organisation": "01VU",
    "role": "institute-coordinator",
    "email": "Stage@vu.example",
    "name": "Els Vos",
    "phone": "020 765 43 21",
}


async def test_a_contact_is_made_read_listed_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/contacts", json=CONTACT)
    assert made.status_code == 201
    where = made.headers["location"]
    read = await client.get(where)
    wishes: dict[str, object] = {
        "wish": "immediate",
        "by_kind": {},
        "quiet_hours": None,
        "language": "nl",
        "weekly": True,
    }
    own = {"preferences": wishes, "absence": None, "stopped": None}
    assert read.json() == {**CONTACT, **own, "id": made.json()["id"], "version": 1}
    listed = await client.get("/v1/contacts", params={"organisation": "01VU"})
    assert [each["id"] for each in listed.json()["items"]] == [made.json()["id"]]
    stale = await client.put(where, json={**CONTACT, "name": "Bo"}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    changed = await client.put(where, json={**CONTACT, "name": "Bo"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await client.delete(where)).status_code == 204
    assert (await client.get(where)).status_code == 404


async def test_a_contact_may_be_put_under_a_uuid_of_ones_own(client: httpx.AsyncClient) -> None:
    assert (await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)).status_code == 201
    assert (await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)).status_code == 200


async def test_nobody_has_a_role_at_an_organisation_twice_and_a_contact_stays_where_it_is(
    client: httpx.AsyncClient,
) -> None:
    made = await client.post("/v1/contacts", json=CONTACT)
    again = await client.post("/v1/contacts", json={**CONTACT, "email": "stage@VU.example"})
    assert (again.status_code, made.json()["id"] in again.json()["detail"]) == (409, True)
    assert (await client.post("/v1/contacts", json={**CONTACT, "role": "institute-trainer"})).status_code == 201
    moved = await client.put(made.headers["location"], json={**CONTACT, "organisation": "98YY"})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (400, "/organisation")


async def test_a_cursor_that_is_none_is_no_first_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/mails", params={"cursor": "zzz"})).status_code == 400


@pytest.mark.parametrize("number", ["jan.jansen", "c-9", f"{NUMBER}0", NUMBER.replace("-", "")])
async def test_a_new_contact_has_no_id_that_may_tell_a_name(client: httpx.AsyncClient, number: str) -> None:
    answer = await client.put(f"/v1/contacts/{number}", json=CONTACT)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["type"].endswith(":contactnummer")
    assert "UUID" in answer.json()["detail"]
    assert (await client.get(f"/v1/contacts/{number}")).status_code == 404


async def test_a_contact_that_has_another_id_from_before_can_be_changed_and_deleted(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    async with parts.writing() as store:
        await store.save_contact(PEOPLE.coordinator)
    where = f"/v1/contacts/{PEOPLE.coordinator.id}"
    assert (await client.put(where, json=CONTACT)).status_code == 200
    assert (await client.delete(where)).status_code == 204


async def test_what_is_kept_of_a_request_cannot_be_tried_without_the_master_key(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    await client.post("/v1/contacts", json=CONTACT, headers={"Idempotency-Key": "k-1"})
    body = client.build_request("POST", "/v1/contacts", json=CONTACT).content
    async with parts.runtime.database.reading() as tx:
        (kept,) = (await tx.exec(select(GivenAnswer.fingerprint))).all()
    key = load_master_key(parts.settings.key_file, may_create=False)
    assert kept == Sealer(key).fingerprint(body)
    assert kept != Sealer(bytes(32)).fingerprint(body)
    assert kept != hashlib.sha256(body).hexdigest()


async def test_the_same_request_twice_makes_one_contact(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first, second = [await client.post("/v1/contacts", json=CONTACT, headers=key) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    other = await client.post("/v1/contacts", json={**CONTACT, "name": "Bo"}, headers=key)
    assert other.status_code == 400


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": "geen adres"}, "/email"),
        ({"email": "a@b.example\r\nBcc: x@y.example"}, "/email"),
        ({"organisation": "01AB00"}, "/organisation"),
        ({"role": "directeur"}, "/role"),
        ({"name": "Els\r\nBcc: dief@example.org"}, "/name"),
        ({"phone": "bel maar"}, "/phone"),
        ({"extra": 1}, "/extra"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(
    client: httpx.AsyncClient, changes: dict[str, object], pointer: str
) -> None:
    answer = await client.post("/v1/contacts", json={**CONTACT, **changes})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_malformed_json_and_a_citizen_service_number_are_refused(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    assert (await client.post("/v1/contacts", content=b"{", headers=headers)).status_code == 400
    assert (await client.post("/v1/contacts", json={**CONTACT, "name": "111222333"})).status_code == 400
    assert (await client.get("/v1/contacts", params={"organisation": "01VU"})).json()["items"] == []


async def test_while_the_database_is_locked_nothing_is_kept_and_the_answer_says_so(
    build_parts: BuildParts, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("only SQLite locks as a whole")
    parts = build_parts(database_url=f"{database_url}?timeout=0.1")
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        with locked_by_somebody_else(database_url):
            assert (await client.post("/v1/contacts", json=CONTACT)).status_code == 503
        assert (await client.post("/v1/contacts", json=CONTACT)).status_code == 201


async def test_the_interface_describes_itself(client: httpx.AsyncClient) -> None:
    document = (await client.get("/v1/openapi.json")).json()
    assert set(document["paths"]) == {
        "/contacts",
        "/contacts/{contact}",
        "/contacts/{contact}/subscriptions",
        "/organisations/{organisation}/hearers",
        "/organisations/{organisation}/mode",
        "/mails",
        "/alerts",
        "/unheard",
        "/webhooks",
        "/webhooks/{webhook}",
        "/webhooks/{webhook}/deliveries",
        "/webhooks/{webhook}/deliveries/{delivery}",
        "/webhooks/{webhook}/deliveries/{delivery}/resend",
        "/webhooks/{webhook}/ping",
        "/webhooks/{webhook}/rotation",
        "/webhooks/{webhook}/secret",
    }


async def test_what_somebody_wishes_is_kept_sealed_and_answered_to_who_asks(client: httpx.AsyncClient) -> None:
    wishes = {
        "wish": "digest",
        "by_kind": {"lost": "immediate", "proposed": "none"},
        "quiet_hours": {"start": "18:00", "until": "07:30"},
        "language": "en",
        "weekly": False,
    }
    other = (await client.post("/v1/contacts", json={**CONTACT, "email": "ander@vu.example"})).json()["id"]
    absence = {"start": "2026-07-01", "until": "2026-08-01", "substitute": other}
    where = f"/v1/contacts/{NUMBER}"
    made = await client.put(where, json={**CONTACT, "preferences": wishes, "absence": absence})
    assert made.status_code == 201, made.text
    read = (await client.get(where)).json()
    assert (read["preferences"], read["absence"]) == (wishes, absence)
    found = (await client.get(f"{where}/subscriptions")).json()["items"]
    paces = {each["kind"]: (each["why"], each["pace"]) for each in found}
    assert paces["lost"] == ("responsible", "at-once")
    assert paces["proposed"] == ("responsible", "never")
    assert paces["unplaced"] == ("responsible", "digest")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"preferences": {"wish": "none"}}, "hoort-bij-de-rol"),
        ({"preferences": {"by_kind": {"unplaced": "none"}}}, "hoort-bij-de-rol"),
        ({"absence": {"start": "2026-07-02", "until": "2026-07-01"}}, "afwezigheid-omgekeerd"),
        ({"absence": {"start": "2026-07-02", "until": "2099-07-01"}}, "afwezigheid-te-lang"),
        ({"absence": {"start": "2026-07-01", "until": "2026-07-01", "substitute": NUMBER}}, "vervangt-zichzelf"),
        ({"absence": {"start": "2026-07-01", "until": "2026-07-01", "substitute": "nobody"}}, "vervanger-onbekend"),
    ],
)
async def test_a_wish_that_leaves_nobody_to_hear_is_refused(
    client: httpx.AsyncClient, change: dict[str, object], code: str
) -> None:
    answer = await client.put(f"/v1/contacts/{NUMBER}", json={**CONTACT, **change})
    assert answer.status_code == 400
    assert code in answer.text


async def test_who_hears_what_in_an_organisation_and_where_nobody_does(client: httpx.AsyncClient) -> None:
    hearers = (await client.get("/v1/organisations/01VU/hearers")).json()["items"]
    assert {each["role"]: each["gap"] for each in hearers} == {
        "institute-coordinator": True,
        "institute-trainer": False,
    }
    await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)
    hearers = (await client.get("/v1/organisations/01VU/hearers")).json()["items"]
    assert {each["role"]: each["contacts"] for each in hearers}["institute-coordinator"] == [NUMBER]
    assert not any(each["gap"] for each in hearers)
    assert (await client.get("/v1/organisations/LEERPLEK/hearers")).json()["items"][0]["gap"]
    assert (await client.get("/v1/organisations/x/hearers")).status_code == 400


async def test_an_organisation_can_have_its_mail_sent_to_a_test_address_or_only_shown(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)
    where = "/v1/organisations/01VU/mode"
    assert (await client.get(where)).json() == {"organisation": "01VU", "mode": "live", "version": 0}
    assert (await client.put(where, json={"mode": "test"})).status_code == 400
    assert (await client.put(where, json={"mode": "test", "address": "proef@vu.example"})).status_code == 200
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, opened_at=parts.clock()))
        (mail,) = (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails
        assert (mail.email, mail.name, mail.state) == ("proef@vu.example", None, MailState.WAITING)
    assert (await client.put(where, json={"mode": "preview"})).status_code == 200
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, "s-2", opened_at=parts.clock()))
        (mail,) = (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails
        assert mail.state is MailState.SHOWN
    assert "alleen getoond" in (await client.get("/")).text
