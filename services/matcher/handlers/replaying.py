"""Plans made again from the log, along the records of the plans that were made: the same plans, byte for byte."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.memory import Seen
from services.matcher.ports import Again, Base, Effort, Planner
from shared.messaging.record import Partition, Record

BESIDE = (Effort.IMPROVE, Effort.RENEW)
"""How plans came about that were found beside what happened."""


class RememberingPlanner(Planner, Protocol):
    """A planner that can find once more what it found in a state."""

    async def suggest_again(self, region: RegionId, stamp: int, again: Again, base: Base) -> Suggestion:
        """What a turn of improving found."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """The record of one plan version: which offsets it covers, and of an improvement how it was found."""

    version: int
    covers: Mapping[Partition, int]
    effort: Effort
    turn: int = 0
    seen_version: int = 0
    proof_steps: int = 0
    is_looked_at: bool = True
    looks_anew: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise: of which kind of thing, which one, which field of it, as recorded and as made again."""

    kind: str
    key: str
    field: str
    recorded: str
    again: str


class Replay:
    """One region, planned again."""

    def __init__(
        self,
        matcher: Matcher,
        planner: RememberingPlanner,
        region: RegionId,
        log: Mapping[Partition, Sequence[Record]],
        aside: Mapping[tuple[Partition, int], bool] = {},
    ) -> None:
        """A matcher on an empty store, with this planner; the log holds each partition from offset 0. Of records that are set `aside`
        it tells whether their facts were kept: no plan was made with them."""
        self._aside = aside
        self._matcher, self._planner, self._region, self._log = matcher, planner, region, log
        self._found: dict[int, tuple[Suggestion, Seen]] = {}

    async def run(self, cuts: Sequence[Cut]) -> None:
        """Take what each version was an answer to; whoever asks the store finds what was made of it."""
        due: dict[int, list[Cut]] = defaultdict(list)
        for cut in cuts:
            if cut.effort in BESIDE:
                due[cut.seen_version].append(cut)
        before: Mapping[Partition, int] = {}
        for cut in cuts:
            records = await self._planned_for(self._between(before, cut.covers))
            if cut.looks_anew:
                self._matcher.memory.look_anew(self._region)
            if cut.effort is not Effort.REPAIR and records:  # of which nothing came, as what was parked
                await self._matcher.answer(records, is_looked_at=cut.is_looked_at)
            if cut.effort in BESIDE:
                if cut.version not in self._found:
                    raise UnlikeTheRecords(
                        f"version {cut.version} was found at version {cut.seen_version}, which is not before it"
                    )
                await self._matcher.adopt(*self._found.pop(cut.version), cut.turn)
            elif cut.effort is Effort.REBUILD:
                await self._matcher.plan_anew(self._region)
            elif cut.effort is Effort.SIGNALS:
                await self._matcher.look(self._region)
            else:
                await self._matcher.answer(records, is_looked_at=cut.is_looked_at)
            before = cut.covers
            for later in due.pop(cut.version, ()):
                await self._find(later)

    async def _find(self, cut: Cut) -> None:
        """Find now what was found in this state and adopted later."""
        seen = self._matcher.memory.seen(self._region)
        if seen is None:
            raise UnlikeTheRecords(f"{self._region} has no plan where version {cut.seen_version} is recorded")
        again = Again(cut.turn, cut.proof_steps, cut.effort is Effort.RENEW)
        found = await self._planner.suggest_again(self._region, seen.stamp, again, seen.held)
        self._found[cut.version] = (found, seen)

    async def _planned_for(self, records: Iterator[Record]) -> list[Record]:
        """Those that a plan was made with, once the facts of those that were only kept are known."""
        found = []
        for record in records:
            is_kept = self._aside.get((record.partition, record.offset))
            if is_kept is None:
                found.append(record)
            elif is_kept:
                await self._matcher.keep_only(record)
        return found

    def _between(self, before: Mapping[Partition, int], after: Mapping[Partition, int]) -> Iterator[Record]:
        for partition in sorted(after, key=lambda one: (one.topic, one.number)):
            start, end = before.get(partition, 0), after[partition]
            yield from (record for record in self._log.get(partition, ()) if start <= record.offset < end)


class UnlikeTheRecords(Exception):
    """What is recorded cannot have come about from this log."""
