"""The home page of an institute: what waits for somebody, and how all its students stand."""

from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.intake.domain.overview import View
from services.intake.entrypoints.pages.access import INSTITUTE
from services.intake.entrypoints.pages.desk import Desk, show, where_of
from services.intake.entrypoints.pages.reasons import reason_of
from services.intake.entrypoints.pages.showing import shown
from services.intake.entrypoints.pages.words import MISMATCHES
from shared.contracts.vocabulary import InstituteId, MismatchKind
from shared.web.viewing import Viewing

SHOWN = 5
"""So many of each kind are told one by one; the list has them all."""
MOST_OFFERS = 200


def add_today(site: FastAPI, desk: Desk) -> None:
    """Adds the page."""

    @site.get(INSTITUTE)
    async def today(request: Request, institute: InstituteId, viewer: Viewing) -> HTMLResponse:
        where = where_of(viewer, institute)
        async with desk.parts.looking(where.who) as overview:
            counts = await overview.counts()
            offered = await shown(overview, await overview.students(View.OFFERED, "", None, MOST_OFFERS))
            lists = {
                view: await shown(overview, await overview.students(view, "", None, SHOWN)) if counts[view] else []
                for view in (View.PROPOSED, View.UNPLACED, View.MISMATCHED)
            }
            opened = await overview.open_mismatches([each.id for each in lists[View.MISMATCHED]])
        offers = sorted(offered, key=lambda each: each.offer.answer_by if each.offer is not None else date.max)
        kinds = {
            student: ", ".join(MISMATCHES[MismatchKind(kind)][0].lower() for _, kind in each)
            for student, each in opened.items()
        }
        context: dict[str, Any] = {
            "counts": counts,
            "total": sum(counts[each] for each in (View.PLACED, View.UNPLACED, View.WAITING, View.ENDED)),
            "View": View,
            "offers": offers[:SHOWN],
            "proposals": lists[View.PROPOSED],
            "unplaced": [(each, reason_of(each.reason)) for each in lists[View.UNPLACED]],
            "mismatched": [(each, kinds.get(each.id, "")) for each in lists[View.MISMATCHED]],
            "waits": counts[View.OFFERED] + counts[View.PROPOSED] + counts[View.UNPLACED] + counts[View.MISMATCHED],
        }
        return show(desk, request, "office_today.html", where, **context)
