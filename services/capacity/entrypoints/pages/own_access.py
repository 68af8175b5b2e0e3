"""One's own access: what one is, where one is signed in, signing out everywhere; and a pass for the pages of another service."""

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.signed_in import SESSION, into_session
from services.capacity.handlers import signing_in
from services.capacity.handlers.signing_in import hash_of
from shared.errors import DomainError, NotFound
from shared.security.passes import Pass, issue_pass
from shared.security.roles import GIVE_ACCESS, READ_ALERTS, READ_LOG, READ_MESSAGES, position_of
from shared.web.cookies import forget, own_cookie
from shared.web.forms import new_key, own_form
from shared.web.going import safe_path
from shared.web.places import Place
from shared.web.viewing import Viewing

HASH_LENGTH = 64


def add_own_access(site: FastAPI, portal: Portal) -> None:
    """Adds the pages."""
    parts, access = portal.parts, portal.parts.access

    @site.get("/toegang")
    async def own(request: Request, viewer: Viewing) -> HTMLResponse:
        async with access.reading() as people:
            person = await people.person(viewer.person)
            sessions = await people.sessions_of(viewer.person)
            called = await people.called([each.org for each in person.positions]) if person is not None else {}
        assert person is not None
        scopes = viewer.caller.scopes
        context: dict[str, Any] = {
            "person": person,
            "current": viewer.position,
            "called": called,
            "sessions": [(each, each.id == hash_of(own_cookie(request, SESSION))) for each in sessions],
            "gives": GIVE_ACCESS in scopes,
            "reads": READ_LOG in scopes,
            "alerts": parts.settings.pass_to if READ_ALERTS in scopes else None,
            "messages": parts.settings.pass_to if READ_MESSAGES in scopes else None,
            "key": new_key(),
        }
        return portal.pages.render(request, "access.html", **context)

    @site.post("/toegang/rol")
    async def switch(request: Request, viewer: Viewing) -> Response:
        form = await own_form(request, {"rol"})
        async with parts.runtime.database.transaction() as tx:
            wanted, secret = position_of(form.text("rol")), own_cookie(request, SESSION)
            people = access.people(tx, viewer.actor)
            begun = await signing_in.switch(people, secret, wanted, parts.settings.lifetime, parts.clock())
        return into_session(begun, "/")

    @site.post("/toegang/overal")
    async def everywhere(request: Request, viewer: Viewing) -> Response:
        await own_form(request, set())
        async with parts.runtime.database.transaction() as tx:
            await signing_in.sign_out_everywhere(access.people(tx, viewer.actor), viewer.person)
        answer = RedirectResponse("/afgemeld", 303)
        forget(answer, SESSION)
        return answer

    @site.get("/naar/{place}")
    async def go(place: Place, naar: str = "") -> Response:
        """To the pages of another part, or to one of them: every part knows this address, and only this part knows all of them."""
        found = "" if place is Place.PORTAL else parts.settings.places.get(place)
        if found is None:
            raise NotFound("nergens-heen", "Deze pagina bestaat niet.")
        first = "/meldingen" if place is Place.MESSAGES else "/"
        return RedirectResponse(f"{found}{quote(safe_path(naar or first))}", 303)

    @site.get("/door")
    async def on(viewer: Viewing, voor: str = "", naar: str = "/", bij: Place = Place.MESSAGES) -> Response:
        """Only to an address that is configured, with a pass that is of use to the asking browser only."""
        keys, places = parts.settings.pass_keys_file, parts.settings.places
        to = places.get(bij)
        if keys is None or to is None or viewer.position is None or parts.settings.public_url is None:
            raise NotFound("nergens-heen", "Deze pagina bestaat niet.")
        if len(voor) != HASH_LENGTH or not voor.isalnum():
            raise DomainError("ongeldig-adres", "Dit adres klopt niet.")
        given = issue_pass(
            keys,
            Pass(viewer.person, viewer.position, tuple(places), called=viewer.called),
            parts.settings.public_url,
            to,
            voor,
        )
        return RedirectResponse(f"{to}/aanmelden/terug?{urlencode({'pas': given, 'naar': naar})}", 303)
