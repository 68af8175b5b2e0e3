"""What a page says after something was saved: that it was, when, and what the matcher did with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from services.capacity.domain.restoring import WITHIN
from services.capacity.domain.sites import SchoolSite
from services.capacity.domain.subjects import known_subjects
from services.capacity.domain.supervisors import serves
from services.capacity.entrypoints.pages.words import DONE, news_in_words, words_of
from services.capacity.handlers import GOVERNED
from services.capacity.ports import Store
from shared.audited import Change
from shared.dutch import dutch_day, dutch_moment, dutch_time
from shared.messaging.outbox import ERASED
from shared.subjects import doubt_about

SOON = timedelta(seconds=5)
"""The matcher answers within a second as a rule; until then nothing is said about what did not change."""
ENOUGH = timedelta(seconds=20)
"""After this nobody looks again by itself."""
UNDOABLE = ("supervisor/", "workplace/", "name/")


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, read back after the commit; `can_undo` within a day, `doubt` is what to look at once more."""

    aggregate: str
    sequence: int
    what: str
    who: str
    when: str
    query: str
    can_undo: bool
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of it so far; `is_complete` when it is no use to look again soon."""

    is_told: bool
    is_settled: bool
    lines: tuple[str, ...]
    is_complete: bool


async def saved_from(store: Store, request: Request, site: SchoolSite, now: datetime) -> Saved | None:
    """What the address says was saved, only when the database has it and it is of this site."""
    change = await _change(store, request, site)
    if change is None:
        return None
    is_today = dutch_day(change.at) == dutch_day(now)
    when = f"om {dutch_time(change.at)}" if is_today else f"op {dutch_moment(change.at)}"
    is_for_good = change.action == ERASED
    can_undo = change.aggregate.startswith(UNDOABLE) and now - change.at <= WITHIN and not is_for_good
    query = urlencode({"wat": change.aggregate, "versie": change.sequence})
    who = await called(store, change.aggregate)
    return Saved(
        change.aggregate, change.sequence, done(change), who, when, query, can_undo, await _doubt(store, change, site)
    )


async def _doubt(store: Store, change: Change, site: SchoolSite) -> str:
    """About subjects that this change named, and that nobody else in the region has."""
    kind, _, identifier = change.aggregate.partition("/")
    region = await store.region(site.region) if kind in ("supervisor", "workplace") else None
    if region is None:
        return ""
    offered = Counter(await store.subjects_in(site.region))
    if kind == "supervisor":
        person = (await store.supervisors([identifier])).get(identifier)
        subjects: Sequence[str] = person.supervisor.subjects if person else ()
    else:
        workplace = (await store.workplaces([identifier])).get(identifier)
        subjects = [workplace.workplace.subject] if workplace else ()
        offered.subtract(subjects)  # it does not vouch for itself
    before = await store.version(change.aggregate, change.sequence - 1) or {}
    had: Any = before.get("subjects", [before.get("subject")])
    return doubt_about([each for each in subjects if each not in had], known_subjects(region, +offered))


async def effect_of(store: Store, request: Request, site: SchoolSite, now: datetime) -> Effect | None:
    """What the plan did at a site since what the address says was saved."""
    change = await _change(store, request, site)
    if change is None:
        return None
    news = Counter((await store.news(site.site.id, change.at)).values())
    age = now - change.at
    is_told = await store.is_told(change.aggregate)
    return Effect(is_told, is_told and age > SOON, tuple(news_in_words(news)), age > ENOUGH)


async def called(store: Store, aggregate: str) -> str:
    """What people call what was changed: a name, a workplace's subject, or nothing."""
    kind, _, identifier = aggregate.partition("/")
    if kind in ("supervisor", "name"):
        return (await store.names([identifier])).get(identifier, f"Begeleider {identifier[-8:]}")
    if kind == "workplace":
        found = (await store.workplaces([identifier])).get(identifier)
        return f"Leerwerkplek {words_of(found.workplace.subject)}" if found else ""
    return ""


def done(change: Change) -> str:
    """What a change was, in a few words."""
    if change.aggregate.startswith("workplace/") and change.sequence == 1:
        return "toegevoegd"
    if change.action.startswith(GOVERNED):
        before, _, after = change.action.removeprefix(GOVERNED + "/").partition("/")
        return f"bestuur gewijzigd van {before or 'geen'} naar {after or 'geen'}"
    return DONE.get(change.action, "gewijzigd")


async def is_of_site(store: Store, aggregate: str, site: SchoolSite) -> bool:
    """Whether something that can be changed is of this site, so that nobody reads of others by guessing."""
    kind, _, identifier = aggregate.partition("/")
    match kind:
        case "supervisor" | "name":
            person = (await store.supervisors([identifier])).get(identifier)
            return person is not None and serves(person, site)
        case "workplace":
            offered = (await store.workplaces([identifier])).get(identifier)
            return offered is not None and offered.workplace.site == site.site.id
        case "school-decision":
            decision = (await store.decisions([identifier])).get(identifier)
            return decision is not None and decision.event.site == site.site.id
        case _:
            return aggregate == f"site/{site.site.id}"


async def _change(store: Store, request: Request, site: SchoolSite) -> Change | None:
    aggregate, version = request.query_params.get("wat", ""), request.query_params.get("versie", "")
    if (
        not version.isascii()
        or not version.isdecimal()
        or len(version) > 9
        or len(aggregate) > 100
        or "\0" in aggregate
    ):
        return None
    return await store.change(aggregate, int(version)) if await is_of_site(store, aggregate, site) else None
