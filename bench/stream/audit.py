"""After a load: what is lost or doubled in the log, who was moved for whom, and how far the plan is from a fresh solve."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bench.answering import solve_for
from bench.stack import Stage
from bench.stream.load import Loaded, seconds
from bench.stream.log import records
from services.matcher.adapters.comparing import load_cuts
from services.matcher.adapters.store import SqlStore
from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import RegionId
from services.matcher.domain.plan import Plan
from services.matcher.handlers.replaying import BESIDE
from services.matcher.ports import RegionState
from shared.contracts.catalogue import PLACEMENTS
from shared.contracts.envelope import Event
from shared.contracts.placements import MoveCause, PlaceEvent, PlacementChanged, StudentUnplaced
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database

LOSSES = {MoveCause.GUIDANCE_ENDED, MoveCause.WORKPLACE_ENDED, MoveCause.NO_LONGER_FITS}


@dataclass(frozen=True, slots=True)
class Audit:
    """What must be 0 (lost, doubled, violations), and what should be little."""

    lost: int
    doubled: int
    violations: int
    places_lost: int
    moved: int
    moved_looking: int
    """Of those who were moved whom a better plan of the whole moved, while nothing that happened asked for it."""
    put_out: int
    """Who had a place and has none, since a better plan of the whole was found: no event took it."""
    unplaced: int
    value: int
    fresh_unplaced: int
    fresh_value: int

    @property
    def moved_per_lost(self) -> tuple[float, float]:
        """Students who had not lost their place and were moved, for each place lost to an event: by answers to events alone, and
        with whom a better plan of the whole moved or put out."""
        by_answers = self.moved - self.moved_looking
        return by_answers / max(1, self.places_lost), (self.moved + self.put_out) / max(1, self.places_lost)

    @property
    def gap(self) -> float:
        """How much more the plan costs than that of a fresh solve of the same state."""
        return (self.value - self.fresh_value) / max(1, self.fresh_value)


async def audit(stage: Stage, database_url: str, loaded: Loaded, first: int, fresh_s: float) -> Audit:
    """Of the events on Kafka since the one that was numbered `first`, and of the state in the matcher's database."""
    state = await state_of(database_url, stage.cast.world.region)
    # After the state: whoever looks may have gone on since it was read.
    events = await told(stage.stack.bootstrap, stage.cast.world.region)
    later = events[first:]
    found = await found_by_looking(database_url, stage.cast.world.region)
    lost = [one for one in later if _has_lost(one)]
    moved = [one for one in later if _has_moved(one)]
    region = assemble(state.facts, state.placements(), state.had())
    assert region is not None
    held = Plan(region.id, region.today, region.placements)
    fresh = solve_for(region, fresh_s)
    return Audit(
        lost=sum(seconds(stage, one) is None for one in loaded.told()) + not_as_told(events, state),
        doubled=doubled(events),
        violations=len(check(region, held)),
        places_lost=len(lost) - _of_these(lost, found),
        moved=len(moved),
        moved_looking=_of_these(moved, found),
        put_out=_of_these(lost, found),
        unplaced=len(region.students) - len(held.placements),
        value=sum(cost_parts(region, held).values()),
        fresh_unplaced=len(region.students) - len(fresh.placements),
        fresh_value=sum(cost_parts(region, fresh).values()),
    )


async def told(bootstrap: str, region: str) -> list[Event]:
    """All that was published about the places of a region, in order."""
    return [event async for event, _ in records(bootstrap, region, PLACEMENTS)]


async def state_of(database_url: str, region: str) -> RegionState:
    """What the matcher has in its database."""
    database = Database(database_url)
    try:
        return await SqlStore(database, Outbox("urn:bench"), Inbox("bench")).load(RegionId(region))
    finally:
        await database.close()


async def found_by_looking(database_url: str, region: str) -> frozenset[int]:
    """The plan versions that no event asked for."""
    database = Database(database_url)
    try:
        return frozenset(cut.version for cut in await load_cuts(database, RegionId(region)) if cut.effort in BESIDE)
    finally:
        await database.close()


def not_as_told(events: list[Event], state: RegionState) -> int:
    """Students of whom the last word in the log is older than what the database knew before it was read, and gaps in what was told."""
    last: dict[str, PlaceEvent] = {}
    numbers: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if isinstance(event.data, PlaceEvent):
            numbers[event.data.student].add(event.data.sequence)
            if event.data.sequence >= max(numbers[event.data.student]):
                last[event.data.student] = event.data
    gaps = sum(max(seen) - len(seen) for seen in numbers.values())
    return gaps + sum(
        student not in last or last[student].sequence < place.sequence for student, place in state.places.items()
    )


def doubled(events: list[Event]) -> int:
    """Words about one student with the same number and another id."""
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for event in events:
        ids[event.subject, event.sequence].add(str(event.id))
    return sum(len(found) - 1 for found in ids.values())


def _of_these(events: Iterable[Event], versions: Collection[int]) -> int:
    """How many of these are of one of these plan versions."""
    return sum(one.data.plan_version in versions for one in events if isinstance(one.data, PlaceEvent))


def _has_lost(event: Event) -> bool:
    data = event.data
    if isinstance(data, StudentUnplaced):
        return data.lost_site is not None
    return isinstance(data, PlacementChanged) and data.cause in LOSSES


def _has_moved(event: Event) -> bool:
    return isinstance(event.data, PlacementChanged) and event.data.cause is MoveCause.MADE_ROOM
