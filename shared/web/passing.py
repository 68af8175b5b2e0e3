"""Pages of a service where nobody signs in by itself: it finds out who looks at the service where people do."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from shared.errors import NotSignedIn
from shared.security.passes import LASTS_S, Passes, hash_for_pass
from shared.web.cookies import keep, own_cookie
from shared.web.going import safe_path
from shared.web.places import Place, ways_of
from shared.web.viewing import PART, PUBLIC, Rules, Viewer

RETURN = "/aanmelden/terug"
RULES: Rules = {("GET", "/aanmelden"): PUBLIC, ("GET", RETURN): PUBLIC}
RENEW_S = LASTS_S / 2
"""Who opens a page with an older pass gets a new one on the way, so that a form has some minutes to be filled in."""


@dataclass(frozen=True, slots=True)
class SignInElsewhere:
    """The address of the service where people sign in, what checks its passes, and which part of Leerplek this is.

    Cookies are told apart by part: on one machine several may stand at one host, each at a port of its own.
    """

    url: str
    passes: Passes
    place: Place

    @property
    def cookie(self) -> str:
        """What the pass is kept under."""
        return f"pas-{self.place}"

    @property
    def secret(self) -> str:
        """What the secret is kept under that a pass is bound to."""
        return f"pas-geheim-{self.place}"

    async def find_viewer(self, request: Request) -> Viewer:
        """Who looks, by the pass that their browser keeps; raises NotSignedIn."""
        found = self.passes.read(own_cookie(request, self.cookie), own_cookie(request, self.secret))
        is_page = request.method == "GET" and PART not in request.headers
        if is_page and time.time() - found.issued_at > RENEW_S:
            raise NotSignedIn("pas-oud", "U bent niet aangemeld.")
        words, there = found.position.words_at(found.called), [each for each in Place if each in found.places]
        return Viewer(
            found.position.caller,
            words[:1].upper() + words[1:],
            found.person,
            f"{self.url}/toegang",
            found.position,
            ways_of(found.position, there, self.place, self.url),
            found.called,
        )


def sign_in_elsewhere(url: str | None, keys: Path | None, own_url: str, place: Place) -> SignInElsewhere | None:
    """Who looks is asked at this address; None where nobody signs in. Raises Misconfigured when there are no keys."""
    if url is None or keys is None:
        return None
    url, own_url = url.rstrip("/"), own_url.rstrip("/")
    return SignInElsewhere(url, Passes(keys, url, own_url), place)


def add_passing(site: FastAPI, elsewhere: SignInElsewhere) -> None:
    """Adds the two addresses by which a browser fetches a pass and comes back with it."""

    @site.get("/aanmelden")
    async def ask(naar: str = "/") -> Response:
        secret = secrets.token_urlsafe(32)
        asked = urlencode({"bij": elsewhere.place, "voor": hash_for_pass(secret), "naar": naar})
        answer = RedirectResponse(f"{elsewhere.url}/door?{asked}", 303)
        keep(answer, elsewhere.secret, secret, LASTS_S)
        return answer

    @site.get(RETURN)
    async def back(request: Request, pas: str = "", naar: str = "/") -> Response:
        elsewhere.passes.read(pas, own_cookie(request, elsewhere.secret))
        answer = RedirectResponse(safe_path(naar), 303)
        keep(answer, elsewhere.cookie, pas, LASTS_S)
        return answer
