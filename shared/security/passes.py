"""A pass: by which the service where people sign in tells another who looks, signed, for minutes, and for one browser.

The other service gives the browser a secret and asks for a pass that names the hash of it. Whoever finds a pass, in a log of
addresses for instance, cannot use it without that secret.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import jwt

from shared.errors import DomainError, NotSignedIn
from shared.security.issuing import ALGORITHM, secret_keys
from shared.security.keys import keys_in
from shared.security.roles import Position, position_of

LASTS_S = 600
"""After this it is asked for again, without the person noticing; so signing out everywhere works here within this time."""
LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Pass:
    """Who looks (a pseudonym), as what, which other parts have pages, when this was said (in seconds since 1970), what the organisation is called."""

    person: str
    position: Position
    places: tuple[str, ...] = ()
    issued_at: int = 0
    called: str = ""


def hash_for_pass(secret: str) -> str:
    """What a pass names of the secret that the browser keeps."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_pass(keys: Path, given: Pass, issuer: str, audience: str, bound_to: str) -> str:
    """A pass for the service at this address, for the browser that has the secret with this hash; raises Misconfigured."""
    secret, now = secret_keys(keys)[-1], int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": given.person,
        "as": given.position.name,
        "places": list(given.places),
        "called": given.called,
        "bound": bound_to,
        "iat": now,
        "exp": now + LASTS_S,
    }
    return jwt.encode(claims, jwt.PyJWK(secret).key, ALGORITHM, headers={"kid": secret["kid"], "typ": "pass+jwt"})


class Passes:
    """Checks passes from one service for another."""

    def __init__(self, keys: Path, issuer: str, audience: str) -> None:
        """Raises Misconfigured when the file holds no public keys."""
        self._keys, self._issuer, self._audience = keys_in(keys), issuer, audience

    def read(self, given: str, secret: str) -> Pass:
        """Who looks; raises NotSignedIn when the pass is not ours, is over, or is another browser's."""
        try:
            header = jwt.get_unverified_header(given)
            if header.get("typ") != "pass+jwt":
                raise jwt.InvalidTokenError("no pass")
            claims = jwt.decode(
                given,
                self._keys[str(header.get("kid", ""))],
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            places = tuple(map(str, claims.get("places", ())))
            position, called = position_of(str(claims["as"])), str(claims.get("called", ""))
            found = Pass(str(claims["sub"]), position, places, int(claims["iat"]), called)
        except (jwt.PyJWTError, KeyError, ValueError, DomainError) as wrong:
            raise NotSignedIn("pas-ongeldig", "U bent niet aangemeld.") from wrong
        if not secrets.compare_digest(str(claims.get("bound", "")).encode(), hash_for_pass(secret).encode()):
            raise NotSignedIn("pas-ongeldig", "U bent niet aangemeld.")
        return found
