"""Tells who is asking: a signed token (JWT) with an organisation and scopes, checked against public keys (JWKS)."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import jwt
import structlog

from shared.errors import NotSignedIn
from shared.security.callers import BOARD, Caller, Role
from shared.security.keys import FileKeys, Keys, UrlKeys
from shared.security.withdrawn import Withdrawn
from shared.settings import SignInSettings

ALGORITHMS = ("EdDSA", "ES256", "ES384", "PS256", "RS256")
"""Only those with a public key: who can check a token must not be able to make one."""
LEEWAY_S = 30
"""Clocks of two machines may differ by so much."""
_ORG = re.compile(r"operator|region/[A-Z0-9][A-Z0-9-]{1,31}|(?:institute|school)/\d{2}[A-Z]{2}|board/\d{5}")
_NO_LONGER = "Uw token is ingetrokken. Vraag een nieuw token aan."

log = structlog.get_logger(__name__)


class Verifier:
    """Checks tokens of one issuer for one audience."""

    def __init__(self, keys: Keys, issuer: str, audience: str, withdrawn: Withdrawn | None = None) -> None:
        self._keys, self._issuer, self._audience = keys, issuer, audience
        self._withdrawn = withdrawn or Withdrawn(None)

    async def caller(self, token: str) -> Caller:
        """Who asks with this token; raises NotSignedIn when it was not signed for us, or not for now, or was withdrawn, and
        TransientError while that cannot be told.
        """
        try:
            key = await self._keys.find(str(jwt.get_unverified_header(token).get("kid", "")))
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
        if self._withdrawn.holds(claims):
            log.info("token refused", why="withdrawn")
            raise NotSignedIn("token-ingetrokken", _NO_LONGER)
        return caller_of(claims)


def verifier_of(settings: SignInSettings) -> Verifier | None:
    """What checks tokens by these settings; None where nobody signs in. Raises Misconfigured."""
    keys: Keys
    if settings.jwks_url is not None:
        keys = UrlKeys(settings.jwks_url)
    elif settings.jwks_file is not None:
        keys = FileKeys(settings.jwks_file)
    else:
        return None
    withdrawn = Withdrawn(settings.withdrawn_tokens_file)
    return Verifier(keys, settings.token_issuer, settings.token_audience, withdrawn)


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
