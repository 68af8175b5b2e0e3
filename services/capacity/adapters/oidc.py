"""Signing in at an organisation's provider: OpenID Connect, authorization code with PKCE, found by discovery."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt
import structlog

from services.capacity.ports.people import Going
from shared.errors import Misconfigured, NotSignedIn, TransientError

log = structlog.get_logger(__name__)

TIMEOUT_S = 10.0
KEEP_S = 3600.0
"""So long what the provider says of itself is taken to hold; its keys are fetched again when one is missing."""
AGAIN_S = 30.0
"""Keys are fetched again for an unknown one at most once in this time."""
LEEWAY_S = 60
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NOT_SIGNED_IN = "Aanmelden bij uw organisatie is niet gelukt. Probeer het opnieuw."


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider: a secret, or a private key (JWK) with which we sign that it is us."""

    issuer: str
    client_id: str
    secret: str
    private_key: Mapping[str, Any] | None
    scope: str
    redirect: str
    goodbye: str


class OidcProvider:
    """One provider; what it says of itself and its keys are kept for a while."""

    def __init__(self, client: Client, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = client
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._metadata_at = self._keys_at = float("-inf")
        self._keys: dict[str, jwt.PyJWK] = {}

    async def address(self, going: Going) -> str:
        found = await self._discover()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(going.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect,
            "scope": self._client.scope,
            "state": going.state,
            "nonce": going.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(found["authorization_endpoint"], asked)

    async def claims(self, code: str, going: Going) -> tuple[Mapping[str, Any], str]:
        found = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect,
            "code_verifier": going.verifier,
        }
        tokens = await self._post(found["token_endpoint"], form)
        id_token = tokens.get("id_token")
        if not isinstance(id_token, str):
            raise _refused("no id token")
        claims = await self._checked(id_token, going.nonce)
        more = await self._userinfo(found.get("userinfo_endpoint"), tokens.get("access_token"))
        if more and more.get("sub") != claims["sub"]:
            raise _refused("userinfo is about somebody else")
        return {**more, **claims}, id_token

    async def sign_out_address(self, id_token: str) -> str | None:
        endpoint = (await self._discover()).get("end_session_endpoint")
        asked = {"client_id": self._client.client_id, "post_logout_redirect_uri": self._client.goodbye}
        asked |= {"id_token_hint": id_token} if id_token else {}
        return _with_query(endpoint, asked) if endpoint else None

    async def _checked(self, id_token: str, nonce: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                await self._key(str(header.get("kid", ""))),
                algorithms=ALGORITHMS,
                audience=self._client.client_id,
                issuer=self._metadata["issuer"],
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError) as wrong:
            raise _refused(type(wrong).__name__) from wrong
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("another nonce")
        if claims.get("azp", self._client.client_id) != self._client.client_id:
            raise _refused("another party")
        return claims

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys and time.monotonic() - self._keys_at > AGAIN_S:
            self._keys_at = time.monotonic()
            document = await self._get(self._metadata["jwks_uri"])
            self._keys = dict(_signing_keys(document))
        if kid not in self._keys:
            raise jwt.InvalidKeyError("unknown key")
        return self._keys[kid]

    async def _discover(self) -> dict[str, Any]:
        if time.monotonic() - self._metadata_at > KEEP_S:
            found = await self._get(self._client.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._client.issuer:
                log.error("provider calls itself something else", expected=self._client.issuer)
                raise TransientError("the provider is not the one that was configured")
            self._metadata, self._metadata_at = found, time.monotonic()
        return self._metadata

    async def _userinfo(self, endpoint: str | None, token: object) -> dict[str, Any]:
        if not endpoint or not isinstance(token, str):
            return {}
        return await self._get(endpoint, {"Authorization": f"Bearer {token}"})

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        return await self._ask("GET", url, {"headers": headers or {}})

    async def _post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        if self._client.private_key is not None:
            identified = {"client_id": self._client.client_id, "client_assertion_type": ASSERTION}
            form = form | identified | {"client_assertion": self._assertion(url)}
            return await self._ask("POST", url, {"data": form})
        name, secret = (quote(each, safe="") for each in (self._client.client_id, self._client.secret))
        return await self._ask("POST", url, {"data": form, "auth": (name, secret)})

    async def _ask(self, method: str, url: str, parts: dict[str, Any]) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, transport=self._transport) as http:
                answer = await http.request(method, url, **parts)
        except httpx.HTTPError as away:
            raise TransientError(f"the provider does not answer: {type(away).__name__}") from away
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise TransientError(f"the provider answers {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise _refused(f"{answer.status_code} from {method} {url.partition('?')[0]}")
        try:
            body = answer.json()
        except ValueError as wrong:
            raise TransientError("the provider answers no JSON") from wrong
        if not isinstance(body, dict):
            raise TransientError("the provider answers no JSON object")
        return body

    def _assertion(self, audience: str) -> str:
        key, now = self._client.private_key, int(time.time())
        assert key is not None
        claims = {
            "iss": self._client.client_id,
            "sub": self._client.client_id,
            "aud": audience,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(claims, jwt.PyJWK(dict(key)).key, str(key["alg"]), headers={"kid": key["kid"]})


def read_private_key(path: Path) -> Mapping[str, Any]:
    """The last key of a file of secret keys (JWKS), with alg and kid; raises Misconfigured."""
    try:
        key: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["keys"][-1]
        jwt.PyJWK(dict(key))
        if not {"d", "kid", "alg"} <= key.keys() or key["alg"] not in ALGORITHMS:
            raise ValueError
    except (OSError, ValueError, KeyError, IndexError, TypeError, jwt.PyJWTError) as wrong:
        raise Misconfigured(f"{path} is geen bestand met een geheime sleutel (JWKS met alg, kid en d)") from wrong
    return key


def _signing_keys(document: Mapping[str, Any]) -> list[tuple[str, jwt.PyJWK]]:
    found = []
    for each in document.get("keys", ()):
        if each.get("use", "sig") == "sig" and each.get("kty") != "oct" and "kid" in each:
            try:
                found.append((str(each["kid"]), jwt.PyJWK(each)))
            except jwt.PyJWTError:
                continue  # of a kind that we never accept
    return found


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _refused(why: str) -> NotSignedIn:
    log.warning("sign-in refused", why=why)
    return NotSignedIn("aanmelden-mislukt", NOT_SIGNED_IN)
