"""The pages for staff: which alerts go on, which are mine, which are over; one of them with all that happened, and what to do."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.alerts import Alert, AlertKind, Level, alert_id
from services.notifier.domain.contacts import PLATFORM
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters.calling import Names
from services.notifier.entrypoints.bodies import alert_after, alert_cursor
from services.notifier.entrypoints.pages.forms import read_answer
from services.notifier.entrypoints.pages.link_words import DUTCH
from services.notifier.entrypoints.pages.telling import snooze_days, tell_alert, who_is
from services.notifier.entrypoints.pages.words import DONE
from services.notifier.handlers.answering import Deed, act
from services.notifier.handlers.gathering import gather_knowledge
from services.notifier.handlers.looking import open_file
from services.notifier.ports.looking import AlertFilter
from shared.dutch import dutch_day
from shared.security.roles import CARE_FOR_ALERTS
from shared.web.own_page import require_own_page
from shared.web.pages import Pages
from shared.web.viewing import Viewing

PAGE = 50


class View(StrEnum):
    """Which alerts one looks at."""

    OPEN = "open"
    MINE = "mijn"
    HISTORY = "geschiedenis"


VIEWS = {View.OPEN: "Lopend", View.MINE: "Van mij", View.HISTORY: "Voorbij"}
Subject = Annotated[str, Path(max_length=200)]
Code = Annotated[str, Query(max_length=32)]


def add_alerts(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the list and the page of one."""
    _listing(site, parts, pages)
    _one(site, parts, pages)


def _listing(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/meldingen")
    async def alerts(
        request: Request,
        viewer: Viewing,
        laat: View = View.OPEN,
        soort: Code = "",
        ernst: Code = "",
        regio: Code = "",
        organisatie: Code = "",
        voor: Annotated[str, Query(max_length=300)] = "",
    ) -> Response:
        own = organisation_of(viewer.caller)
        wanted = AlertFilter(
            is_over=laat is View.HISTORY,
            kind=AlertKind(soort) if soort in set(AlertKind) else None,
            level=Level(ernst) if ernst in set(Level) else None,
            region=regio.strip().upper() or None,
            organisation=organisatie.strip().upper() or None,
            concerns=own,
            told_to=(own or PLATFORM) if laat is View.MINE else None,
            before=alert_after(voor),
            limit=PAGE + 1,
        )
        async with parts.reading() as store:
            found = await store.alerts_where(wanted)
            knowledge = await gather_knowledge(store, found[:PAGE], parts.clock())
            regions = sorted((each.id, each.name or each.id) for each in knowledge.regions.values())
        asked = {"laat": laat, "soort": soort, "ernst": ernst, "regio": regio, "organisatie": organisatie}
        kept: dict[str, str] = {name: value for name, value in asked.items() if value}
        older = f"/meldingen?{urlencode({**kept, 'voor': alert_cursor(found[PAGE - 1])})}" if len(found) > PAGE else ""
        shown: dict[str, Any] = {
            "alerts": [(address_of(each), tell_alert(each, knowledge)) for each in found[:PAGE]],
            "views": [(view, word, f"/meldingen?{urlencode({**kept, 'laat': view})}") for view, word in VIEWS.items()],
            "view": laat,
            "regions": regions,
            "older": older,
            "is_filtered": bool(soort or ernst or regio or organisatie or voor),
            **asked,
        }
        return pages.render(request, "alerts.html", **shown)


def _one(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/meldingen/{kind}/{subject:path}")
    async def alert(
        request: Request, viewer: Viewing, kind: AlertKind, subject: Subject, gedaan: Deed | None = None
    ) -> Response:
        now = parts.clock()
        async with parts.reading() as store:
            file = await open_file(store, alert_id(kind, subject), organisation_of(viewer.caller), now)
        shown: dict[str, Any] = {
            "each": tell_alert(file.alert, file.knowledge),
            **_places(file.alert, file.knowledge),
            "told": [(each, who_is(each.contact, file)) for each in file.told],
            "deeds": [(each, who_is(each.by, file)) for each in file.done],
            "own": file.own,
            "can_act": CARE_FOR_ALERTS in viewer.caller.scopes and file.alert.is_live and not file.alert.is_fact,
            "address": address_of(file.alert),
            "modes": file.modes,
            "days": snooze_days(dutch_day(now)),
            "done": DONE.get(gedaan, "") if gedaan else "",
        }
        return pages.render(request, "alert.html", **shown)

    @site.post("/meldingen/{kind}/{subject:path}")
    async def do(request: Request, viewer: Viewing, kind: AlertKind, subject: Subject) -> Response:
        require_own_page(request)
        given, alert, by = await read_answer(request), alert_id(kind, subject), viewer.actor
        async with parts.runtime.database.transaction() as tx:
            store = parts.store(tx, by)
            file = await open_file(store, alert, organisation_of(viewer.caller), parts.clock())
            await act(store, alert, given, by, parts.clock(), viewer.caller.org or None)
        parts.committed()
        return RedirectResponse(f"{address_of(file.alert)}?gedaan={given.deed}", 303)


def _places(alert: Alert, knowledge: Knowledge) -> dict[str, str]:
    """The region and the school of an alert, by name where that is known."""
    case = alert.case
    region = knowledge.regions.get(case.region)
    school = Names(DUTCH.phrases, knowledge).site(case.site) if case.site else ""
    return {"region": region.name if region and region.name else case.region, "school": school}


def address_of(alert: Alert) -> str:
    """Where the page of an alert is."""
    return f"/meldingen/{quote(alert.id)}"
