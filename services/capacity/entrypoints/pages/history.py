"""Who changed what at a site, newest first, and taking it back within a day."""

from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity.domain.restoring import WITHIN
from services.capacity.entrypoints.pages.differences import Difference, differences
from services.capacity.entrypoints.pages.portal import Made, Portal, Where, find_where, save, show
from services.capacity.entrypoints.pages.saved import UNDOABLE, done, is_of_site
from services.capacity.entrypoints.pages.signed_in import names_of
from services.capacity.entrypoints.pages.views import title_of
from services.capacity.entrypoints.pages.words import by_whom, words_of
from services.capacity.handlers import undoing
from services.capacity.ports import Store, WorkplaceFilter
from shared.audited import Change
from shared.contracts.vocabulary import SiteId
from shared.errors import NotFound
from shared.short_code import short_code
from shared.web.forms import Form, own_form
from shared.web.viewing import Viewer, Viewing

SHOWN = 60
COMPARED = ("supervisor/", "workplace/")
MOST_WORKPLACES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One change with what is different since, as far as that is kept; `can_undo` when it is the newest and of the last day."""

    who: str
    what: str
    by: str
    at: datetime
    aggregate: str
    sequence: int
    can_undo: bool
    differences: tuple[Difference, ...] = ()


def add_history(site: FastAPI, portal: Portal) -> None:
    """Adds the page, and undoing."""

    @site.get("/vestigingen/{code}/wijzigingen")
    async def listed(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, code)

    @site.post("/vestigingen/{code}/ongedaan")
    async def undo(request: Request, code: SiteId, viewer: Viewing) -> Response:
        form = await own_form(request, {"wat", "nummer"})
        aggregate, number = form.text("wat"), form.number("nummer", 2**31 - 1) or 0

        async def operation(store: Store, where: Where) -> Made:
            if not aggregate.startswith(UNDOABLE) or not await is_of_site(store, aggregate, where.site):
                raise NotFound("onbekende-wijziging", "Deze wijziging kennen we niet.")
            sequence = await undoing.undo(store, aggregate, number, portal.parts.clock(), where.today)
            return Made(aggregate, sequence)

        async def again(form: Form, status: int) -> Response:
            return await _page(portal, request, viewer, code, form, status)

        goto = f"/vestigingen/{code}/wijzigingen"
        return await save(portal, request, viewer, form, (code, operation, again, goto))


async def _page(
    portal: Portal, request: Request, viewer: Viewer, code: str, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        lines = await _lines(portal, store, where)
        return await show(portal, request, store, "history.html", where, status=status, lines=lines, form=form)


async def _lines(portal: Portal, store: Store, where: Where) -> list[Line]:
    code = where.site.site.id
    people = {each.supervisor.id: each for each in await store.supervisors_of(where.site)}
    titles = await store.names(list(people))
    offered = {
        each.workplace.id: each
        for each in await store.workplaces_where(WorkplaceFilter(sites=[code]), None, MOST_WORKPLACES)
    }
    students = [each.student for each in await store.places_at(code)]
    called = {f"supervisor/{each}": title_of(record, titles.get(each)) for each, record in people.items()}
    called |= {f"name/{each}": called[f"supervisor/{each}"] for each in people}
    called |= {f"workplace/{each}": f"Leerwerkplek {words_of(one.workplace.subject)}" for each, one in offered.items()}
    called |= {f"school-decision/{each}": f"Student {short_code(each)}" for each in students}
    called[f"site/{code}"] = where.site.name or f"Vestiging {code}"
    newest = {f"supervisor/{each}": record.sequence for each, record in people.items() if not record.is_erased}
    newest |= {f"workplace/{each}": one.sequence for each, one in offered.items()}
    changes = await store.changes_of(list(called), SHOWN)
    renamed = {each.aggregate: each for each in reversed(changes) if each.aggregate.startswith("name/")}
    newest |= {each: change.sequence for each, change in renamed.items()}
    names, now = await names_of(portal.parts, [each.actor for each in changes]), portal.parts.clock()
    kept = await store.versions_of({each.aggregate for each in changes if each.aggregate.startswith(COMPARED)})
    lines = []
    for each in changes:
        is_newest = newest.get(each.aggregate) == each.sequence and renamed.get(each.aggregate, each) is each
        line = _line(each, called[each.aggregate], by_whom(each.actor, names), is_newest, now)
        if each.aggregate.startswith("name/") and line.can_undo:
            person = each.aggregate.removeprefix("name/")
            before = await store.name_before(person, each.sequence)
            changed = () if before is None else (("Naam", before, titles.get(person, "")),)
            lines.append(replace(line, can_undo=before is not None, differences=changed))
            continue
        was, is_now = kept.get((each.aggregate, each.sequence - 1)), kept.get((each.aggregate, each.sequence))
        lines.append(replace(line, differences=tuple(differences(was, is_now)) if was and is_now else ()))
    return lines


def _line(change: Change, who: str, by: str, is_newest: bool, now: datetime) -> Line:
    can_undo = is_newest and now - change.at <= WITHIN
    return Line(who, done(change), by, change.at, change.aggregate, change.sequence, can_undo)
