"""What a board answers somebody who asks what is kept about them, or that it be erased."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.entrypoints.http_supervisors import everything_about
from services.capacity.entrypoints.pages.meanwhile import tell_meanwhile
from services.capacity.entrypoints.pages.portal import Made, Portal, Where, find_where, save, show
from services.capacity.entrypoints.pages.saved import done
from services.capacity.entrypoints.pages.signed_in import names_of
from services.capacity.entrypoints.pages.supervisors import own_supervisor
from services.capacity.entrypoints.pages.views import card_of_one
from services.capacity.entrypoints.pages.words import by_whom
from services.capacity.handlers import owning
from services.capacity.ports import Store
from shared.contracts.vocabulary import EntityId, SiteId
from shared.errors import VersionChanged
from shared.short_code import short_code
from shared.web.forms import CHANGED_MEANWHILE, Form, own_form
from shared.web.viewing import Viewer, Viewing

PERSON = "/vestigingen/{code}/begeleiders/{supervisor}"
SHOWN = 100
About = tuple[str, str]
"""The code of a site, and a supervisor there."""


def add_own_data(site: FastAPI, portal: Portal) -> None:
    """Adds the pages. Nothing is sent or erased but by a form: no link that is followed or fetched ahead does it."""

    @site.get(PERSON + "/inzage")
    async def shown(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, "own_data.html", (code, supervisor))

    @site.post(PERSON + "/inzage")
    async def given(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        await own_form(request, set())
        async with portal.parts.reading() as store:
            where = await find_where(portal, store, viewer, code)
            body = await everything_about(store, await _own_person(store, where, viewer, supervisor))
        name = f"leerplek-begeleider-{short_code(supervisor)}.json"
        return Response(
            json.dumps(body, ensure_ascii=False, indent=2),
            media_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @site.get(PERSON + "/wissen")
    async def asked(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, "erase.html", (code, supervisor))

    @site.post(PERSON + "/wissen")
    async def erase(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"gelezen"})
        if not form.is_on("gelezen"):
            form.errors["gelezen"] = "Zet een vinkje als u het zeker weet."

        async def operation(store: Store, where: Where) -> Made:
            held = await _own_person(store, where, viewer, supervisor)
            if form.text("versie") != str(held.sequence) and not held.is_erased:
                raise VersionChanged("intussen-gewijzigd", CHANGED_MEANWHILE)
            await handlers.erase_supervisor(store, supervisor, where.today)
            return Made(f"supervisor/{supervisor}", 0)  # as the audit tells what was erased

        async def again(form: Form, status: int) -> Response:
            return await _page(portal, request, viewer, "erase.html", (code, supervisor), form, status)

        goto = f"/vestigingen/{code}/begeleiders/{supervisor}"
        answer = await save(portal, request, viewer, form, (code, operation, again, goto))
        await portal.parts.runtime.database.leave_no_trace()
        return answer


async def _own_person(store: Store, where: Where, viewer: Viewer, supervisor: str) -> SupervisorRecord:
    """Somebody who works for them at this site; raises NotFound."""
    await own_supervisor(store, where, supervisor)
    return (await owning.find_own_person(store, viewer.caller, supervisor))[0]


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    template: str,
    about: About,
    form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:
    code, supervisor = about
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        held = await _own_person(store, where, viewer, supervisor)
        await tell_meanwhile(portal, store, form, f"supervisor/{supervisor}", held.sequence)
        own = await owning.own_of(store, viewer.caller)
        changes = await store.changes_of([f"supervisor/{supervisor}", f"name/{supervisor}"], SHOWN)
        names = await names_of(portal.parts, [each.actor for each in changes])
        card = await card_of_one(store, held, where.region, where.today)
        context: dict[str, Any] = {
            "card": card,
            "form": form,
            "lines": [(each.at, done(each), by_whom(each.actor, names)) for each in changes],
            "sites": await _sites(store, held),
            "is_shared": any(not own.has(each) for each in held.supervisor.sites),
            "looks_only": False,
            "keep_days": portal.parts.settings.keep_days,
        }
        return await show(portal, request, store, template, where, status=status, **context)


async def _sites(store: Store, held: SupervisorRecord) -> str:
    """Where somebody works, as people call it."""
    known = await store.sites(held.supervisor.sites)
    return "; ".join(f"{each.name or each.site.id}, {each.town}".strip(", ") for each in known.values())
