"""What people see on the pages of messages: what was sent, what failed, what reaches nobody."""

import re
from dataclasses import replace

import httpx
import pytest

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.delivery import MailState
from services.notifier.handlers.dispatching import dispatch
from tests.integration.notifier.test_http import CONTACT, NUMBER
from tests.support.notifier import an_alert


async def test_the_page_shows_what_was_sent_to_whom_and_why(client: httpx.AsyncClient, parts: Parts) -> None:
    await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, opened_at=parts.clock()))
        (mail,) = (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails
    page = await client.get("/")
    assert page.status_code == 200
    for expected in (
        "Student zonder leerwerkplek",
        "stagecoördinator van 01VU",
        "S…@vu.example",
        "wacht",
        mail.because,
    ):
        assert expected in page.text
    assert "Stage@vu.example" not in page.text
    assert "bereiken nog niemand" not in page.text
    one = await client.get(f"/berichten/{mail.id}")
    assert one.status_code == 200
    assert "Wat u kunt doen" in one.text
    assert not re.search(r"<script(?! src=\"/static/)", one.text)
    listed = (await client.get("/v1/mails", params={"state": "waiting"})).json()
    assert [each["kind"] for each in listed["items"]] == ["unplaced"]
    assert listed["next"] is None
    assert (await client.get("/v1/mails", params={"limit": 1})).json()["next"] is None
    assert (await client.get("/v1/mails", params={"status": "sent"})).status_code == 400
    assert (await client.get("/", params={"toestand": "sent"})).text.count("<tbody>") == 0
    assert (await client.get("/berichten/nee")).status_code == 404


@pytest.mark.parametrize("address", ["/berichten/nee", "/?toestand=zoek", "/bestaat-niet"])
async def test_somebody_at_a_wrong_address_gets_a_page(client: httpx.AsyncClient, address: str) -> None:
    page = await client.get(address)
    assert (page.status_code, page.headers["content-language"]) == (404, "nl")
    assert "Naar het begin" in page.text


@pytest.mark.parametrize("address", ["/berichten/%00", "/?voor=%00", "/?toestand=%00"])
async def test_an_address_that_no_database_can_look_up_is_a_page_that_is_not_there(
    client: httpx.AsyncClient, address: str
) -> None:
    page = await client.get(address)
    assert page.status_code == 404
    assert "Dit adres klopt niet." in page.text


async def test_the_page_shows_in_red_what_reaches_nobody(client: httpx.AsyncClient, parts: Parts) -> None:
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.LOST, opened_at=parts.clock()))
        assert (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails == ()
    page = await client.get("/")
    assert "Deze meldingen bereiken nog niemand" in page.text
    assert "notice--danger" in page.text
    assert "schoolopleider van 01AB00" in page.text
    open_alerts = (await client.get("/v1/unheard")).json()
    kinds = sorted(each["kind"] for each in open_alerts["items"])
    assert kinds == ["lost", "responsibility-gap", "responsibility-gap"]
    assert len(open_alerts["without_recipient"]) == 2


async def test_a_failed_mail_is_shown_with_its_reason(client: httpx.AsyncClient, parts: Parts) -> None:
    await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, opened_at=parts.clock()))
        (mail,) = (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails
        await store.save_mail(replace(mail, state=MailState.FAILED, reason="550 5.1.1 unknown"))
    page = await client.get("/")
    assert "mislukt" in page.text
    assert "550 5.1.1 unknown" in page.text


async def test_the_page_shows_in_red_what_cannot_be_written(client: httpx.AsyncClient, parts: Parts) -> None:
    await client.put(f"/v1/contacts/{NUMBER}", json=CONTACT)
    number = "0199a2b4-7c11-7def-8a12-4b6c3f2a91bc"
    odd = an_alert(AlertKind.UNPLACED, number, reason="a reason that nobody knows", opened_at=parts.clock())
    async with parts.writing() as store:
        await store.save_alert(odd)
        assert (await dispatch(store, parts.composer, parts.clock(), parts.rules)).mails == ()
    page = await client.get("/")
    assert "Deze berichten zijn niet op te stellen" in page.text
    assert "Student zonder leerwerkplek: 1 melding voor de stagecoördinator" in page.text
    assert f'<abbr title="{number}">3F2A-91BC</abbr>' in page.text
    listed = (await client.get("/v1/unheard")).json()
    assert [(each["student"], each["code"]) for each in listed["items"]] == [(number, "3F2A-91BC")]
    assert [(each["alerts"], each["attempts"]) for each in listed["unwritten"]] == [([odd.id], 1)]
    assert listed["without_recipient"] == []
