"""Tells who is asking: a signed token (JWT) with an organisation and scopes, checked against a file of public keys (JWKS)."""

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import jwt
import structlog

from shared.errors import Misconfigured, NotSignedIn
from shared.security.callers import BOARD, Caller, Role
from shared.settings import SignInSettings

ALGORITHMS = ("EdDSA", "ES256", "ES384", "PS256", "RS256")
"""Only those with a public key: who can check a token must not be able to make one."""
LEEWAY_S = 30
"""Clocks of two machines may differ by so much."""
_ORG = re.compile(r"operator|region/[A-Z0-9][A-Z0-9-]{1,31}|(?:institute|school)/\d{2}[A-Z]{2}|board/\d{5}")

log = structlog.get_logger(__name__)


class Verifier:
    """Checks tokens of one issuer for one audience; reads the file of keys again when it has changed."""

    def __init__(self, jwks: Path, issuer: str, audience: str) -> None:
        """Raises Misconfigured when the file holds no public keys."""
        self._path, self._issuer, self._audience = jwks, issuer, audience
        self._keys, self._read = keys_in(jwks), _stamp(jwks)

    def caller(self, token: str) -> Caller:
        """Who asks with this token; raises NotSignedIn when it was not signed for us, or not for now."""
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as late:
            raise NotSignedIn("token-verlopen", "Uw token is verlopen. Vraag een nieuw token aan.") from late
        except (jwt.PyJWTError, ValueError) as wrong:
            log.info("token refused", why=type(wrong).__name__)
            raise NotSignedIn("token-ongeldig", "Dit token is niet geldig. Vraag een nieuw token aan.") from wrong
        return caller_of(claims)

    def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys and _stamp(self._path) != self._read:
            self._renew()
        if kid in self._keys:
            return self._keys[kid]
        raise jwt.InvalidKeyError("unknown key")

    def _renew(self) -> None:
        """Take the keys that are in the file now; when those cannot be read the known ones go on."""
        self._read = _stamp(self._path)
        try:
            self._keys = keys_in(self._path)
        except Misconfigured as wrong:
            log.error("the file of public keys cannot be read", problem=str(wrong))


def verifier_of(settings: SignInSettings) -> Verifier | None:
    """What checks tokens by these settings; None where nobody signs in. Raises Misconfigured."""
    if settings.jwks_file is None:
        return None
    return Verifier(settings.jwks_file, settings.token_issuer, settings.token_audience)


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Who asks, from the claims of a checked token: `org`, and `scope` as one text or `scp` as a list; raises NotSignedIn."""
    org = claims.get("org")
    if not isinstance(org, str) or not _ORG.fullmatch(org):
        detail = "Uw token noemt geen organisatie die Leerplek kent (org: institute/…, school/…, board/…, region/… of operator)."
        raise NotSignedIn("token-zonder-organisatie", detail)
    kind, _, name = org.partition("/")
    return Caller(Role.SCHOOL if kind == BOARD else Role(kind), name, frozenset(_scopes(claims)))


def _scopes(claims: Mapping[str, Any]) -> Collection[str]:
    given = claims.get("scope", claims.get("scp", ""))
    return given.split() if isinstance(given, str) else [str(one) for one in given]


def keys_in(jwks: Path) -> dict[str, jwt.PyJWK]:
    """The keys of a file by their id; raises Misconfigured when there is none, or one that signs as well as checks."""
    try:
        found = json.loads(jwks.read_text())["keys"]
        keys = {str(one["kid"]): jwt.PyJWK(one) for one in found}
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as wrong:
        raise Misconfigured(f"{jwks} is geen bestand met openbare sleutels (JWKS): {type(wrong).__name__}") from wrong
    if not keys:
        raise Misconfigured(f"{jwks} bevat geen sleutels")
    if any("d" in one or one.get("kty") == "oct" for one in found):
        raise Misconfigured(f"{jwks} bevat een geheime sleutel: geef hier het bestand met de openbare sleutels")
    return keys


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
