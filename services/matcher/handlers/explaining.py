"""Explains where a student is, or why there is no place: at once what was published, and more as it is computed."""

import asyncio
from collections.abc import Collection, Mapping
from enum import StrEnum

from services.matcher.domain.facts import Document
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.viewing import check_student
from services.matcher.handlers.answering import PLAN, Answering, place_of
from services.matcher.handlers.keeping import Keeping, Make
from services.matcher.handlers.masking import masked, students_in
from services.matcher.ports.answering import Job, Reads, Told, WorkFailed, Workshop
from shared.errors import TransientError
from shared.security.callers import Caller

MOST_KEPT = 4_000


class Part(StrEnum):
    """What an explanation may tell beside what was published: the names of its fields."""

    WHY = "why"
    LIMITS = "limits"
    LEVERS = "levers"
    WISHES = "wishes"


class Explaining:
    """Computes the parts of explanations once for each plan; who asks gets those that are there in time."""

    def __init__(self, reads: Reads, workshop: Workshop, answering: Answering) -> None:
        """`answering` knows the prices of a region."""
        self._reads, self._workshop, self._answering = reads, workshop, answering
        self._kept = Keeping(MOST_KEPT)

    async def seen(self, caller: Caller, student: str) -> tuple[Told, int]:
        """What was published about a student of whom somebody may know, and the number of the plan that holds."""
        caller.must_have(PLAN)
        told = await self._reads.place(student)
        check_student(caller, await self._answering.within(caller), told.region, told.institute, told.site)
        return told, await self._reads.version(told.region)

    async def explanation(
        self, caller: Caller, seen: tuple[Told, int], parts: Collection[Part], at: tuple[str, ...], wait_s: float
    ) -> Document:
        """The explanation; `pending` names the parts that are still being computed, `failed` those in which a bug was met."""
        told, version = seen
        wanted = self._makes(told, version, at)
        keys = {part: (part, told.student, version, at if part is Part.WISHES else ()) for part in wanted}
        asked = [part for part in wanted if part in parts]
        waited = (self._kept.within(keys[part], wanted[part], wait_s) for part in asked)
        found = dict(zip(asked, await asyncio.gather(*waited, return_exceptions=True), strict=True))
        failed = [part for part, one in found.items() if isinstance(one, WorkFailed)]
        for one in found.values():
            if isinstance(one, BaseException) and not isinstance(one, WorkFailed | TransientError):
                raise one
        there = {part: one for part, one in found.items() if one is not None and not isinstance(one, BaseException)}
        document: Document = {
            "student": told.student,
            "region": told.region,
            "version": version,
            **place_of(told, frozenset((*self._partner(told),))),
            "lost_site": told.lost_site,
            "switch": _switch(await self._reads.switch(told.student)),
            "pending": [part.value for part in asked if part not in there and part not in failed],
            "failed": [part.value for part in failed],
            **{part.value: _told(part, one) for part, one in there.items()},
        }
        own = await self._reads.own(sorted(set(students_in(document))), await self._answering.within(caller))
        return masked(document, own | {told.student})

    def _makes(self, told: Told, version: int, at: tuple[str, ...]) -> Mapping[Part, Make]:
        """How each part is made; of who withdrew or is done there is nothing to explain, and levers are for who has no place."""
        about = {"region": told.region, "student": told.student}
        if told.status in (PlaceStatus.WITHDRAWN.value, PlaceStatus.ENDED.value):
            return {}

        async def limits() -> Document:
            prices = await self._answering.prices(told.region, version)
            found = await self._workshop.do(Job("scarce", {**about, "prices": prices}))
            return {**found, "skipped_s": prices["skipped_s"]}

        makes: dict[Part, Make] = {Part.WHY: lambda: self._workshop.do(Job("why", about))}
        if told.status == PlaceStatus.UNPLACED.value:
            makes[Part.LIMITS] = limits
            makes[Part.LEVERS] = lambda: self._workshop.do(Job("remedies", about, solves=True))
        makes[Part.WISHES] = lambda: self._workshop.do(Job("wishes", {**about, "at": list(at)}, solves=True))
        return makes

    def _partner(self, told: Told) -> list[str]:
        """With whom the student is in a duo; whether that may be known is seen to at the end."""
        partner = None if told.body is None else told.body.get("duo_with")
        return [] if partner is None else [str(partner)]


def _switch(found: Document | None) -> Document | None:
    """What is looked for instead of the place, and what was offered or stands in the way; with whom a swap would be is left out."""
    if found is None:
        return None
    offer = found.get("offer") or {}
    told = {name: found.get(name) for name in ("status", "since", "wishes", "obstacle", "outcome")}
    return {**told, **{name: offer.get(name) for name in ("kind", "placement", "answer_by")}}


def _told(part: Part, found: Document) -> object:
    """Of work that gives one list that list, of the others all but the version."""
    if part in (Part.LEVERS, Part.WISHES):
        return found[part.value]
    return {name: value for name, value in found.items() if name != "version"}
