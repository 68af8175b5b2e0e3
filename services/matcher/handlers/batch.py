"""A batch of records, folded into what is known of each region; what cannot be used is put aside with its reason."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from services.matcher.domain.facts import Fact, Touched
from services.matcher.domain.folding import Folding
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.told import fact_of
from services.matcher.ports import RegionState
from shared.contracts.envelope import Event, UnreadableEvent
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import Record

Read = Event | Tombstone | UnreadableEvent


def read_all(inbox: Inbox, records: Sequence[Record]) -> list[tuple[Record, Read]]:
    """Each record with what it holds, or why it cannot be read."""
    return [(record, _read(inbox, record)) for record in records]


def _read(inbox: Inbox, record: Record) -> Read:
    try:
        return inbox.read(record)
    except UnreadableEvent as problem:
        return problem


def subjects_of(read: Sequence[tuple[Record, Read]]) -> set[str]:
    """The aggregates that a batch is about."""
    return {one.subject for _, one in read if not isinstance(one, UnreadableEvent)}


class Batch:
    """What one batch has told so far; `homes` says to which region each aggregate belongs."""

    def __init__(
        self,
        homes: Mapping[str, RegionId],
        load: Callable[[RegionId], Awaitable[RegionState]],
        must_lie_here: Callable[[Record, str], None],
    ) -> None:
        """Nothing is told yet."""
        self._homes, self._load, self._must_lie_here = dict(homes), load, must_lie_here
        self._before: dict[RegionId, RegionState] = {}
        self._told: dict[RegionId, Folding] = {}
        self._touched: dict[RegionId, Touched] = {}
        self.facts: list[Fact] = []
        self.parked: list[tuple[Record, str]] = []
        self.applied: list[Event | Tombstone] = []
        self.erased: dict[RegionId, list[StudentId]] = {}
        self.told: set[RegionId] = set()
        """Regions that any event was about, also those that were parked."""
        self.outcomes: Counter[tuple[str, str]] = Counter()

    async def take(self, record: Record, event: Read) -> None:
        """Fold one record in, or put it aside: a tombstone with the region that it is about, by which it can be sent to where it belongs."""
        if isinstance(event, Tombstone) and event.subject in self._homes:
            record = replace(record, headers={"ce_region": self._homes[event.subject].encode(), **record.headers})
        try:
            if isinstance(event, UnreadableEvent):
                raise event
            region = self._homes.get(event.subject) if isinstance(event, Tombstone) else event.region
            if region is not None:
                self.told.add(RegionId(region))
                self._must_lie_here(record, region)
            fact = await self._erasure(event) if isinstance(event, Tombstone) else fact_of(event)
            is_news = fact is not None and await self._fold(fact)
        except UnreadableEvent as problem:
            self._park(record, event, problem.reason)
        except RegionProblems as problems:
            self._park(record, event, f"cannot be planned with: {str(problems)[:300]}")
        else:
            self.outcomes[_kind(event), "applied" if is_news else "known already"] += 1
            if fact is not None:
                self.applied.append(event)

    def _park(self, record: Record, event: Read, reason: str) -> None:
        self.parked.append((record, reason))
        self.outcomes[_kind(event), "parked"] += 1

    def regions(self) -> list[tuple[RegionState, RegionState, Touched]]:
        """What was known of each region, what is known now, and what of it is news, in the order of ids."""
        return [
            (before, replace(before, facts=self._told[region].facts), self._touched.get(region, Touched()))
            for region, before in sorted(self._before.items())
        ]

    async def _fold(self, fact: Fact) -> bool:
        home = self._homes.get(fact.subject, fact.region)
        if home != fact.region:
            raise UnreadableEvent(f"{fact.subject} belongs to region {home}, not {fact.region}")
        touched = (await self._folding(home)).take(fact)
        self._homes[fact.subject] = home
        if touched is not None:
            self.facts.append(fact)
            self._touched[home] = self._touched.get(home, Touched()) | touched
        return touched is not None

    async def _erasure(self, tombstone: Tombstone) -> Fact | None:
        """The end of an aggregate that was erased; one that was never told of needs no erasing."""
        region = self._homes.get(tombstone.subject)
        if region is None:
            return None
        known = (await self._folding(region)).sequence_of(tombstone.subject)
        if tombstone.kind == "student":
            self.erased.setdefault(region, []).append(StudentId(tombstone.id))
        return Fact(region, tombstone.subject, known + 1, None)

    async def _folding(self, region: RegionId) -> Folding:
        if region not in self._told:
            self._before[region] = await self._load(region)
            self._told[region] = Folding(self._before[region].facts)
        return self._told[region]


def _kind(event: Read) -> str:
    """The type of an event without its prefix and version; a closed list, whatever was sent."""
    match event:
        case Event():
            return event.type.removeprefix("nl.leerplek.").removesuffix(".v1")
        case Tombstone():
            return "erased"
        case _:
            return "unreadable"
