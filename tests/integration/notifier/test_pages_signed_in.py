"""The notifier's pages where people sign in at capacity: with a pass, for one browser, for minutes; and what does not do."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from services.notifier.bootstrap import MIGRATIONS, Parts, build
from services.notifier.config import Settings
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.knowledge import KnownSite
from services.notifier.entrypoints.serve import build_web
from shared.persistence.migrations import upgrade
from shared.security.issuing import prepare_keys, public_file
from shared.security.passes import Pass, issue_pass
from shared.security.roles import PersonRole, Position
from tests.support.notifier import an_alert

PORTAL, OWN = "https://leerplek.test", "https://berichten.test"
OPERATOR, TRAINER = Position(PersonRole.OPERATOR), Position(PersonRole.SCHOOL_TRAINER, "01AB")
BOARD = Position(PersonRole.BOARD, "41234")


@dataclass
class Pages:
    """The notifier's pages for one browser, and the keys of the portal."""

    http: httpx.AsyncClient
    keys: Path
    parts: Parts

    async def asked(self) -> str:
        """What the portal is asked for: the hash that a pass must name."""
        sent = await self.http.get("/aanmelden", params={"naar": "/?toestand=failed"})
        address = urlsplit(sent.headers["location"])
        assert (sent.status_code, f"{address.scheme}://{address.netloc}{address.path}") == (303, f"{PORTAL}/door")
        return parse_qs(address.query)["voor"][0]

    async def back(self, given: str, goto: str = "/") -> httpx.Response:
        return await self.http.get("/aanmelden/terug", params={"pas": given, "naar": goto})


@pytest.fixture
async def pages(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Pages]:
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    settings = Settings(
        database_url=sqlite_url,
        kafka_bootstrap="127.0.0.1:1",
        public_url=OWN,
        smtp_host="127.0.0.1",
        mail_from="a@b.example",
        master_key_file=tmp_path / "master.key",
        sign_in_url=PORTAL,
        sign_in_jwks_file=public_file(keys),
    )
    parts = build(settings)
    await upgrade(parts.runtime.database, MIGRATIONS, parts=parts.runtime.migration_parts)
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as http:
        yield Pages(http, keys, parts)
    await parts.runtime.database.close()


async def test_the_operator_comes_in_with_a_pass(pages: Pages) -> None:
    away = await pages.http.get("/?toestand=failed")
    assert (away.status_code, away.headers["location"]) == (303, "/aanmelden?naar=%2F%3Ftoestand%3Dfailed")
    given = issue_pass(pages.keys, Pass("p1", OPERATOR), PORTAL, OWN, await pages.asked())
    came = await pages.back(given, "/?toestand=failed")
    assert (came.status_code, came.headers["location"]) == (303, "/?toestand=failed")
    page = await pages.http.get("/")
    assert page.status_code == 200
    assert f'href="{PORTAL}/toegang"' in page.text
    assert (await pages.back(given, "//elders.example")).headers["location"] == "/"


async def test_who_is_no_operator_is_led_to_the_alerts_and_sees_no_messages_of_others(pages: Pages) -> None:
    given = issue_pass(pages.keys, Pass("p1", TRAINER), PORTAL, OWN, await pages.asked())
    assert (await pages.back(given)).status_code == 303
    home = await pages.http.get("/")
    assert (home.status_code, home.headers["location"]) == (303, "/meldingen")
    assert (await pages.http.get("/berichten/01999999-0000-7000-8000-000000000001")).status_code == 404
    alerts = await pages.http.get("/meldingen")
    assert alerts.status_code == 200
    assert ">Berichten<" not in alerts.text


async def test_a_board_sees_the_alerts_and_people_of_its_sites_and_nothing_of_another_board(pages: Pages) -> None:
    async with pages.parts.writing() as store:
        for site, board in (("01AB00", BOARD.org), ("02CD00", "49999")):
            await store.save_site(KnownSite(site, "Het Baken", "Utrecht", 1, board))
            contact = Contact(f"c-{site}", site, Role.SCHOOL_TRAINER, "bo@school.example")
            await store.save_contact(contact)
            await store.save_alert(an_alert(AlertKind.LOST, f"s-{site}", site=site))
    given = issue_pass(pages.keys, Pass("p1", BOARD), PORTAL, OWN, await pages.asked())
    assert (await pages.back(given)).status_code == 303
    alerts = await pages.http.get("/meldingen")
    assert re.findall(r"/meldingen/lost/lost-(s-\w+)", alerts.text) == ["s-01AB00"]
    assert (await pages.http.get("/meldingen/lost/lost-s-01AB00")).status_code == 200
    assert (await pages.http.get("/meldingen/lost/lost-s-02CD00")).status_code == 404
    assert (await pages.http.get("/organisaties")).headers["location"] == f"/organisaties/{BOARD.org}"
    own = await pages.http.get(f"/organisaties/{BOARD.org}")
    assert re.findall(r'href="/organisaties/(\w+)"', own.text) == ["01AB00"]
    for path in ("/organisaties/02CD00", "/contacten/c-02CD00", "/berichten/01999999-0000-7000-8000-000000000001"):
        assert (await pages.http.get(path)).status_code == 404
    for path in ("/organisaties/01AB00", "/contacten/c-01AB00"):
        assert (await pages.http.get(path)).status_code == 200


async def test_a_board_looks_and_leaves_the_alert_to_the_school(pages: Pages) -> None:
    async with pages.parts.writing() as store:
        await store.save_site(KnownSite("01AB00", "Het Baken", "Utrecht", 1, BOARD.org))
        await store.save_alert(an_alert(AlertKind.LOST))
    given = issue_pass(pages.keys, Pass("p1", BOARD), PORTAL, OWN, await pages.asked())
    assert (await pages.back(given)).status_code == 303
    assert "Wat doet u?" not in (await pages.http.get("/meldingen/lost/lost-s-1")).text
    own_page = {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}
    asked = await pages.http.post("/meldingen/lost/lost-s-1", data={"deed": "oppakken"}, headers=own_page)
    assert asked.status_code == 403


async def test_a_pass_is_of_no_use_in_another_browser_for_another_service_or_from_another(pages: Pages) -> None:
    bound = await pages.asked()
    other = pages.keys.with_name("other.json")
    prepare_keys(other)
    good = issue_pass(pages.keys, Pass("p1", OPERATOR), PORTAL, OWN, bound)
    old = _aged(pages.keys, good)
    for given in (
        issue_pass(pages.keys, Pass("p1", OPERATOR), PORTAL, OWN, "0" * 64),
        issue_pass(pages.keys, Pass("p1", OPERATOR), PORTAL, "https://elders.test", bound),
        issue_pass(pages.keys, Pass("p1", OPERATOR), "https://elders.test", OWN, bound),
        issue_pass(other, Pass("p1", OPERATOR), PORTAL, OWN, bound),
        old,
        good[:-4],
        "",
    ):
        assert (await pages.back(given)).status_code == 401
    assert (await pages.http.get("/")).status_code == 303
    assert (await pages.back(good)).status_code == 303
    secretless = {"__Host-pas": good}
    pages.http.cookies.clear()
    assert (await pages.http.get("/", headers={"Cookie": f"__Host-pas={secretless['__Host-pas']}"})).status_code == 303


def _aged(keys: Path, given: str) -> str:
    """The same pass, of an hour ago."""
    from shared.security.issuing import ALGORITHM, secret_keys

    claims = jwt.decode(given, options={"verify_signature": False})
    then = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    key = secret_keys(keys)[-1]
    headers = {"kid": key["kid"], "typ": "pass+jwt"}
    return jwt.encode({**claims, "iat": then, "exp": then + 600}, jwt.PyJWK(key).key, ALGORITHM, headers=headers)


async def test_a_token_of_a_system_is_no_pass(pages: Pages) -> None:
    from shared.security.issuing import issue

    await pages.asked()
    assert (await pages.back(issue(pages.keys, "operator", ["plan:read"], 1))).status_code == 401
