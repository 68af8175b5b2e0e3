"""Signing in and out: a link by mail, or at one's own organisation."""

import json
import secrets
from dataclasses import asdict

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.capacity.domain.claims import identity_of
from services.capacity.domain.sessions import address_of, masked_address
from services.capacity.entrypoints.pages.forms import new_key, own_form
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.signed_in import SESSION, into_session
from services.capacity.handlers import signing_in
from services.capacity.ports.people import Going, Provider
from shared.errors import DomainError, Forbidden, NotFound, NotSignedIn
from shared.security.sealing import SealBroken
from shared.web.cookies import forget, keep, own_cookie
from shared.web.going import safe_path
from shared.web.limiting import RateLimit

GOING, LEAVING, TOWARDS = "leerplek-heen", "leerplek-weg", "leerplek-naar"
"""Cookies: a sign-in that was begun at the provider; the id token with which to sign out there; where a link by mail leads."""
GOING_S, LEAVING_S, TOWARDS_S = 900, 300, 3600
LARGEST_COOKIE = 3_500
ASK_AGAIN = "Begin opnieuw met aanmelden: dit duurde te lang, of het begon in een andere browser."


def add_sign_in(site: FastAPI, portal: Portal) -> None:
    """Adds the pages. How often one address may try in a minute is limited, so that nobody tries links or has mails sent at length."""
    limit = RateLimit(portal.parts.settings.sign_in_tries_per_minute)
    _by_link(site, portal, limit)
    if portal.parts.access.provider is not None:
        _by_provider(site, portal, portal.parts.access.provider, limit)
    else:
        _without_provider(site)
    _out(site, portal)


def _by_link(site: FastAPI, portal: Portal, limit: RateLimit) -> None:
    parts, access = portal.parts, portal.parts.access

    async def page(
        request: Request, *, error: str = "", email: str = "", goto: str = "/", status: int = 200
    ) -> HTMLResponse:
        context = {
            "links": access.letterbox is not None,
            "provider": parts.settings.oidc_name if access.provider is not None else "",
            "error": error,
            "email": email,
            "goto": goto,
            "key": new_key(),
        }
        return portal.pages.render(request, "sign_in.html", status=status, **context)

    @site.get("/aanmelden")
    async def ask(request: Request, naar: str = "/") -> HTMLResponse:
        return await page(request, goto=safe_path(naar))

    @site.post("/aanmelden")
    async def wish(request: Request) -> Response:
        limit.count(request, _from(request))
        form = await own_form(request, {"email", "naar"})
        if access.letterbox is None:
            raise NotFound("geen-links", "Hier meldt u zich aan bij uw eigen organisatie.")
        try:
            email = address_of(form.text("email"))
        except DomainError as wrong:
            goto = safe_path(form.text("naar"))
            return await page(request, error=wrong.detail, email=form.text("email"), goto=goto, status=400)
        async with parts.runtime.database.transaction() as tx:
            await signing_in.ask_for_link(access.people(tx, parts.runtime.name), email, parts.clock())
        access.mail_waits.wake()
        sent = portal.pages.render(request, "sign_in_sent.html", email=email)
        keep(sent, TOWARDS, access.sealer.enclose(TOWARDS, safe_path(form.text("naar"))), TOWARDS_S)
        return sent

    @site.get("/aanmelden/link")
    async def opened(request: Request, t: str = "") -> HTMLResponse:
        """Mail scanners open links: only the button signs in. Whose link it is stands there, so that nobody signs in as another."""
        limit.count(request, _from(request))
        async with access.reading() as people:
            person = await signing_in.link_of(people, t, parts.clock())
        who = {"name": person.name, "email": masked_address(person.email), "positions": person.positions}
        return portal.pages.render(request, "sign_in_link.html", who=who, token=t, key=new_key())

    @site.post("/aanmelden/link")
    async def use(request: Request) -> Response:
        limit.count(request, _from(request))
        form = await own_form(request, {"t"})
        async with parts.runtime.database.transaction() as tx:
            people, agent = access.people(tx, parts.runtime.name), request.headers.get("user-agent", "")
            begun = await signing_in.sign_in_by_link(
                people, form.text("t"), parts.clock(), agent, own_cookie(request, SESSION)
            )
        answer = into_session(begun, _towards(portal, request))
        forget(answer, TOWARDS)
        return answer


def _by_provider(site: FastAPI, portal: Portal, provider: Provider, limit: RateLimit) -> None:
    parts, access = portal.parts, portal.parts.access

    @site.get("/aanmelden/organisatie")
    async def go(request: Request, naar: str = "/") -> Response:
        limit.count(request, _from(request))
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        going = Going(state, nonce, verifier, safe_path(naar))
        answer = RedirectResponse(await provider.address(going), 303)
        keep(answer, GOING, access.sealer.enclose(GOING, json.dumps(asdict(going))), GOING_S)
        return answer

    @site.get("/aanmelden/terug")
    async def back(request: Request, code: str = "", state: str = "", iss: str = "", error: str = "") -> Response:
        limit.count(request, _from(request))
        going = _going(portal, request)
        if not secrets.compare_digest(state.encode(), going.state.encode()):
            raise NotSignedIn("aanmelden-mislukt", ASK_AGAIN)
        if error or not code or iss not in ("", parts.settings.oidc_issuer):
            raise NotSignedIn("aanmelden-mislukt", "Aanmelden bij uw organisatie is niet gelukt of afgebroken.")
        claims, id_token = await provider.claims(code, going)
        try:
            identity = identity_of(claims, access.mapping)
        except Forbidden:
            async with parts.runtime.database.transaction() as tx:
                people = access.people(tx, parts.runtime.name)
                await signing_in.forget_at_provider(people, str(claims["iss"]), str(claims["sub"]))
            raise
        async with parts.runtime.database.transaction() as tx:
            people, agent = access.people(tx, parts.runtime.name), request.headers.get("user-agent", "")
            begun = await signing_in.sign_in_by_provider(
                people, identity, id_token, parts.clock(), agent, own_cookie(request, SESSION)
            )
        answer = into_session(begun, going.goto)
        forget(answer, GOING)
        return answer


def _towards(portal: Portal, request: Request) -> str:
    """The page that was asked before signing in, when the link is opened in the same browser."""
    try:
        return safe_path(portal.parts.access.sealer.disclose(TOWARDS, own_cookie(request, TOWARDS)))
    except SealBroken:
        return "/"


def _going(portal: Portal, request: Request) -> Going:
    try:
        return Going(**json.loads(portal.parts.access.sealer.disclose(GOING, own_cookie(request, GOING))))
    except (SealBroken, ValueError, TypeError) as wrong:
        raise NotSignedIn("aanmelden-mislukt", ASK_AGAIN) from wrong


def _without_provider(site: FastAPI) -> None:
    @site.get("/aanmelden/organisatie")
    @site.get("/aanmelden/terug")
    async def nowhere() -> Response:
        raise NotFound("geen-organisatie", "Hier meldt u zich aan met een link in een e-mail.")


def _out(site: FastAPI, portal: Portal) -> None:
    parts, access = portal.parts, portal.parts.access

    @site.post("/afmelden")
    async def out(request: Request) -> Response:
        await own_form(request, set())
        async with parts.runtime.database.transaction() as tx:
            id_token = await signing_in.sign_out(access.people(tx, parts.runtime.name), own_cookie(request, SESSION))
        answer = RedirectResponse("/afgemeld", 303)
        forget(answer, SESSION)
        enclosed = access.sealer.enclose(LEAVING, id_token) if id_token else ""
        if 0 < len(enclosed) <= LARGEST_COOKIE:
            keep(answer, LEAVING, enclosed, LEAVING_S)
        return answer

    @site.get("/afgemeld")
    async def signed_out(request: Request) -> HTMLResponse:
        """A form may not lead to another site (CSP), so from here the browser goes on to sign out at the provider too."""
        goes_on = access.provider is not None and bool(own_cookie(request, LEAVING))
        name = parts.settings.oidc_name
        return portal.pages.render(request, "signed_out.html", provider=name if goes_on else "")

    @site.get("/afmelden/organisatie")
    async def leave(request: Request) -> Response:
        try:
            id_token = access.sealer.disclose(LEAVING, own_cookie(request, LEAVING))
        except SealBroken:
            id_token = ""
        found = await access.provider.sign_out_address(id_token) if access.provider and id_token else None
        answer = RedirectResponse(found or "/afgemeld", 303)
        forget(answer, LEAVING)
        return answer


def _from(request: Request) -> str:
    return request.client.host if request.client else ""
