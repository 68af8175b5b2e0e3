"""The pages on which an organisation says who of its people hears what: somebody new, another address, wishes, absence, or gone."""

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.contacts import LONGEST_AHEAD, Contact, Role
from services.notifier.domain.subscriptions import roles_in
from services.notifier.entrypoints.contact_bodies import EmailAddress
from services.notifier.entrypoints.pages import away_words, link_words, wish_words
from services.notifier.entrypoints.pages.away import read_absence, shown_absence
from services.notifier.entrypoints.pages.codes import Code
from services.notifier.entrypoints.pages.wishes import Person, WishForm, read_fields, read_wishes, shown_wishes
from services.notifier.entrypoints.pages.words import WORDS
from services.notifier.handlers import contacts
from services.notifier.handlers.belonging import is_of, roles_of
from services.notifier.handlers.contacts import (
    find_contact,
    put_contact,
    retry_address,
    unknown_contact,
    unknown_organisation,
)
from services.notifier.handlers.wishing import wish, wishes_of
from services.notifier.ports import Store
from shared.contracts.vocabulary import EntityId
from shared.dutch import dutch_day
from shared.errors import DomainError
from shared.web.forms import Form, Seen, new_key, own_form
from shared.web.own_page import require_own_page
from shared.web.pages import Pages
from shared.web.viewing import Viewer, Viewing

ONE = "/contacten/{contact}"
FIELDS = {"rol", "email", "naam", "telefoon"}
FIELD_OF = {"/email": "email", "/name": "naam", "/phone": "telefoon", "/organisation": "rol"}
LONGEST_NAME = 100
KEPT, TRIED, GONE = "gewijzigd", "opnieuw", "weg"
OF_A_COLLEAGUE = (away_words.OF_A_COLLEAGUE, link_words.OF_A_COLLEAGUE)
DONE = {
    KEPT: "Wat u invulde geldt vanaf het volgende bericht.",
    TRIED: "Het adres krijgt weer berichten. Komt er weer een terug, dan staat dat hier.",
    GONE: "Deze persoon staat niet meer in Leerplek.",
}


def add_contact_pages(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the pages."""
    _registering(site, parts, pages)
    _changing(site, parts, pages)
    _choosing(site, parts, pages)
    _caring(site, parts)


def _registering(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/organisaties/{code}/nieuw")
    async def new(request: Request, viewer: Viewing, code: Code) -> Response:
        await _must_be_own(parts, viewer, code)
        return _form(request, pages, code, None, Form({}))

    @site.post("/organisaties/{code}/nieuw")
    async def register(request: Request, viewer: Viewing, code: Code) -> Response:
        await _must_be_own(parts, viewer, code)
        form = await own_form(request, FIELDS)
        wanted = _wanted(form, Contact(str(uuid.uuid5(uuid.NAMESPACE_URL, form.key)), code, _role(form, code), ""))
        return await _put(request, parts, pages, viewer, form, wanted, is_new=True)


def _changing(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get(f"{ONE}/wijzigen")
    async def change(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        async with parts.reading() as store:
            held = await own_contact(store, viewer, contact)
        typed = {"email": held.email, "naam": held.name or "", "telefoon": held.phone or ""}
        return _form(request, pages, held.organisation, held, Form(typed))

    @site.post(f"{ONE}/wijzigen")
    async def save(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        async with parts.reading() as store:
            held = await own_contact(store, viewer, contact)
        form = await own_form(request, FIELDS)
        return await _put(request, parts, pages, viewer, form, _wanted(form, held), is_new=False)


def _choosing(site: FastAPI, parts: Parts, pages: Pages) -> None:
    async def person(viewer: Viewer, contact: str) -> Person:
        async with parts.reading() as store:
            held = await own_contact(store, viewer, contact)
        return Person(held, [held])

    def wishes(request: Request, whose: Person, form: WishForm) -> Response:
        shown = shown_wishes(
            whose, form, f"/contacten/{whose.first.id}", link_words.OF_A_COLLEAGUE, wish_words.OF_A_COLLEAGUE
        ) | {"who": _name(whose.first)}
        return pages.render(request, "contact_wishes.html", status=400 if form.problem else 200, **shown)

    async def absence(request: Request, whose: Person, **of_form: Any) -> Response:
        async with parts.reading() as store:
            known = await store.contacts(whose.first.organisation)
        shown = shown_absence(whose, known, dutch_day(parts.clock()), OF_A_COLLEAGUE, **of_form) | {
            "who": _name(whose.first)
        }
        status, back = (400 if shown["problem"] else 200), f"/contacten/{whose.first.id}"
        return pages.render(request, "contact_away.html", status=status, **shown, back=back)

    @site.get(f"{ONE}/voorkeuren")
    async def choose(request: Request, viewer: Viewing, contact: EntityId, opgeslagen: bool = False) -> Response:
        whose = await person(viewer, contact)
        return wishes(request, whose, WishForm(wishes_of(whose.first, whose.contacts), is_saved=opgeslagen))

    @site.post(f"{ONE}/voorkeuren")
    async def chosen(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        require_own_page(request)
        whose = await person(viewer, contact)
        form = read_wishes(await read_fields(request), wish_words.OF_A_COLLEAGUE)
        try:
            if form.problem:
                return wishes(request, whose, form)
            async with parts.runtime.database.transaction() as tx:
                store = parts.store(tx, viewer.actor)
                await wish(store, [await own_contact(store, viewer, contact)], form.wishes)
        except DomainError as problem:
            return wishes(request, whose, WishForm(form.wishes, problem=problem.detail))
        return _done(parts, f"/contacten/{contact}/voorkeuren?opgeslagen=true")

    @site.get(f"{ONE}/afwezig")
    async def away(request: Request, viewer: Viewing, contact: EntityId, opgeslagen: bool = False) -> Response:
        return await absence(request, await person(viewer, contact), is_saved=opgeslagen)

    @site.post(f"{ONE}/afwezig")
    async def is_away(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        require_own_page(request)
        whose, fields = await person(viewer, contact), await read_fields(request)
        try:
            async with parts.runtime.database.transaction() as tx:
                store = parts.store(tx, viewer.actor)
                held = await own_contact(store, viewer, contact)
                wanted = read_absence(fields, away_words.OF_A_COLLEAGUE, dutch_day(parts.clock()), LONGEST_AHEAD)
                await contacts.be_absent(store, [held], wanted, parts.clock())
        except DomainError as problem:
            return await absence(request, whose, fields=fields, problem=problem.detail)
        return _done(parts, f"/contacten/{contact}/afwezig?opgeslagen=true")


def _caring(site: FastAPI, parts: Parts) -> None:
    @site.post(f"{ONE}/opnieuw")
    async def retry(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        require_own_page(request)
        async with parts.runtime.database.transaction() as tx:
            store = parts.store(tx, viewer.actor)
            await own_contact(store, viewer, contact)
            await retry_address(store, contact, parts.clock())
        return _done(parts, f"/contacten/{contact}?klaar={TRIED}")

    @site.post(f"{ONE}/verwijderen")
    async def delete(request: Request, viewer: Viewing, contact: EntityId) -> Response:
        require_own_page(request)
        async with parts.runtime.database.transaction() as tx:
            store = parts.store(tx, viewer.actor)
            held = await own_contact(store, viewer, contact)
            await contacts.delete_contact(store, parts.composer, contact, lambda _version: None, parts.clock())
        return _done(parts, f"/organisaties/{held.organisation}?klaar={GONE}")


async def own_contact(store: Store, viewer: Viewer, contact: str) -> Contact:
    """A contact of theirs; raises NotFound: that another's is there is not for everybody to know."""
    held = await find_contact(store, contact)
    if not await is_of(store, [held.organisation], organisation_of(viewer.caller)):
        raise unknown_contact()
    return held


async def _must_be_own(parts: Parts, viewer: Viewer, code: str) -> None:
    async with parts.reading() as store:
        is_own = await is_of(store, [code], organisation_of(viewer.caller))
        roles = await roles_of(store, code)
    if not (is_own and roles):
        raise unknown_organisation()


async def _put(
    request: Request, parts: Parts, pages: Pages, viewer: Viewer, form: Form, wanted: Contact, *, is_new: bool
) -> Response:
    seen = Seen(form)
    if not form.errors:
        try:
            async with parts.runtime.database.transaction() as tx:
                after, _ = await put_contact(parts.store(tx, viewer.actor), parts.composer, wanted, seen, parts.clock())
                seen.settle(after.version)
            return _done(parts, f"/contacten/{wanted.id}?klaar={KEPT}")
        except DomainError as problem:
            form.errors[FIELD_OF.get(problem.pointer or "", "")] = problem.detail
    return _form(request, pages, wanted.organisation, None if is_new else wanted, form)


def _wanted(form: Form, held: Contact) -> Contact:
    """The contact as the form has it; what is wrong with it stands in its errors."""
    email, name, phone = (form.text(each) for each in ("email", "naam", "telefoon"))
    try:
        email = TypeAdapter(EmailAddress).validate_python(email)
    except ValidationError:
        form.errors["email"] = "Vul een e-mailadres in waarheen wij kunnen sturen."
    if len(name) > LONGEST_NAME:
        form.errors["naam"] = f"Een naam heeft hoogstens {LONGEST_NAME} tekens."
    return Contact(
        held.id,
        held.organisation,
        held.role,
        email,
        name or None,
        phone or None,
        held.version,
        held.preferences,
        held.absence,
        held.stopped,
        held.doubted_at,
    )


def _form(request: Request, pages: Pages, code: str, held: Contact | None, form: Form) -> Response:
    names: Mapping[Role, str] = WORDS["roles"]
    shown: dict[str, Any] = {
        "title": f"Wijzig {_name(held)}" if held else f"Schrijf iemand in bij {code}",
        "back": f"/contacten/{held.id}" if held else f"/organisaties/{code}",
        "back_to": _name(held) if held else code,
        "form": form,
        "values": form.values,
        "version": form.next_version(held.version) if held else None,
        "roles_of": [] if held else [(str(role), names[role]) for role in roles_in(code)],
        "key": new_key(),
    }
    return pages.render(request, "contact_form.html", status=400 if form.errors else 200, **shown)


def _role(form: Form, code: str) -> Role:
    allowed = {str(role): role for role in roles_in(code)}
    if form.text("rol") not in allowed:
        form.errors["rol"] = "Kies een rol uit de lijst."
    return allowed.get(form.text("rol"), next(iter(allowed.values())))


def _name(contact: Contact) -> str:
    return contact.name or "dit contact"


def _done(parts: Parts, address: str) -> Response:
    parts.committed()
    return RedirectResponse(address, 303)
