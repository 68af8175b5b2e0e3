"""The page of one student: the place, why, what was done, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.intake import handlers
from services.intake.entrypoints.pages.access import STUDENT
from services.intake.entrypoints.pages.desk import Desk, Part, Where, show, show_part, where_of
from services.intake.entrypoints.pages.reasons import facts_of, helping, obstacles, reason_of, useless
from services.intake.entrypoints.pages.showing import Shown, in_words, shown
from services.intake.entrypoints.pages.words import DONE, SECTORS, by_whom, misfit
from services.intake.handlers.doubting import doubt_of
from services.intake.ports import Outcome
from shared.audited import Change
from shared.contracts.registrations import Student
from shared.contracts.vocabulary import EntityId, InstituteId, MismatchKind
from shared.dutch import dutch_day, dutch_moment, dutch_time
from shared.phases import phase_words
from shared.web.forms import Form
from shared.web.viewing import Viewer, Viewing

DAYS = {"mon": "ma", "tue": "di", "wed": "wo", "thu": "do", "fri": "vr", "sat": "za", "sun": "zo"}
MOST_VERSION = 9


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody did something, in words."""

    at: datetime
    what: str
    by: str


def add_student(site: FastAPI, desk: Desk) -> None:
    """Adds the page, its explanation and what the plan did after a change."""

    @site.get(STUDENT)
    async def one(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        return await student_page(desk, request, viewer, (institute, student))

    @site.get(STUDENT + "/uitleg")
    async def why(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        where, each, _ = await find_shown(desk, viewer, (institute, student))
        found = await desk.parts.explaining.explain(student)
        names = {}
        if found is not None:
            async with desk.parts.looking(where.who) as overview:
                names = dict(await overview.site_names({one.site for one in found.obstacles}))
        wished, better = obstacles(found, names) if found is not None else ([], [])
        is_complete = found is None or found.is_complete
        part = Part("office_why.html", "Uitleg", f"{where.base}/studenten/{student}", is_complete)
        context = {
            "found": found,
            "student": each,
            "reason": reason_of(found.reason if found is not None and found.reason else each.reason),
            "facts": facts_of(found.facts) if found is not None else [],
            "helps": helping(found.remedies) if found is not None else [],
            "useless": useless(found.remedies) if found is not None else [],
            "wished": wished,
            "better": better,
        }
        return show_part(desk, request, where, part, **context)

    @site.get(STUDENT + "/nieuws")
    async def news(
        request: Request, institute: InstituteId, student: EntityId, viewer: Viewing, plan: int = 0
    ) -> HTMLResponse:
        where, each, _ = await find_shown(desk, viewer, (institute, student))
        is_news = each.plan > plan
        part = Part("office_news.html", "Wat het plan deed", f"{where.base}/studenten/{student}", is_news)
        return show_part(desk, request, where, part, student=each, is_news=is_news, reason=reason_of(each.reason))


async def find_shown(desk: Desk, viewer: Viewer, about: tuple[str, str]) -> tuple[Where, Shown, Outcome]:
    """A student of the institute; raises NotFound, also for who may not see them."""
    institute, student = about
    where = where_of(viewer, institute)
    async with desk.parts.reading(where.who) as store:
        outcome = await handlers.find_outcome(store, student)
    async with desk.parts.looking(where.who) as overview:
        return where, (await shown(overview, [outcome]))[0], outcome


async def student_page(
    desk: Desk, request: Request, viewer: Viewer, about: tuple[str, str], form: Form | None = None, status: int = 200
) -> HTMLResponse:
    """The page of one student, with what the address says was saved, or with what was wrong with a form."""
    where, each, outcome = await find_shown(desk, viewer, about)
    institute, region = about[0], outcome.registration.region
    async with desk.parts.reading(where.who) as store:
        doubt = await doubt_of(store, outcome.registration)
    async with desk.parts.looking(where.who) as overview:
        history = await overview.history(each.id)
        opened = (await overview.open_mismatches([each.id])).get(each.id, ())
        wishes = outcome.registration.student.wishes
        names = await overview.site_names(wishes)
        regions = await overview.regions(institute)
    context = {
        "student": each,
        "reason": reason_of(each.reason),
        "registration": _rows(outcome.registration.student, names, regions.get(region, region)),
        "mismatches": [(identifier, *misfit(MismatchKind(kind))) for identifier, kind in opened],
        "lines": [line_of(one, viewer) for one in history],
        "saved": _saved(request, history, desk.parts.clock()),
        "doubt": doubt if each.is_registered else "",
        "form": form,
    }
    return show(desk, request, "office_student.html", where, status=status, **context)


def _rows(student: Student, names: Any, region: str) -> list[tuple[str, str]]:
    """The registration as it is, in words."""
    periods = " of ".join(" en ".join(each) for each in student.period_sets)
    rows = [
        ("Vak of bouw", in_words(student.subject)),
        ("Leerroute", in_words(student.route)),
        ("Fase", phase_words(student.phase)),
        ("Sector", SECTORS[student.sector]),
        ("Begeleiding", f"klasse {student.support}"),
        ("Periode", periods),
        ("Regio", region),
    ]
    if student.wishes:
        rows.append(("Wensen", "; ".join(names.get(each, each) for each in student.wishes)))
    if student.days:
        rows.append(("Dagen", " ".join(DAYS[each] for each in student.days)))
    if student.max_travel_min is not None:
        rows.append(("Hoogstens reizen", f"{student.max_travel_min} minuten"))
    if student.duo:
        rows.append(("Duo", "mag samen met een andere student"))
    return rows


def line_of(change: Change, viewer: Viewer) -> Line:
    """A change as a line of the log."""
    return Line(change.at, DONE.get(change.action, "gewijzigd"), by_whom(change.actor, viewer.actor))


def _saved(request: Request, history: Sequence[Change], now: datetime) -> dict[str, str] | None:
    """What the address says was saved, only when the database has it."""
    aggregate, version = request.query_params.get("wat", ""), request.query_params.get("versie", "")
    found = next((one for one in history if (one.aggregate, str(one.sequence)) == (aggregate, version)), None)
    if found is None:
        return None
    is_today = dutch_day(found.at) == dutch_day(now)
    plan = request.query_params.get("plan", "")
    return {
        "when": f"om {dutch_time(found.at)}" if is_today else f"op {dutch_moment(found.at)}",
        "what": DONE.get(found.action, "gewijzigd"),
        "plan": plan if plan.isascii() and plan.isdecimal() and len(plan) <= MOST_VERSION else "",
    }
