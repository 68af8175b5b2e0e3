"""Who has access to what is of one's own organisation: inviting people, and taking access back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity.domain.people import Person
from services.capacity.domain.sessions import address_of
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.signed_in import PERSON
from services.capacity.entrypoints.pages.words import by_whom
from services.capacity.handlers import giving_access
from services.capacity.handlers.giving_access import Giver
from services.capacity.ports.people import Noted, People
from shared.contracts.vocabulary import EntityId
from shared.dutch import dutch_date
from shared.errors import Conflict, DomainError
from shared.security.free_text import check_person_name
from shared.security.roles import DUTCH, PersonRole, Position, position_of
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, new_key, own_form
from shared.web.limiting import RateLimit
from shared.web.viewing import Viewer, Viewing

MOST = 500
LONGEST_NAME = 100
SHOWN = 30
TOLD_OF = (giving_access.INVITED, giving_access.WITHDRAWN)
GONE = "Een vroegere collega"
OWN_ACCESS = "Uw eigen toegang trekt een ander in. Zo blijft er altijd iemand over."
ORGANISATIONS = {
    PersonRole.SCHOOL_TRAINER: "School: BRIN, of BRIN en twee cijfers voor één vestiging.",
    PersonRole.BOARD: "Bestuur: vijf cijfers.",
    PersonRole.INSTITUTE_COORDINATOR: "Opleiding: BRIN.",
    PersonRole.PROGRAMME_MANAGER: "Regio: de code van de regio.",
}
"""How an organisation is filled in."""
TOLD = {"uitgenodigd": "De uitnodiging is onderweg.", "ingetrokken": "De toegang is ingetrokken."}


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody with access; `positions` those that may be taken back here, `others` how many more they have."""

    person: Person
    positions: tuple[Position, ...]
    others: int
    seen: str


def add_people(site: FastAPI, portal: Portal) -> None:
    """Adds the pages. How many people somebody may have mailed in a minute is limited."""
    access, limit = portal.parts.access, RateLimit(portal.parts.settings.sign_in_tries_per_minute)

    @site.get("/mensen")
    async def listed(request: Request, viewer: Viewing, klaar: str = "") -> HTMLResponse:
        return await _page(portal, request, viewer, done=TOLD.get(klaar, ""))

    @site.post("/mensen")
    async def invite(request: Request, viewer: Viewing) -> Response:
        limit.count(request, viewer.person)
        form = await own_form(request, {"email", "naam", "rol", "organisatie"})
        who, wanted, email = await _giver(portal, viewer), _wanted(form), _email(form)
        _check_name(form)
        async with portal.parts.reading() as store, access.reading() as people:
            try:
                await giving_access.check_not_oneself(people, viewer.person, email)
                if wanted is not None:
                    await giving_access.check_given(store, who, wanted)
            except DomainError as broken:
                form.errors["email" if broken.pointer == "/email" else "organisatie"] = broken.detail
        if form.errors or wanted is None:
            return await _page(portal, request, viewer, form, 400)

        async def operation(people: People) -> Answer:
            name = form.text("naam")[:LONGEST_NAME]
            await giving_access.invite(people, email, name, wanted, portal.parts.clock())
            return Answer(303, None, {"Location": "/mensen?klaar=uitgenodigd"})

        answer = await access.changes.once(request, operation, viewer.actor, form.key)
        if answer.status_code == 303:
            return answer
        form.errors[""] = SENT_BEFORE
        return await _page(portal, request, viewer, form, 409)

    @site.post("/mensen/zoek")
    async def search(request: Request, viewer: Viewing) -> Response:
        form = await own_form(request, {"wie"})
        return await _page(portal, request, viewer, wanted=form.text("wie")[:LONGEST_NAME])

    @site.post("/mensen/{person}/intrekken")
    async def withdraw(request: Request, person: EntityId, viewer: Viewing) -> Response:
        async def take(people: People, position: Position) -> None:
            if person == viewer.person:
                raise Conflict("eigen-toegang", OWN_ACCESS)
            await giving_access.withdraw(people, person, position, portal.parts.clock())

        return await _change(request, viewer, take, "ingetrokken")

    @site.post("/mensen/{person}/opnieuw")
    async def again(request: Request, person: EntityId, viewer: Viewing) -> Response:
        async def mail(people: People, position: Position) -> None:
            await giving_access.invite_again(people, person, position, portal.parts.clock())

        return await _change(request, viewer, mail, "uitgenodigd")

    async def _change(
        request: Request, viewer: Viewer, operation: Callable[[People, Position], Awaitable[None]], done: str
    ) -> Response:
        """Does something with somebody's position that is the giver's to give, once, and says so."""
        limit.count(request, viewer.person)
        form = await own_form(request, {"rol"})
        who, position = await _giver(portal, viewer), position_of(form.text("rol"))
        async with portal.parts.reading() as store:
            await giving_access.check_given(store, who, position)

        async def carry_out(people: People) -> Answer:
            await operation(people, position)
            return Answer(303, None, {"Location": f"/mensen?klaar={done}"})

        try:
            answer = await access.changes.once(request, carry_out, viewer.actor, form.key)
        except Conflict as broken:
            form.errors[""] = broken.detail
            return await _page(portal, request, viewer, form, 409)
        if answer.status_code == 303:
            return answer
        form.errors[""] = SENT_BEFORE
        return await _page(portal, request, viewer, form, 409)


def _wanted(form: Form) -> Position | None:
    role, org = form.text("rol"), form.text("organisatie").upper()
    if role not in set(PersonRole):
        form.errors["rol"] = "Kies een rol."
        return None
    try:
        return Position(PersonRole(role), "" if role == PersonRole.OPERATOR else org)
    except DomainError as broken:
        form.errors["organisatie"] = broken.detail
        return None


def _check_name(form: Form) -> None:
    try:
        check_person_name(form.text("naam"), "/naam")
    except DomainError as wrong:
        form.errors["naam"] = wrong.detail


def _email(form: Form) -> str:
    try:
        return address_of(form.text("email"))
    except DomainError as wrong:
        form.errors["email"] = wrong.detail
        return ""


async def _giver(portal: Portal, viewer: Viewer) -> Giver:
    assert viewer.position is not None  # these pages are there only where people sign in
    async with portal.parts.reading() as store:
        return await giving_access.giver(store, viewer.position)


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    form: Form | None = None,
    status: int = 200,
    *,
    done: str = "",
    wanted: str = "",
) -> HTMLResponse:
    who = await _giver(portal, viewer)
    async with portal.parts.access.reading() as people:
        found = await _found(people, who, wanted)
        noted = [each for each in await people.noted(TOLD_OF, MOST) if who.reach is None or each.position in who.reach]
        names = await people.names({each.person for each in noted} | {_person(each.actor) for each in noted})
        shown = {each.org for person in found for each in person.positions} | {each.position.org for each in noted}
        called = await people.called({*shown, who.position.org})
    context = {
        "lines": _lines(found, who),
        "roles": [(each.value, DUTCH[each].capitalize()) for each in who.roles],
        "values": dict(form.values) if form else {"rol": who.roles[0].value, "organisatie": _own_org(who)},
        "org_hint": " ".join(ORGANISATIONS[each] for each in who.roles if each in ORGANISATIONS),
        "needs_org": PersonRole.OPERATOR not in who.roles,
        "form": form,
        "done": done,
        "wanted": wanted,
        "key": new_key(),
        "mails": portal.parts.access.letterbox is not None,
        "words": viewer.called or who.position.words.capitalize(),
        "called": called,
        "own": viewer.person,
        "history": [_told(each, names, called) for each in noted[:SHOWN]],
    }
    return portal.pages.render(request, "people.html", status=status, **context)


def _own_org(who: Giver) -> str:
    """What is filled in for who gives one kind of role only: their own organisation."""
    return who.position.org if len(who.roles) == 1 else ""


async def _found(people: People, who: Giver, wanted: str) -> Sequence[Person]:
    """Those within reach; with `wanted` who has that address, who is of that organisation, or whose name has it in it."""
    if "@" in wanted:
        found = await people.with_address(wanted)
        theirs = found is not None and (who.reach is None or bool(who.reach & set(found.positions)))
        return [found] if found is not None and theirs else []
    is_org = bool(wanted) and any(map(str.isdigit, wanted))
    if is_org:
        asked = {each for each in (_position(role, wanted.upper()) for role in PersonRole) if each is not None}
        return await people.people_at(asked if who.reach is None else asked & who.reach, MOST)
    found_all = await people.people_at(who.reach, MOST)
    return [each for each in found_all if wanted.casefold() in each.called.casefold()]


def _position(role: PersonRole, org: str) -> Position | None:
    try:
        return Position(role, org)
    except DomainError:
        return None


def _person(actor: str) -> str:
    return actor.removeprefix(PERSON)


def _told(noted: Noted, names: Mapping[str, str], orgs: Mapping[str, str]) -> tuple[datetime, str]:
    """Who gave or took what, in a sentence."""
    whom, words = names.get(noted.person, GONE), noted.position.words_at(orgs.get(noted.position.org, ""))
    called = {PERSON + person: name for person, name in names.items()}
    verb = "kreeg toegang" if noted.action == giving_access.INVITED else "heeft geen toegang meer"
    return noted.at, f"{whom} {verb} als {words}, {by_whom(noted.actor, called)}"


def _lines(found: Sequence[Person], who: Giver) -> list[Line]:
    lines = []
    for each in sorted(found, key=lambda one: one.called.casefold()):
        mine = tuple(one for one in each.positions if who.reach is None or one in who.reach)
        seen = f"laatst gezien op {dutch_date(each.seen_at.date())}" if each.seen_at else "nog niet aangemeld"
        lines.append(Line(each, mine, len(each.positions) - len(mine), seen))
    return lines
