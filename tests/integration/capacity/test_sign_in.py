"""Signing in with a link by mail: who gets one, what it is good for, how long a session lasts, and how it ends."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import col, select

from services.capacity.adapters.people_tables import AccessMailRow
from services.capacity.config import Settings
from shared.errors import Misconfigured
from shared.persistence.tables import AuditRow
from shared.security.roles import PersonRole, Position
from shared.web.going import safe_path
from tests.integration.capacity.conftest import Service, open_service
from tests.support.scanning import where_stored
from tests.support.signing_in import OWN, URL, World, link_in, opened_world, token_in

TRAINER, ZUID = Position(PersonRole.SCHOOL_TRAINER, "01AB"), Position(PersonRole.SCHOOL_TRAINER, "02CD")
ELS = "els.vos@school.example"
CROSS_SITE = {"Origin": "https://elders.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with opened_world(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def any_world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """On each kind of database in turn."""
    async with opened_world(database_url, tmp_path) as opened:
        yield opened


async def test_who_is_invited_gets_a_mail_and_signs_in_with_its_button_once(any_world: World) -> None:
    await any_world.invite(ELS, TRAINER, name="Els Vos")
    (mail,) = any_world.mails.taken
    assert (mail["To"], mail["Subject"]) == (f"Els Vos <{ELS}>", "U krijgt toegang tot Leerplek")
    browser = any_world.browser()
    for _ in range(2):  # a mail scanner opens the link too
        page = await any_world.browser().get(link_in(mail))
        assert page.status_code == 200
        assert "Els Vos" in page.text
        assert ELS not in page.text
        assert "set-cookie" not in page.headers
        assert (page.headers["x-frame-options"], page.headers["cache-control"]) == ("DENY", "no-store")
        assert "frame-ancestors 'none'; form-action 'self'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "same-origin"
    answer = await browser.post("/aanmelden/link", t=token_in(mail))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-leerplek=")
    assert {"httponly", "path=/", "samesite=lax", "secure"} <= {each.strip().lower() for each in cookie.split(";")[1:]}
    home = await browser.get("/")
    assert home.status_code == 200
    assert "Els Vos, schoolopleider 01AB" in home.text
    again = await any_world.browser().post("/aanmelden/link", t=token_in(mail))
    assert again.status_code == 401
    assert "Deze link werkt niet meer" in again.text


async def test_a_link_by_mail_leads_to_the_page_that_was_asked_in_the_browser_that_asked(world: World) -> None:
    await world.signed_in(ELS, TRAINER)
    for asked, found in (("/mijn-toegang", "/mijn-toegang"), ("//elders.example", "/")):
        browser = world.browser()
        await browser.post("/aanmelden", email=ELS, naar=asked)
        token = token_in((await world.mailed())[-1])
        assert (await browser.post("/aanmelden/link", t=token)).headers["location"] == found
        world.clock.now += timedelta(minutes=30)
    await browser.post("/aanmelden", email=ELS, naar="/mijn-toegang")
    elsewhere = await world.browser().post("/aanmelden/link", t=token_in((await world.mailed())[-1]))
    assert elsewhere.headers["location"] == "/"


async def test_mail_has_text_and_html_with_the_same_link_and_nothing_foreign(world: World) -> None:
    await world.invite(ELS, TRAINER, name="Els\r\nBcc: x@elders.example")
    (mail,) = world.mails.taken
    assert mail["Bcc"] is None
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert token_in(mail) in html.get_content()
    assert "schoolopleider 01AB" in text.get_content()
    assert "schoolopleider 01AB" in html.get_content()
    assert all(each.startswith(URL) for each in html.get_content().split('href="')[1:])
    assert "<img" not in html.get_content()
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "nl")


async def test_known_and_unknown_addresses_get_the_same_answer_and_only_known_ones_a_mail(world: World) -> None:
    await world.invite(ELS, TRAINER)
    browser, bodies = world.browser(), []
    for email in (ELS, "wie@school.example"):
        answer = await browser.post("/aanmelden", email=email, naar="/")
        bodies.append((answer.status_code, answer.text.replace(email, "…")))
    assert bodies[0] == bodies[1]
    async with world.parts.runtime.database.reading() as tx:
        assert len((await tx.exec(select(AccessMailRow))).all()) == 2
    mails = await world.mailed()
    assert [each["To"] for each in mails] == [ELS, ELS]
    async with world.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(AccessMailRow))).all() == []


async def test_an_address_is_the_same_in_capitals(world: World) -> None:
    await world.invite(ELS, TRAINER)
    await world.browser().post("/aanmelden", email=ELS.upper(), naar="/")
    assert len(await world.mailed()) == 2


async def test_nobody_gets_more_than_five_links_an_hour_and_one_address_may_not_try_for_ever(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with opened_world(sqlite_url, tmp_path, sign_in_tries_per_minute=10) as world:
        await world.invite(ELS, TRAINER)
        browser = world.browser()
        answers = [await browser.post("/aanmelden", email=ELS, naar="/") for _ in range(11)]
        assert [each.status_code for each in answers] == [200] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) <= 60
        assert (await world.browser(host="10.0.0.2").post("/aanmelden", email=ELS, naar="/")).status_code == 200
        assert len(await world.mailed()) == 1 + 4
        world.clock.now += timedelta(minutes=61)
        await world.browser(host="10.0.0.3").post("/aanmelden", email=ELS, naar="/")
        assert len(await world.mailed()) == 6


async def test_a_link_works_for_a_quarter_of_an_hour_and_an_invitation_for_a_week(world: World) -> None:
    await world.invite(ELS, TRAINER)
    await world.browser().post("/aanmelden", email=ELS, naar="/")
    invitation, link = await world.mailed()
    world.clock.now += timedelta(minutes=16)
    assert (await world.browser().get(link_in(link))).status_code == 401
    assert (await world.browser().post("/aanmelden/link", t=token_in(link))).status_code == 401
    world.clock.now += timedelta(days=6)
    assert (await world.browser().get(link_in(invitation))).status_code == 200
    world.clock.now += timedelta(days=1)
    assert (await world.browser().get(link_in(invitation))).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "x.y", "x." + "0" * 32, "é.é", "a" * 5000])
async def test_a_link_that_we_did_not_sign_is_refused(world: World, token: str) -> None:
    assert (await world.browser().get("/aanmelden/link", params={"t": token})).status_code == 401
    assert (await world.browser().post("/aanmelden/link", t=token)).status_code == 401


async def test_a_hash_that_somebody_put_in_the_database_opens_nothing(world: World) -> None:
    """Who can write in the database still lacks the key that signs links."""
    await world.invite(ELS, TRAINER)
    token = token_in(world.mails.taken[-1])
    secret = token.partition(".")[0]
    assert (await world.browser().post("/aanmelden/link", t=f"{secret}.{'0' * 32}")).status_code == 401
    assert (await world.browser().post("/aanmelden/link", t=token)).status_code == 303


async def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(world: World) -> None:
    browser = world.browser()
    sent = await browser.get("/vestigingen/01AB00/begeleiders?vanaf=50")
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        "/aanmelden?naar=%2Fvestigingen%2F01AB00%2Fbegeleiders%3Fvanaf%3D50",
    )
    assert 'value="/vestigingen/01AB00/begeleiders?vanaf=50"' in (await browser.get(sent.headers["location"])).text
    lost = await browser.post("/vestigingen/01AB00/snel", wie="x", wat="afwezig", dag="2026-11-24")
    assert lost.status_code == 401
    assert "Er is niets opgeslagen" in lost.text


@pytest.mark.parametrize("path", ["//elders.example", "https://elders.example", "/\\elders.example", "\\/x", "/a\nb"])
async def test_nobody_is_sent_to_another_site(world: World, path: str) -> None:
    page = await world.browser().get("/aanmelden", params={"naar": path})
    assert 'name="naar" value="/"' in page.text


@given(st.text(alphabet="/\\:.@%?#ab\t\n é", max_size=12))
def test_whatever_is_asked_the_way_back_is_a_path_of_ours(path: str) -> None:
    found = safe_path(path)
    assert found.startswith("/")
    assert not found.startswith("//")
    assert "\\" not in found
    assert found.isprintable()


async def test_a_form_from_another_site_signs_nobody_in_or_out(world: World) -> None:
    await world.invite(ELS, TRAINER)
    token = token_in(world.mails.taken[-1])
    for headers in (CROSS_SITE, {}, {"Origin": "null"}):
        refused = await world.browser().post("/aanmelden/link", headers=headers, t=token)
        assert refused.status_code == 403
    browser = world.browser()
    assert (await browser.post("/aanmelden/link", t=token)).status_code == 303
    for path in ("/afmelden", "/toegang/overal", "/toegang/rol", "/mensen"):
        assert (await browser.post(path, headers=CROSS_SITE, rol=TRAINER.name)).status_code == 403
    assert (await browser.get("/toegang")).status_code == 200


async def test_the_database_tells_no_name_or_address_and_nothing_of_who_was_erased(any_world: World) -> None:
    words = ("els.vos", "Els Vos", "school.example")
    browser = await any_world.signed_in(ELS, TRAINER, name="Els Vos")
    await any_world.browser().post("/aanmelden", email="wie@school.example", naar="/")
    database = any_world.parts.runtime.database
    assert await where_stored(database, words) == set()
    async with any_world.parts.access.reading() as people:
        person = await people.with_address(ELS)
    assert person is not None
    async with database.transaction() as tx:
        await any_world.parts.access.people(tx, "operator").erase(person.id)
    assert (await browser.get("/toegang")).status_code == 303
    async with database.reading() as tx:
        noted = (await tx.exec(select(AuditRow).where(col(AuditRow.aggregate).startswith(f"person/{person.id}")))).all()
    assert {each.action for each in noted} == {"nl.leerplek.access.given", "nl.leerplek.access.signed-in"}
    left = await where_stored(database, (person.id,))
    assert {each for each in left if "." not in each} == {"audit"}
    await any_world.invite(ELS, TRAINER)
    async with any_world.parts.access.reading() as people:
        again = await people.with_address(ELS)
    assert again is not None
    assert again.id != person.id


async def test_a_mail_server_that_is_away_delays_a_link_and_one_that_refuses_ends_it(world: World) -> None:
    await world.mails.stop()
    await world.invite(ELS, TRAINER)
    assert world.mails.taken == []
    await world.mails.start()
    world.clock.now += timedelta(seconds=6)
    assert len(await world.mailed()) == 1
    world.mails.refusals[ELS] = "550 5.1.1 No such user"
    await world.invite(ELS, TRAINER)
    async with world.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(AccessMailRow))).all() == []


def test_settings_that_would_not_be_safe_are_refused(tmp_path: Path) -> None:
    given = {"database_url": f"sqlite+aiosqlite:///{tmp_path}/x.db", "kafka_bootstrap": "127.0.0.1:1"}
    mail = {"smtp_host": "mail", "mail_from": "a@b.example", "public_url": URL}
    provider = {"oidc_issuer": "https://idp", "oidc_client_id": "x", "oidc_client_secret_file": "y", "public_url": URL}
    wide = {"http_host": "0.0.0.0", "jwks_file": "x"}
    for good in (mail, provider, mail | wide, mail | {"public_url": "http://127.0.0.1:8102"}):
        assert Settings.model_validate(given | good).shows_pages
    for bad in (
        mail | {"public_url": "http://leerplek.example"},
        mail | {"public_url": None},
        mail | {"mail_from": None},
        mail | {"smtp_username": "u"},
        mail | {"http_host": "0.0.0.0"},
        provider | {"oidc_client_id": ""},
        provider | {"oidc_client_secret_file": None},
        provider | {"oidc_client_key_file": "z"},
        mail | {"pass_to": "https://x"},
    ):
        with pytest.raises(ValidationError):
            Settings.model_validate(given | bad)


async def test_another_master_key_does_not_start_where_people_are_known(world: World, tmp_path: Path) -> None:
    await world.invite(ELS, TRAINER)
    other = await open_service(str(world.parts.settings.database_url), tmp_path / "other")
    with pytest.raises(Misconfigured):
        await other.parts.runtime.start_checks[0]()
    await other.http.aclose()
    await other.parts.runtime.database.close()


async def test_pages_of_signing_in_are_not_there_where_nobody_signs_in(service: Service) -> None:
    http = service.http
    for path in ("/aanmelden", "/toegang", "/mensen", "/inzage"):
        assert (await http.get(path)).status_code == 404
    assert (await http.post("/aanmelden", data={"sleutel": "k"}, headers=OWN)).status_code == 404
