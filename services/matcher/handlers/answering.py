"""Answers questions about plans: who may know, what is read, and what is computed beside it, once for each plan."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta

from services.matcher.domain.facts import Document
from services.matcher.domain.ids import RegionId
from services.matcher.domain.insight import TOO_MUCH
from services.matcher.domain.places import HOLDING
from services.matcher.domain.viewing import (
    AGGREGATE,
    NO_PLAN,
    Within,
    check_region,
    check_role,
    sees_signal,
    sees_students,
    within,
)
from services.matcher.handlers.keeping import Keeping, Make
from services.matcher.handlers.masking import masked_placement
from services.matcher.ports.answering import Counts, Job, OpenSignal, Reads, Told, Wanted, Workshop
from shared.errors import NotFound
from shared.security.callers import Caller, Role

PLAN, SCENARIOS, REGION_FILE = "plan:read", "scenario:run", "region-file:read"
SCOPES = frozenset({PLAN, SCENARIOS, REGION_FILE})
MOST_KEPT = 500
MOST_FILES, MOST_TABLES, MOST_COUNTED = 32, 64, 2_000
PRICES_GOOD_S = 300.0
"""Prices of a plan that has been replaced tell as much for so long: a busy region has a new plan every second."""


class Answering:
    """What is told of whole plans; every method raises Forbidden or NotFound for what somebody may not know."""

    def __init__(self, reads: Reads, workshop: Workshop, seconds: Callable[[], float]) -> None:
        """`workshop` computes what takes longer than a moment; `seconds` run on, from whenever."""
        self._reads, self._workshop, self._seconds = reads, workshop, seconds
        self._kept, self._counted = Keeping(MOST_KEPT), Keeping(MOST_COUNTED)
        self._files, self._tables = Keeping(MOST_FILES), Keeping(MOST_TABLES)
        self._priced: dict[str, int] = {}
        self._priced_at: dict[str, float] = {}

    async def version(self, caller: Caller, region: str, roles: Sequence[Role] = tuple(Role)) -> int:
        """The number of the plan that holds in a region that somebody may ask about."""
        caller.must_have(PLAN)
        return await self.check_known(caller, region, roles)

    async def check_known(self, caller: Caller, region: str, roles: Sequence[Role]) -> int:
        """The same, whatever the token is for: somebody else looks at that."""
        check_role(caller, roles)
        check_region(caller, RegionId(region))
        return await self._reads.version(region)

    async def plan_tag(self, caller: Caller, region: str) -> str:
        """What an answer with the plan rests on, for whoever may ask."""
        await self.version(caller, region)
        head = await self._reads.head(region)
        return plan_tag(head.version, head.told)

    async def within(self, caller: Caller) -> Within:
        """Of whose students somebody may know."""
        return within(caller, await self._reads.sites_of(caller.org) if caller.is_board else frozenset())

    async def plan(self, caller: Caller, region: str, cursor: str, most: int) -> tuple[str, Document]:
        """A page of the plan, with what is proven about all of it; and what it rests on."""
        who, head = await self.within(caller), await self._reads.head(region)
        counts = await self._counts(region, head.version, who)
        if not who.is_everybody and not counts.students:
            raise NotFound(*NO_PLAN)
        found = await self._reads.page(region, who, cursor, most + 1) if sees_students(caller) else []
        return plan_tag(head.version, head.told), {
            "region": region,
            "version": head.version,
            "today": _day(head.today),
            "published_at": None if head.published_at is None else head.published_at.isoformat(),
            "students": counts.students,
            "placed": counts.placed,
            "unplaced_by_reason": dict(counts.unplaced_by_reason),
            "certificate": head.certificate,
            "covers": dict(head.covers),
            "position": dict(head.position),
            "items": await self._items(found[:most], who),
            "next": found[most - 1].student if len(found) > most else None,
        }

    async def _counts(self, region: str, version: int, who: Within) -> Counts:
        """The same for every page of one plan."""

        async def counted() -> Document:
            counts = await self._reads.counts(region, who)
            return {"placed": counts.placed, "unplaced_by_reason": dict(counts.unplaced_by_reason)}

        return Counts(**await self._counted.of((region, version, who), counted))

    async def _items(self, found: Sequence[Told], who: Within) -> list[Document]:
        partners = [str(one.body["duo_with"]) for one in found if one.body is not None and one.body.get("duo_with")]
        own = await self._reads.own(partners, who)
        return [{"id": one.student, **place_of(one, own)} for one in found]

    async def versions(self, region: str, before: int | None, most: int) -> Document:
        """How the plan of a region came about, newest first."""
        found = await self._reads.versions(region, before, most + 1)
        following = found[most - 1]["version"] if len(found) > most else None
        return {"region": region, "versions": found[:most], "next": following}

    async def signals(self, caller: Caller, region: str, levels: Collection[str], page: tuple[str, int]) -> Document:
        """The open signals that somebody may know of; `page` is the id after which to begin, and how many to tell."""
        who = await self.within(caller)
        found = [one for one in await self._reads.signals(region) if sees_signal(caller, who, one.told)]
        cursor, most = page
        items = [one for one in found if one.id > cursor and (not levels or one.level in levels)]
        return {
            "region": region,
            "version": await self._reads.version(region),
            "by_level": dict(sorted(Counter(one.level for one in found).items())),
            "items": [_signal(one) for one in items[:most]],
            "next": items[most - 1].id if len(items) > most else None,
        }

    async def fairness(self, region: str, version: int) -> Document:
        """Which groups have how many without a place, those that carry most above their share first."""
        found = await self._of_plan("fairness", region, version)
        share = found["unplaced"] / max(1, found["students"])
        return {"region": region, **found, "share": share, "too_much_above": TOO_MUCH}

    async def file_version(self, caller: Caller, region: str) -> int:
        """The number of the plan that a region file would hold, for whoever may have one."""
        caller.must_have(REGION_FILE)
        return await self.check_known(caller, region, (Role.OPERATOR,))

    async def region_file(self, region: str) -> tuple[int, str]:
        """The region as the matcher plans for it now, with the plan as what holds, as a region file; and the plan's number."""
        version, job = await self._reads.version(region), Job("region_file", {"region": region})
        found = await self._files.of((region, version), lambda: self._workshop.do(job))
        return int(found["version"]), str(found["text"])

    async def _of_plan(self, name: str, region: str, version: int) -> Document:
        """Work about a region as it is with this plan."""
        job = Job(name, {"region": region})
        return await self._kept.of((name, region, version), lambda: self._workshop.do(job))

    async def capacity_version(self, caller: Caller, region: str) -> str:
        """What the figures of a region rest on: its plan and the last prices, which are sought meanwhile for this plan."""
        version = await self.version(caller, region, (*AGGREGATE, Role.SCHOOL))
        self.begin_prices(region, version)
        return f"{version}-{self._priced.get(region, 0)}"

    async def capacity(self, caller: Caller, region: str, wanted: Wanted, page: tuple[int, int]) -> Document:
        """Supply and demand of the spots that somebody may know of; `page` is how many to pass over, and how many to tell."""
        version, prices = await self._reads.version(region), self._last_prices(region)
        priced = None if prices is None else prices["version"]
        job = Job("capacity", {"region": region, "prices": prices})
        found = await self._tables.of((region, version, priced), lambda: self._workshop.do(job))
        first, most = page
        items = [one for one in found["items"] if wanted.holds_row(one)]
        return {
            "region": region,
            "version": found["version"],
            "today": found["today"],
            "prices_of_version": priced,
            "prices_skipped_s": None if prices is None else prices["skipped_s"],
            "tiers": [] if caller.role is Role.SCHOOL else found["tiers"],
            "items": items[first : first + most],
            "next": first + most if len(items) > first + most else None,
        }

    async def trend(self, region: str, days: int, wanted: Wanted) -> Document:
        """What the figures were at the beginning of each of the last days, oldest first."""
        head = await self._reads.head(region)
        since = (head.today or date.max) - timedelta(days=days)
        found = await self._reads.trend(region, since, wanted)
        items = [
            {
                "day": day.isoformat(),
                "sector": spot.sector,
                "subject": spot.subject,
                "site": spot.site,
                "period": spot.period,
                **{name: getattr(figures, name) for name in figures.__slots__},
            }
            for day, spot, figures in found
        ]
        return {"region": region, "version": head.version, "items": items}

    async def prices(self, region: str, version: int) -> Document:
        """What one more of anything scarce is worth at most; raises what the work raises."""
        return await self._kept.of(("prices", region, version), self._pricing(region, version))

    def begin_prices(self, region: str, version: int) -> None:
        """Have them sought, unless those that are known are good enough."""
        at, is_known = self._priced_at.get(region), self._kept.known(("prices", region, version)) is not None
        if at is None or (not is_known and self._seconds() - at > PRICES_GOOD_S):
            self._priced_at[region] = self._seconds()
            self._kept.begun(("prices", region, version), self._pricing(region, version))

    def _pricing(self, region: str, version: int) -> Make:
        async def make() -> Document:
            found = await self._workshop.do(Job("prices", {"region": region}, solves=True))
            self._priced[region], self._priced_at[region] = version, self._seconds()
            return found

        return make

    def _last_prices(self, region: str) -> Document | None:
        """Those of the last plan for which they were sought and found."""
        return self._kept.known(("prices", region, self._priced.get(region)))


def plan_tag(version: int, told: int) -> str:
    """The number of a plan, and how much was told of its region meanwhile that asked for no other; other regions change nothing."""
    return f"{version}-{told}"


def place_of(one: Told, own: frozenset[str]) -> Document:
    """What is told of a student's place to somebody who may know of these others."""
    held: dict[str, object] = {}
    if one.body:
        has_one = one.status in {status.value for status in HOLDING}
        held = {"placement": masked_placement(one.body, own)} if has_one else {"unplaced": one.body}
    return {"student": one.student, "status": one.status, "since": _day(one.since), "site": one.site, **held}


TOLD_OF_ALL = ("cause", "figures", "levers", "next_date")


def _signal(one: OpenSignal) -> Document:
    about = {name: value for name, value in one.told.items() if name not in TOLD_OF_ALL and value is not None}
    life = {"id": one.id, "rule": one.rule, "level": one.level, "status": one.status, "since": one.since.isoformat()}
    return {**life, **{name: one.told.get(name) for name in TOLD_OF_ALL}, "about": about}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
