"""Who a contact is lies in the database sealed only, and goes for good when the contact is deleted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

from services.notifier.adapters.tables import ContactRow, MailRow, MentionRow
from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind, AlertState
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.mentions import GONE
from services.notifier.entrypoints.serve import build_web
from services.notifier.handlers.delivering import Delivery
from services.notifier.handlers.dispatching import dispatch
from tests.integration.notifier.conftest import BuildParts
from tests.integration.notifier.smtp_server import MailServer
from tests.support.notifier import INSTITUTE, PEOPLE, an_alert
from tests.support.notifier_delivery import deliver_one
from tests.support.scanning import where_stored

ELS = replace(PEOPLE.coordinator, id="0199a2b4-7c11-7def-8a12-0000000000c1")
BO = replace(PEOPLE.trainer, id="0199a2b4-7c11-7def-8a12-0000000000c2")
NOOR = "0199a2b4-7c11-7def-8a12-0000000000c9"
ELS_IS = ("Els Vos", "stage@vu.example", "020 765 43 21")
BO_IS = ("Bo de Wit", "opleider@school.example", "010 765 43 21")


@pytest.fixture
def parts(build_parts: BuildParts) -> Parts:
    return build_parts(retry_first_s=3600, retry_cap_s=3600)


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def _body(contact: Contact, **changes: object) -> dict[str, object]:
    fields = ("organisation", "role", "email", "name", "phone")
    return {**{name: getattr(contact, name) for name in fields}, **changes}


async def _put(client: httpx.AsyncClient, *contacts: Contact) -> None:
    for contact in contacts:
        assert (await client.put(f"/v1/contacts/{contact.id}", json=_body(contact))).status_code == 201


async def _write_mails(parts: Parts, student: str = "s-1") -> dict[str, Mail]:
    """A student has lost a place: the mails by contact, each saying to call the other."""
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.LOST, student, opened_at=parts.clock()))
    return await _dispatch(parts)


async def _dispatch(parts: Parts) -> dict[str, Mail]:
    async with parts.writing() as store:
        done = await dispatch(store, parts.composer, parts.clock(), parts.rules)
    return {mail.contact: mail for mail in done.mails}


async def _send_one(parts: Parts) -> Mail:
    lease = timedelta(seconds=parts.settings.lease_s)
    delivery = Delivery(parts.writing, parts.policy, lease, parts.clock, parts.jitter)
    attempt = await deliver_one(delivery, parts.sender)
    assert attempt is not None
    assert attempt.mail is not None
    return attempt.mail


async def _mail(parts: Parts, mail: str) -> Mail:
    async with parts.reading() as store:
        held = await store.mail(mail)
    assert held is not None
    return held


async def _state_of(parts: Parts, alert: str) -> AlertState:
    async with parts.reading() as store:
        held = await store.alert(alert)
    assert held is not None
    return held.state


async def test_no_answer_that_is_kept_tells_who_a_contact_is(client: httpx.AsyncClient, parts: Parts) -> None:
    key = {"Idempotency-Key": "make-1"}
    made, again = [await client.post("/v1/contacts", json=_body(ELS), headers=key) for _ in range(2)]
    where = made.headers["location"]
    assert (made.status_code, again.status_code, again.content) == (201, 201, made.content)
    assert (again.headers["location"], again.headers["etag"]) == (where, '"1"')
    assert made.json() == {
        "id": made.json()["id"],
        "organisation": INSTITUTE,
        "role": "institute-coordinator",
        "version": 1,
    }
    key = {"Idempotency-Key": "change-1"}
    changed, again = [await client.put(where, json=_body(ELS, name="Els Vos-Smit"), headers=key) for _ in range(2)]
    assert (changed.status_code, changed.json()["version"], again.content) == (200, 2, changed.content)
    assert again.headers["idempotent-replayed"] == "true"
    refused = [
        await client.put(where, json=_body(ELS), headers={"Idempotency-Key": "stale", "If-Match": '"1"'}),
        await client.put(where, json=_body(ELS), headers={"Idempotency-Key": "change-1"}),
        await client.post("/v1/contacts", json=_body(ELS, phone="bel Els Vos"), headers={"Idempotency-Key": "bad"}),
        await client.post("/v1/contacts", json=_body(ELS, organisation="x"), headers={"Idempotency-Key": "none"}),
    ]
    assert [answer.status_code for answer in refused] == [412, 400, 400, 400]
    assert (await client.get(where)).json()["name"] == "Els Vos-Smit"
    assert await where_stored(parts.runtime.database, [*ELS_IS, "Smit"]) == set()


async def test_mails_carry_whom_to_call_and_the_database_does_not(
    client: httpx.AsyncClient, parts: Parts, mail_server: MailServer
) -> None:
    await _put(client, ELS, BO)
    mails = await _write_mails(parts)
    for _ in mails:
        assert (await _send_one(parts)).state is MailState.SENT
    taken = {message["To"].addresses[0].addr_spec: message.get_body(("plain",)) for message in mail_server.taken}
    to_els, to_bo = taken[ELS.email], taken[BO.email]
    assert to_els is not None
    assert to_bo is not None
    assert "Bel Bo de Wit, schoolopleider van school 01AB00: 010 765 43 21." in to_els.get_content()
    assert "Bel Els Vos, stagecoördinator van opleiding 01VU: 020 765 43 21." in to_bo.get_content()
    assert "Bel Bo de Wit" in (await client.get(f"/berichten/{mails[ELS.id].id}")).text
    assert await where_stored(parts.runtime.database, [*ELS_IS, *BO_IS]) == set()


async def test_a_deleted_contact_is_nowhere_to_be_read_and_what_was_sent_stays(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    await _put(client, ELS, BO)
    mails = await _write_mails(parts)
    for _ in mails:
        await _send_one(parts)
    assert (await client.delete(f"/v1/contacts/{BO.id}")).status_code == 204
    parting = await _send_one(parts)
    sent = await _mail(parts, mails[BO.id].id)
    assert (sent.state, sent.email, sent.name, sent.text) == (MailState.SENT, "", None, mails[BO.id].text)
    page = await client.get(f"/berichten/{mails[BO.id].id}")
    assert "adres gewist" in page.text
    assert "Bel Els Vos" in page.text
    other = await client.get(f"/berichten/{mails[ELS.id].id}")
    assert GONE in other.text
    for word in BO_IS:
        assert word not in page.text + other.text
    listed = (await client.get("/v1/mails")).json()["items"]
    assert {each["id"]: each["address"] for each in listed} == {
        mails[ELS.id].id: "s…@vu.example",
        mails[BO.id].id: None,
        parting.id: None,
    }
    assert await _state_of(parts, "lost/lost-s-1") is AlertState.MAILED


async def test_rows_put_back_without_the_key_tell_nothing(client: httpx.AsyncClient, parts: Parts) -> None:
    await _put(client, ELS, BO)
    mails = await _write_mails(parts)
    database = parts.runtime.database
    async with database.reading() as tx:
        contact = (await tx.get_one(ContactRow, BO.id)).model_dump()
        sealed = (await tx.get_one(MailRow, mails[BO.id].id)).sealed_addressee
        mentions = (await tx.exec(select(MentionRow).where(col(MentionRow.contact) == BO.id))).all()
        kept = [each.model_dump() for each in mentions]
    assert kept
    assert (await client.delete(f"/v1/contacts/{BO.id}")).status_code == 204
    async with database.transaction() as tx:
        row = await tx.get_one(MailRow, mails[BO.id].id)
        row.sealed_addressee, row.state = sealed, MailState.WAITING
        tx.add_all([ContactRow(**contact), row, *(MentionRow(**each) for each in kept)])
    assert (await client.get(f"/v1/contacts/{BO.id}")).status_code == 404
    assert (await client.get("/v1/contacts", params={"organisation": BO.organisation})).json()["items"] == []
    assert GONE in (await client.get(f"/berichten/{mails[ELS.id].id}")).text
    ends = {mail.contact: mail.state for mail in [await _send_one(parts) for _ in mails]}
    assert ends == {ELS.id: MailState.SENT, BO.id: MailState.CANCELLED}


async def test_what_waits_for_a_deleted_contact_is_cancelled_and_told_to_who_has_the_role_then(
    client: httpx.AsyncClient, parts: Parts, mail_server: MailServer
) -> None:
    await _put(client, ELS, BO)
    mails = await _write_mails(parts)
    assert await _state_of(parts, "lost/lost-s-1") is AlertState.MAILED
    assert (await client.delete(f"/v1/contacts/{ELS.id}")).status_code == 204
    page = (await client.get("/", params={"toestand": "cancelled"})).text
    assert "vervallen" in page
    assert mails[ELS.id].id in page
    assert await _state_of(parts, "lost/lost-s-1") is AlertState.RAISED
    assert await _dispatch(parts) == {}
    assert "stagecoördinator van 01VU" in (await client.get("/")).text
    successor = replace(ELS, id=NOOR, email="nieuw@vu.example", name="Noor Prins")
    await _put(client, successor)
    assert set(await _dispatch(parts)) == {NOOR}
    assert await _dispatch(parts) == {}
    assert await _state_of(parts, "lost/lost-s-1") is AlertState.MAILED
    assert {(await _send_one(parts)).state for _ in range(3)} == {MailState.SENT}
    assert sorted(mail_server.recipients) == ["nieuw@vu.example", BO.email, ELS.email]


async def test_a_contact_made_anew_under_the_same_id_gets_its_mail(client: httpx.AsyncClient, parts: Parts) -> None:
    await _put(client, ELS)
    first = await _write_mails(parts)
    assert (await client.delete(f"/v1/contacts/{ELS.id}")).status_code == 204
    await _put(client, replace(ELS, name="Noor Prins"))
    second = await _dispatch(parts)
    assert second[ELS.id].id != first[ELS.id].id
    assert second[ELS.id].dedupe_key == first[ELS.id].dedupe_key
    assert (await _mail(parts, first[ELS.id].id)).email == ""


@pytest.mark.parametrize(
    ("answer", "state", "alert"),
    [("250 Kept", MailState.SENT, AlertState.MAILED), ("451 Later", MailState.CANCELLED, AlertState.RAISED)],
)
async def test_a_mail_on_its_way_while_its_contact_is_deleted_ends_as_what_happened(
    client: httpx.AsyncClient, parts: Parts, mail_server: MailServer, answer: str, state: MailState, alert: AlertState
) -> None:
    await _put(client, ELS)
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, opened_at=parts.clock()))
    (mail,) = (await _dispatch(parts)).values()
    mail_server.answers = [answer]
    send = parts.sender.send

    class DeletesMeanwhile:
        async def send(self, mail: Mail) -> object:
            outcome = await send(mail)
            assert (await client.delete(f"/v1/contacts/{ELS.id}")).status_code == 204
            return outcome

        async def rest(self) -> None:
            return

    ended = await _send_one(replace(parts, sender=DeletesMeanwhile()))  # type: ignore[arg-type]
    assert (ended.state, (await _mail(parts, mail.id)).state) == (state, state)
    assert (await _mail(parts, mail.id)).email == ""
    assert await _state_of(parts, "unplaced/unplaced-s-1") is alert
    assert await where_stored(parts.runtime.database, ELS_IS) == set()


async def test_what_the_mail_server_says_of_a_recipient_is_not_kept(
    client: httpx.AsyncClient, parts: Parts, mail_server: MailServer
) -> None:
    await _put(client, ELS)
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, opened_at=parts.clock()))
    await _dispatch(parts)
    mail_server.refusals = {ELS.email: '550 5.1.1 <stage@vu.example> user "stage", Els Vos, is unknown'}
    failed = await _send_one(parts)
    assert (failed.state, failed.reason) == (MailState.FAILED, "550 5.1.1 … user … … … is unknown")
