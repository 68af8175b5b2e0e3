"""Whatever is asked, offered, agreed upon and changed in between: plans stay allowed, and nobody loses a place over an offer."""

import random
from dataclasses import replace

import pytest

from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region
from services.matcher.domain.switches import Offer
from shared.contracts import placements
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import Contract, DeclineReason, MismatchKind
from tests.support import matcher as told
from tests.support.regions import ALL_ON, invented_region, settings
from tests.support.running_matcher import Running

TURNS = 60


class _Term:
    """One region in which people ask, agree, refuse and fall away at random."""

    def __init__(self, seed: int, start: Region) -> None:
        self.draw, self.start, self.running = random.Random(seed), start, Running()
        self.sequences: dict[str, int] = {}
        self.reported = 0

    async def turn(self) -> None:
        does = self.draw.choice(
            [self.asks, self.asks, self.reports, self.answers, self.answers, self.answers, self.changes]
        )
        events = does()
        before = {one.student for one in self.running.state().placements()}
        await self.running.take(*events)
        await self.running.agrees()
        now = {one.student for one in self.running.state().placements()}
        assert does == self.changes or before <= now, "nobody loses a place over what is asked and answered"

    def asks(self) -> list[Contract]:
        held = self.draw.choice(self.running.state().placements())
        reason = self.draw.choice(list(DeclineReason)).value
        return [told.switch(held, self.next(f"institute/{held.student}"), reason=reason)]

    def reports(self) -> list[Contract]:
        self.reported += 1
        held = self.draw.choice(self.running.state().placements())
        return [told.mismatch(held.student, f"m{self.reported}", kind=self.draw.choice(list(MismatchKind)).value)]

    def answers(self) -> list[Contract]:
        offers = [(key, one.offer) for key, one in self.running.state().switches.items() if one.offer is not None]
        if not offers:
            return self.reports()
        key, offer = self.draw.choice(offers)
        events = self._answers_of(key, offer)
        if offer.partner is not None and self.draw.random() < 0.8:
            others = self.running.state().switches[offer.partner].offer
            assert others is not None, "a swap is offered to both"
            events += self._answers_of(offer.partner, others)
        return events

    def changes(self) -> list[Contract]:
        person = self.draw.choice(list(self.start.supervisors.values()))
        qh = {period: self.draw.choice([0, hours, hours]) for period, hours in person.qh.items()}
        return [told.supervisor_event(replace(person, qh=qh), self.next(person.id) + 1)]

    def next(self, name: str) -> int:
        self.sequences[name] = self.sequences.get(name, 0) + 1
        return self.sequences[name]

    def _answers_of(self, key: StudentId, offer: Offer) -> list[Contract]:
        new = Placement(key, offer.placement.periods, offer.placement.workplace, ())
        school, institute = self.next(f"school/{key}"), self.next(f"institute/{key}")
        if self.draw.random() < 0.15:
            return [told.refused(new, school, offer=offer.number)]
        return [told.accepted(new, school, offer=offer.number), told.confirmed(new, institute, offer=offer.number)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("levers", [False, True])
async def test_whatever_is_asked_and_answered_plans_stay_allowed(seed: int, *, levers: bool) -> None:
    start = invented_region(seed, 40, 8, scarcity=0.9)
    if levers:
        start = replace(start, settings=settings(levers=ALL_ON))
    term = _Term(seed, start)
    await term.running.take(*told.events_of(start))
    for _ in range(TURNS):
        await term.turn()
    switched = [one for one in term.running.store.published if isinstance(one, placements.PlacementChanged)]
    assert any(one.cause is MoveCause.SWITCHED for one in switched)
