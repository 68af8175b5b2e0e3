"""The pages that say who hears what: of an organisation, with the roles that nobody has, and of one person."""

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.contacts import is_board, is_region
from services.notifier.domain.subscriptions import subscriptions
from services.notifier.entrypoints.pages.codes import Code
from services.notifier.entrypoints.pages.contact_pages import DONE, own_contact
from services.notifier.entrypoints.pages.link_words import OF_A_COLLEAGUE
from services.notifier.handlers import reading
from services.notifier.handlers.belonging import is_of, sites_of
from services.notifier.handlers.contacts import unknown_organisation
from shared.contracts.vocabulary import EntityId
from shared.dutch import dutch_day
from shared.security.roles import CHANGE_CONTACTS
from shared.web.pages import Pages
from shared.web.viewing import Viewing

SHOWN = 100


def add_hearers(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the list of organisations, the page of one, and the page of a person."""

    @site.get("/organisaties")
    async def organisations(
        request: Request, viewer: Viewing, zoek: Annotated[str, Query(max_length=32)] = ""
    ) -> Response:
        own = organisation_of(viewer.caller)
        if own is not None:
            return RedirectResponse(f"/organisaties/{own}", 303)
        words = "".join(each for each in zoek.strip().upper() if each.isascii() and each.isprintable())
        async with parts.reading() as store:
            found = await store.organisations(words, SHOWN + 1)
            names = await reading.find_names(store, found[:SHOWN])
        shown: dict[str, Any] = {"codes": found[:SHOWN], "names": names, "more": len(found) > SHOWN, "words": words}
        return pages.render(request, "organisations.html", **shown)

    @site.get("/organisaties/{code}")
    async def organisation(request: Request, viewer: Viewing, code: Code, klaar: str = "") -> Response:
        now, own = parts.clock(), organisation_of(viewer.caller)
        async with parts.reading() as store:
            is_own = await is_of(store, [code], own)
            if not is_own and code not in await store.organisations_in(own or ""):
                raise unknown_organisation()
            may_change = is_own and CHANGE_CONTACTS in viewer.caller.scopes
            setting = (await store.modes()).of(code)
            below = await sites_of(store, code)
            if below or is_board(code):
                known = await store.sites(below)
                sites = [(each, known[each].name if each in known else "") for each in below]
                of_head: dict[str, Any] = {"sites": sites, "is_board": is_board(code), "is_listed": own is None}
                return pages.render(
                    request, "sites.html", code_of=code, setting=setting, may_change=may_change, **of_head
                )
            found = await reading.find_hearings(store, code, now)
            name = await reading.find_name(store, code)
            gaps = await reading.find_region_gaps(store, code, now) if is_own and is_region(code) else []
            names = await reading.find_names(store, [each for each, _ in gaps])
        shown: dict[str, Any] = {
            "code_of": code,
            "name_of": name,
            "hearings": found,
            "today": dutch_day(now),
            "setting": setting,
        }
        shown |= {"gaps": gaps, "names": names, "is_own": is_own, "is_listed": own is None}
        shown |= {"may_change": may_change, "done": DONE.get(klaar, "")}
        return pages.render(request, "organisation.html", **shown)

    @site.get("/contacten/{contact}")
    async def contact(request: Request, viewer: Viewing, contact: EntityId, klaar: str = "") -> Response:
        async with parts.reading() as store:
            held, today = await own_contact(store, viewer, contact), dutch_day(parts.clock())
            name = await reading.find_name(store, held.organisation)
            substitute = held.absence.substitute if held.absence else None
            stand_in = await store.contact(substitute) if substitute else None
        shown: dict[str, Any] = {
            "contact": held,
            "stand_in": stand_in,
            "name_of": name,
            "heard": subscriptions(held),
            "today": today,
            "w": OF_A_COLLEAGUE,
        }
        shown |= {"may_change": CHANGE_CONTACTS in viewer.caller.scopes, "done": DONE.get(klaar, "")}
        return pages.render(request, "contact.html", **shown)
