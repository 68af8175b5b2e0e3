"""Signing in at an organisation's own provider, a real one: by secret and by private key, with what may go wrong on the way."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from sqlmodel import select

from services.capacity.adapters.people_tables import AccountRow
from services.capacity.domain.claims import ClaimMapping
from services.capacity.entrypoints.pages.sign_in import GOING
from shared.testing.npm import NotFetchedError
from shared.testing.oidc import OidcProvider
from tests.support.scanning import where_stored
from tests.support.signing_in import URL, Browser, World, opened_world

PEOPLE: dict[str, dict[str, object]] = {
    "els": {
        "name": "Els Vos",
        "email": "els.vos@school.example",
        "nlEduPersonHomeOrganizationId": "01AB",
        "eduperson_affiliation": ["employee", "member"],
    },
    "leerling": {"name": "Lou Leerling", "nlEduPersonHomeOrganizationId": "01AB", "eduperson_affiliation": ["student"]},
    "kim": {
        "name": "Kim Bos",
        "eduperson_entitlement": ["urn:x-leerplek:programme-manager:NL-T01", "urn:x-leerplek:operator", "urn:other"],
    },
}
MAPPING = {
    "rules": [
        {
            "role": "school-trainer",
            "org": "{brin}",
            "when": {"nlEduPersonHomeOrganizationId": r"(?P<brin>\d{2}[A-Z]{2})", "eduperson_affiliation": "employee"},
        },
        {
            "role": "programme-manager",
            "org": "{region}",
            "when": {"eduperson_entitlement": "urn:x-leerplek:programme-manager:(?P<region>[A-Z0-9-]+)"},
        },
        {"role": "operator", "when": {"eduperson_entitlement": "urn:x-leerplek:operator"}},
    ]
}
SECRET, KEY = "leerplek-secret", "leerplek-key"


def _key() -> dict[str, Any]:
    key = jwt.algorithms.RSAAlgorithm.to_jwk(generate_private_key(65537, 2048), as_dict=True)
    return {**key, "kid": "k1", "alg": "PS256", "use": "sig"}


PRIVATE = _key()
PUBLIC = {name: PRIVATE[name] for name in ("kty", "n", "e", "kid", "alg", "use")}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    """The provider, with two clients of ours."""
    common: dict[str, Any] = {
        "redirect_uris": [f"{URL}/aanmelden/terug"],
        "post_logout_redirect_uris": [f"{URL}/afgemeld"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    }
    clients: list[dict[str, Any]] = [
        common | {"client_id": SECRET, "client_secret": "a secret: with/signs&", "token_endpoint_auth_method": "client_secret_basic"},
        common | {"client_id": KEY, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [PUBLIC]}},
    ]  # fmt: skip
    try:
        found = OidcProvider(tmp_path_factory.mktemp("oidc"), clients, PEOPLE)
    except NotFetchedError as missing:
        pytest.skip(f"no OpenID provider on this machine: {missing}")
    found.start()
    yield found
    found.stop()


@dataclass
class Visit:
    """A world with this provider, and the browser at both."""

    world: World
    browser: Browser
    outside: httpx.AsyncClient

    async def to_callback(self, login: str, start: str = "/aanmelden/organisatie") -> str:
        """Signs in at the provider and agrees; gives the path with which the browser comes back to us."""
        answer = await self.browser.get(start)
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        for _ in range(12):
            if address.startswith(URL):
                return address.removeprefix(URL)
            page = await self.outside.get(address)
            if page.status_code == 200:
                asked = re.search(r'name="prompt" value="(\w+)"', page.text)
                where = re.search(r'action="([^"]+)"', page.text)
                assert asked, page.text
                assert where, page.text
                fields = {"prompt": asked[1], "login": login, "password": "x"}
                page = await self.outside.post(urljoin(address, where[1]), data=fields)
            assert page.status_code in (302, 303), page.text
            address = urljoin(address, page.headers["location"])
        raise AssertionError(address)

    async def sign_in(self, login: str) -> httpx.Response:
        return await self.browser.get(await self.to_callback(login))


def _settings(provider: OidcProvider, folder: Path, client: str) -> dict[str, Any]:
    (folder / "mapping.json").write_text(json.dumps(MAPPING))
    (folder / "secret").write_text("a secret: with/signs&\n")
    (folder / "key.json").write_text(json.dumps({"keys": [PRIVATE]}))
    proof = (
        {"oidc_client_secret_file": folder / "secret"}
        if client == SECRET
        else {"oidc_client_key_file": folder / "key.json"}
    )
    return {
        "oidc_issuer": provider.issuer,
        "oidc_name": "SchoolID",
        "oidc_client_id": client,
        "oidc_claims_file": folder / "mapping.json",
        "sign_in_tries_per_minute": 1000,
        **proof,
    }  # fmt: skip


@pytest.fixture(params=[SECRET])
async def visit(
    request: pytest.FixtureRequest, provider: OidcProvider, sqlite_url: str, tmp_path: Path
) -> AsyncIterator[Visit]:
    settings = _settings(provider, tmp_path, request.param)
    async with (
        opened_world(sqlite_url, tmp_path, **settings) as world,
        httpx.AsyncClient(trust_env=False) as outside,
    ):
        yield Visit(world, world.browser(), outside)


@pytest.mark.parametrize("visit", [SECRET, KEY], indirect=True)
async def test_somebody_signs_in_with_a_secret_or_a_key_of_ours(visit: Visit) -> None:
    page = await visit.browser.get("/aanmelden?naar=/vestigingen/01AB00")
    assert "Aanmelden bij SchoolID" in page.text
    back = await visit.to_callback("els", "/aanmelden/organisatie?naar=/vestigingen/01AB00")
    answer = await visit.browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/vestigingen/01AB00")
    home = (await visit.browser.get("/toegang")).text
    assert "Els Vos" in home
    assert "schoolopleider 01AB" in home
    assert "els.vos@school.example" in home
    database = visit.world.parts.runtime.database
    assert await where_stored(database, ("Els Vos", "els.vos", "eyJ")) == set()
    first = await _accounts(visit)
    assert (await visit.sign_in("els")).status_code == 303
    assert await _accounts(visit) == first
    assert len(first) == 1


async def _accounts(visit: Visit) -> set[str]:
    async with visit.world.parts.runtime.database.reading() as tx:
        return {row.id for row in await tx.exec(select(AccountRow))}


async def test_who_fits_no_rule_reads_whom_to_ask_and_is_not_kept(visit: Visit) -> None:
    answer = await visit.sign_in("leerling")
    assert answer.status_code == 403
    assert "gaf geen rol door die Leerplek kent" in answer.text
    assert "__Host-leerplek=" not in str(answer.headers.get("set-cookie"))
    assert await _accounts(visit) == set()


async def test_who_lost_their_role_at_the_provider_is_erased_at_the_next_try(visit: Visit) -> None:
    assert (await visit.sign_in("els")).status_code == 303
    held = visit.browser.cookie
    mapping = visit.world.parts.access.mapping
    strict = ClaimMapping(rules=mapping.rules[2:])  # as if the provider gave nothing that fits any more
    object.__setattr__(visit.world.parts.access, "mapping", strict)
    assert (await visit.sign_in("els")).status_code == 403
    assert await _accounts(visit) == set()
    assert held == visit.browser.cookie
    assert (await visit.browser.get("/toegang")).status_code == 303


async def test_several_roles_come_from_several_values_of_a_claim_and_go_with_them(
    visit: Visit, provider: OidcProvider
) -> None:
    assert (await visit.sign_in("kim")).status_code == 303
    page = (await visit.browser.get("/toegang")).text
    assert "Programmamanager NL-T01" in page
    assert "Beheerder" in page
    async with visit.world.parts.access.reading() as people:
        kim = await people.with_identity(provider.issuer, "kim")
    assert kim is not None
    listed = (await visit.browser.post("/toegang/rol", rol="operator")).status_code
    assert listed == 303
    page = (await visit.browser.get("/mensen")).text
    assert "Kim Bos" in page
    assert f"/mensen/{kim.id}/intrekken" not in page
    refused = await visit.browser.post(f"/mensen/{kim.id}/intrekken", rol="operator")
    assert refused.status_code == 409


async def test_what_comes_back_wrong_signs_nobody_in(visit: Visit) -> None:
    back = await visit.to_callback("els")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    stranger = visit.world.browser()
    await stranger.get("/aanmelden/organisatie")
    for browser, changes in (
        (visit.world.browser(), {}),  # another browser than where it began: login CSRF
        (stranger, {}),
        (visit.browser, {"state": "x"}),
        (visit.browser, {"state": ""}),
        (visit.browser, {"iss": "https://elders.example"}),
        (visit.browser, {"error": "access_denied"}),
        (visit.browser, {"code": ""}),
        (visit.browser, {"code": "x" * 40}),
    ):
        answer = await browser.get("/aanmelden/terug?" + urlencode({**asked, **changes}))
        assert answer.status_code == 401, changes
        assert not browser.cookie
    again = await visit.to_callback("els")
    assert (await visit.browser.get(again)).status_code == 303
    assert (await visit.browser.get(again)).status_code == 401


async def test_a_code_of_a_sign_in_with_another_nonce_or_verifier_is_refused(visit: Visit) -> None:
    access = visit.world.parts.access
    for changes in ({"nonce": secrets.token_urlsafe(32)}, {"verifier": secrets.token_urlsafe(32)}):
        back = await visit.to_callback("els")
        cookies = visit.browser.http.cookies
        kept = json.loads(access.sealer.disclose(GOING, cookies[f"__Host-{GOING}"]))
        cookies.clear()
        other = access.sealer.enclose(GOING, json.dumps(kept | changes))
        cookies.set(f"__Host-{GOING}", other, "leerplek.test", "/")
        assert (await visit.browser.get(back)).status_code == 401


async def test_signing_out_goes_on_to_the_provider(visit: Visit, provider: OidcProvider) -> None:
    await visit.sign_in("els")
    out = await visit.browser.post("/afmelden")
    assert (out.status_code, out.headers["location"]) == (303, "/afgemeld")
    page = await visit.browser.get("/afgemeld")
    assert 'content="0;url=/afmelden/organisatie"' in page.text
    on = await visit.browser.get("/afmelden/organisatie")
    address = urlsplit(on.headers["location"])
    assert on.headers["location"].startswith(provider.issuer)
    asked = parse_qs(address.query)
    assert asked["post_logout_redirect_uri"] == [f"{URL}/afgemeld"]
    ending = await visit.outside.get(on.headers["location"])
    assert ending.status_code == 200, ending.text  # the provider knew our id token, and asks whether to sign out
    assert 'content="0;url' not in (await visit.browser.get("/afgemeld")).text
    assert (await visit.browser.get("/toegang")).status_code == 303


async def test_a_provider_that_is_away_is_told_as_such(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    nowhere = {
        "oidc_issuer": "http://127.0.0.1:1",
        "oidc_client_id": "x",
        "oidc_client_secret_file": tmp_path / "secret",
    }
    async with opened_world(sqlite_url, tmp_path, **nowhere) as world:
        answer = await world.browser().get("/aanmelden/organisatie")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
