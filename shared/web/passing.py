"""Pages of a service where nobody signs in by itself: it finds out who looks at the service where people do."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from shared.security.passes import LASTS_S, Passes, hash_for_pass
from shared.security.roles import DUTCH
from shared.web.cookies import keep, own_cookie
from shared.web.going import safe_path
from shared.web.viewing import PUBLIC, Rules, Viewer

COOKIE = "pas"
SECRET = "pas-geheim"  # noqa: S105 - a name
RETURN = "/aanmelden/terug"
RULES: Rules = {("GET", "/aanmelden"): PUBLIC, ("GET", RETURN): PUBLIC}


@dataclass(frozen=True, slots=True)
class SignInElsewhere:
    """The address of the service where people sign in, and what checks its passes."""

    url: str
    passes: Passes

    async def find_viewer(self, request: Request) -> Viewer:
        """Who looks, by the pass that their browser keeps; raises NotSignedIn."""
        found = self.passes.read(own_cookie(request, COOKIE), own_cookie(request, SECRET))
        words = DUTCH[found.position.role].capitalize()
        return Viewer(found.position.caller, words, found.person, f"{self.url}/toegang", found.position)


def sign_in_elsewhere(url: str | None, keys: Path | None, own_url: str) -> SignInElsewhere | None:
    """Who looks is asked at this address; None where nobody signs in. Raises Misconfigured when there are no keys."""
    if url is None or keys is None:
        return None
    url, own_url = url.rstrip("/"), own_url.rstrip("/")
    return SignInElsewhere(url, Passes(keys, url, own_url))


def add_passing(site: FastAPI, elsewhere: SignInElsewhere) -> None:
    """Adds the two addresses by which a browser fetches a pass and comes back with it."""

    @site.get("/aanmelden")
    async def ask(naar: str = "/") -> Response:
        secret = secrets.token_urlsafe(32)
        asked = urlencode({"voor": hash_for_pass(secret), "naar": naar})
        answer = RedirectResponse(f"{elsewhere.url}/door?{asked}", 303)
        keep(answer, SECRET, secret, LASTS_S)
        return answer

    @site.get(RETURN)
    async def back(request: Request, pas: str = "", naar: str = "/") -> Response:
        elsewhere.passes.read(pas, own_cookie(request, SECRET))
        answer = RedirectResponse(safe_path(naar), 303)
        keep(answer, COOKIE, pas, LASTS_S)
        return answer
