"""The page on which an organisation sees and chooses how its messages arrive: as mail, in its own system, at a test address, or not at all."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.contacts import is_board
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.entrypoints.contact_bodies import EmailAddress
from services.notifier.entrypoints.pages.codes import Code
from services.notifier.handlers import reading
from services.notifier.handlers.belonging import is_of, roles_of, sites_of
from services.notifier.handlers.contacts import find_mode, leave_mode, put_mode, unknown_organisation
from services.notifier.ports import Store
from shared.errors import DomainError
from shared.web.forms import Form, Seen, new_key, own_form
from shared.web.pages import Pages
from shared.web.viewing import Viewer, Viewing

ARRIVING = "/organisaties/{code}/aankomst"
FIELDS = {"manier", "testadres"}
FIELD_OF = {"/address": "testadres", "/mode": "manier"}
AS_HEAD = "zoals-boven"
"""A site leaves it to its school or its board."""
WAYS = (
    (Mode.LIVE, "Als e-mail", "Iedereen krijgt de berichten op het eigen adres."),
    (
        Mode.WEBHOOK,
        "In ons eigen systeem",
        "Uw systeem krijgt de meldingen, en uw mensen geen e-mail. Neemt het systeem iets niet aan, dan gaat er alsnog e-mail.",
    ),
    (Mode.TEST, "Naar een testadres", "Om te proberen: alles gaat naar één adres, en verder krijgt niemand iets."),
    (Mode.PREVIEW, "Nergens heen", "Om te kijken: berichten staan alleen op de pagina’s, en niemand krijgt iets."),
)


def add_mode_pages(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the page."""

    @site.get(ARRIVING)
    async def show(request: Request, viewer: Viewing, code: Code, opgeslagen: bool = False) -> Response:
        return await _page(request, parts, pages, viewer, code, is_saved=opgeslagen)

    @site.post(ARRIVING)
    async def choose(request: Request, viewer: Viewing, code: Code) -> Response:
        form = await own_form(request, FIELDS)
        mode, address = (None, None) if form.text("manier") == AS_HEAD else _wanted(form)
        if not form.errors:
            seen = Seen(form)
            try:
                async with parts.runtime.database.transaction() as tx:
                    store = parts.store(tx, viewer.actor)
                    await _must_be_own(store, viewer, code)
                    after = (
                        await put_mode(store, code, mode, address, seen)
                        if mode is not None
                        else await leave_mode(store, code, seen)
                    )
                    seen.settle(after.version)
                parts.committed()
                return RedirectResponse(f"/organisaties/{code}/aankomst?opgeslagen=true", 303)
            except DomainError as problem:
                form.errors[FIELD_OF.get(problem.pointer or "", "")] = problem.detail
        return await _page(request, parts, pages, viewer, code, form)


async def _page(
    request: Request,
    parts: Parts,
    pages: Pages,
    viewer: Viewer,
    code: str,
    form: Form | None = None,
    *,
    is_saved: bool = False,
) -> Response:
    async with parts.reading() as store:
        await _must_be_own(store, viewer, code)
        held, modes = await find_mode(store, code), await store.modes()
        name = await reading.find_name(store, code)
        below, has_system = await sites_of(store, code), await store.has_system(code)
    head = modes.above(code)
    ways = [(str(mode), words, more) for mode, words, more in WAYS]
    shown: dict[str, Any] = {
        "code_of": code,
        "name_of": name,
        "form": form,
        "values": form.values if form else _values(held, head),
        "ways": [_as_head(head), *ways] if head is not None else ways,
        "version": form.next_version(held.version) if form else held.version,
        "is_board": is_board(code),
        "has_sites": bool(below),
        "has_system": has_system,
        "is_saved": is_saved,
        "key": new_key(),
    }
    return pages.render(request, "mode_form.html", status=400 if form and form.errors else 200, **shown)


async def _must_be_own(store: Store, viewer: Viewer, code: str) -> None:
    is_own = await is_of(store, [code], organisation_of(viewer.caller))
    if not is_own or not (is_board(code) or await sites_of(store, code) or await roles_of(store, code)):
        raise unknown_organisation()


def _as_head(head: ModeSetting) -> tuple[str, str, str]:
    """The choice of leaving it to the school or the board, and what that chose."""
    who = "het bestuur" if is_board(head.organisation) else "de school"
    chosen = next(name for mode, name, _ in WAYS if mode is head.mode)
    return AS_HEAD, f"Zoals {who} koos voor alle vestigingen", f"Nu is dat: {chosen[:1].lower()}{chosen[1:]}."


def _values(held: ModeSetting, head: ModeSetting | None) -> dict[str, str]:
    if held.version == 0 and head is not None:
        return {"manier": AS_HEAD, "testadres": ""}
    return {"manier": str(held.mode), "testadres": held.address or ""}


def _wanted(form: Form) -> tuple[Mode, str | None]:
    """What the form asks; what is wrong with it stands in its errors. An address counts for a test alone."""
    if form.text("manier") not in [str(each) for each in Mode]:
        form.errors["manier"] = "Kies hoe de berichten aankomen."
        return Mode.LIVE, None
    mode = Mode(form.text("manier"))
    if mode is not Mode.TEST:
        return mode, None
    try:
        return mode, TypeAdapter(EmailAddress).validate_python(form.text("testadres"))
    except ValidationError:
        form.errors["testadres"] = "Vul een e-mailadres in waarheen wij kunnen sturen."
        return mode, None
