"""The home page of a site: what needs somebody today, and the quickest way to say who is not there."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.domain.guidance import Gap
from services.capacity.domain.regions import Region, day_in
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.entrypoints.pages.placed import Student, read_offers, read_students
from services.capacity.entrypoints.pages.portal import Made, Part, Portal, Where, find_where, save, show, show_part
from services.capacity.entrypoints.pages.saved import effect_of
from services.capacity.entrypoints.pages.supervisors import own_supervisor
from services.capacity.entrypoints.pages.views import Card, cards_of
from services.capacity.handlers import undoing
from services.capacity.ports import Store
from shared.contracts.availability import Absence
from shared.contracts.region import Period
from shared.contracts.vocabulary import SiteId
from shared.errors import DomainError
from shared.short_code import short_code
from shared.web.forms import Form, own_form
from shared.web.viewing import Viewer, Viewing

ASK_BEFORE = timedelta(days=60)
"""So long before a period begins a school is asked whether its hours and places are right."""
UNGUIDED = (Gap.NOW, Gap.IN_PROPOSAL, Gap.AT_START)
"""What a school can do something about; who is back in time needs nobody."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """What waits for a school."""

    proposals: list[Student]
    offers: list[Student]
    endless: list[Card]
    unguided: list[Student]
    lost: list[str]
    to_check: list[Period]

    @property
    def count(self) -> int:
        """How many there are."""
        answers = len(self.proposals) + len(self.offers)
        return answers + len(self.endless) + len(self.unguided) + len(self.lost) + len(self.to_check)


def add_today(site: FastAPI, portal: Portal) -> None:
    """Adds the home page of a site and what can be done on it."""

    @site.get("/vestigingen/{code}")
    async def today(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, code)

    @site.get("/vestigingen/{code}/nieuws")
    async def news(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            where = await find_where(portal, store, viewer, code)
            effect = await effect_of(store, request, where.site, portal.parts.clock())
            is_complete = effect is None or effect.is_complete
            part = Part("effect.html", "Wat het plan deed", where.base, is_complete)
            return await show_part(portal, request, store, where, part, effect=effect)

    @site.post("/vestigingen/{code}/snel")
    async def quick(request: Request, code: SiteId, viewer: Viewing) -> Response:
        form = await own_form(request, {"wie", "wat", "dag"})
        day = form.needed_date("dag")
        person, what = form.text("wie"), form.text("wat")
        if not person:
            form.errors["wie"] = "Kies eerst wie het is."

        async def operation(store: Store, where: Where) -> Made:
            assert day is not None
            held = await _report(store, await own_supervisor(store, where, person), what, day, where.today)
            return Made(f"supervisor/{person}", held.sequence)

        async def again(form: Form, status: int) -> Response:
            form.errors = {"dag" if name in ("start", "on") else name: detail for name, detail in form.errors.items()}
            return await _page(portal, request, viewer, code, form, status)

        goto = f"/vestigingen/{code}/begeleiders/{person}" if what == "afwezig" else f"/vestigingen/{code}"
        return await save(portal, request, viewer, form, (code, operation, again, goto))

    @site.post("/vestigingen/{code}/klopt")
    async def checked(request: Request, code: SiteId, viewer: Viewing) -> Response:
        form = await own_form(request, {"periode"})

        async def operation(store: Store, where: Where) -> Made:
            await undoing.check_site(store, code, form.text("periode"))
            return Made(f"site/{code}", where.site.sequence)

        async def again(form: Form, status: int) -> Response:
            return await _page(portal, request, viewer, code, form, status)

        return await save(portal, request, viewer, form, (code, operation, again, f"/vestigingen/{code}"))


async def _report(store: Store, held: SupervisorRecord, what: str, day: date, today: date) -> SupervisorRecord:
    """What is known already of an absence from that day, such as its end, stays: who looked it up said more."""
    person = held.supervisor.id
    match what:
        case "afwezig":
            known = next((each for each in held.supervisor.absences if each.start == day), None)
            return await handlers.report_absence(store, person, known or Absence(start=day), today, _any_version)
        case "terug":
            return await handlers.report_return(store, person, day, today, _any_version)
        case _:
            raise DomainError("onbekende-keuze", "Kies of iemand afwezig is of terug is.")


async def _page(
    portal: Portal, request: Request, viewer: Viewer, code: str, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        cards = await cards_of(store, await store.supervisors_of(where.site), where.region, where.today)
        students = await read_students(store, where, cards)
        tasks = await _tasks(store, where, cards, students)
        figures = (
            (sum(card.status != "departed" for card in cards), "begeleiders"),
            (sum(card.status == "absent" for card in cards), "nu afwezig"),
            (len(students), "studenten"),
        )
        own = sorted((each for each in cards if each.is_of_school and each.status != "departed"), key=_by_title)
        who = [(each.id, f"{each.title} (nu afwezig)" if each.now else each.title) for each in own]
        context = {"tasks": tasks, "figures": figures, "who": who, "form": form}
        return await show(portal, request, store, "today.html", where, status=status, **context)


async def _tasks(store: Store, where: Where, cards: list[Card], students: list[Student]) -> Tasks:
    lost = await store.lost_at(where.site.site.id)
    return Tasks(
        [each for each in students if each.waits],
        await read_offers(store, where),
        [card for card in cards if card.now is not None and card.now.end is None and card.is_of_school],
        [each for each in students if each.gap in UNGUIDED],
        [short_code(each.student) for each in lost],
        await _to_check(store, where.site.site.id, where.region, where.today),
    )


async def _to_check(store: Store, site: str, region: Region, today: date) -> list[Period]:
    """The period that is going on or about to begin, when the school did not say yet that all is right for it."""
    checked = {each.period for each in await store.checks([site])}
    day = day_in(region, today)
    asked = [each for each in region.terms.periods if each.end >= day and each.start - ASK_BEFORE <= day]
    return [each for each in asked if each.id not in checked][:1]


def _by_title(card: Card) -> str:
    return card.title.casefold()


def _any_version(_sequence: int) -> None:
    """Who reports from the home page reports what is so; the page they saw need not be the newest."""
