"""What a turn makes of the search for other places: which offers are taken or end, what is looked for, and what is told of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from services.matcher.domain.facts import Mismatch, RegionFacts, Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.places import Outcome, Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region
from services.matcher.domain.switches import (
    Asked,
    Found,
    Obstacle,
    Offer,
    Switch,
    SwitchStatus,
    Wanted,
    asked_for,
    how_it_stands,
)
from services.matcher.domain.travel import travel_minutes
from shared.contracts import placements as events
from shared.contracts.placements import SwitchOutcome
from shared.contracts.vocabulary import Contract

OFFER_DAYS = 10
"""So many days an offer waits for an answer."""
MOST_SEARCHES = 20
"""So many searches a turn makes at most; on the next day the others come first."""


@dataclass(frozen=True, slots=True)
class ChangedSwitch:
    """A search that has come further, and the events that tell it."""

    switch: Switch
    events: tuple[Contract, ...]


class Switching:
    """One turn; `facts` are those of now, places and switches those that were last told."""

    def __init__(
        self,
        facts: RegionFacts,
        places: Mapping[StudentId, Place],
        switches: Mapping[StudentId, Switch],
        touched: Touched,
    ) -> None:
        """Look at whom the turn concerns, on a new day at everybody."""
        self._facts, self._places, self._switches = facts, places, switches
        self._mismatches: dict[StudentId, dict[str, Mismatch]] = defaultdict(dict)
        for key, one in facts.mismatches.items():
            self._mismatches[one.student][key] = one
        self._ends = dict(self._endings(touched))
        self._searched = self._searches(touched)

    @property
    def deals(self) -> tuple[Mapping[StudentId, Placement], ...]:
        """What everybody concerned has agreed upon: the new placement of one, or of the two of a swap."""
        taken = [one for one, outcome in sorted(self._ends.items()) if outcome is SwitchOutcome.TAKEN]
        offers = {one: self._offer(one) for one in taken}
        alone = [{one: offer.placement} for one, offer in offers.items() if offer.partner is None]
        pairs = [
            {one: offer.placement, offer.partner: offers[offer.partner].placement}
            for one, offer in offers.items()
            if offer.partner is not None and one < offer.partner
        ]
        return (*alone, *pairs)

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """What is looked for now."""
        return tuple(Wanted(one, asked.wishes, self._refused(one)) for one, asked in self._searched.items())

    def told(
        self, region: Region, outcome: Outcome, found: Mapping[StudentId, Found | Obstacle], version: int
    ) -> list[ChangedSwitch]:
        """What is news, by student; `region` has everything that was told, the outcome is that of the same turn."""
        telling = _Telling(region, self._switches, version)
        for one in sorted(self._ends):
            telling.end(one, self._ending(one, outcome), self._refused(one))
        for one, what in sorted(found.items()):
            asked = self._searched[one]
            if isinstance(what, Obstacle):
                telling.impossible(one, asked, what)
            elif self._can_be_offered(what, telling):
                telling.offer(asked, what)
                if what.others is not None:
                    telling.offer(Asked(), replace(what.others, others=what))
        return telling.changed()

    def _can_be_offered(self, found: Found, telling: "_Telling") -> bool:
        """Nobody has two offers at once; who searches as well is not asked to swap."""
        if telling.has_offer(found.student):
            return False
        return found.others is None or not (
            found.others.student in self._searched or telling.has_offer(found.others.student)
        )

    def _ending(self, one: StudentId, outcome: Outcome) -> SwitchOutcome:
        """An offer that was agreed upon is taken where the plan has it so."""
        ending = self._ends[one]
        now = outcome.placed.get(one)
        if ending is SwitchOutcome.TAKEN and (now is None or not now.is_same_place(self._offer(one).placement)):
            return SwitchOutcome.NO_LONGER_POSSIBLE
        return ending

    def _endings(self, touched: Touched) -> Iterator[tuple[StudentId, SwitchOutcome]]:
        concerned = self._switches.keys() if touched.everything else touched.students & self._switches.keys()
        opened = {one for one in concerned if self._switches[one].is_open}
        partners = {self._offer(one).partner for one in opened}
        opened |= {one for one in partners if one is not None and one in self._switches and self._switches[one].is_open}
        stands = {one: self._stand(one) for one in sorted(opened)}
        for one in stands:
            partner = self._offer(one).partner
            both = [stands[one], *([stands.get(partner)] if partner is not None else [])]
            ended = [stand for stand in both if stand is not None and stand is not SwitchOutcome.TAKEN]
            if ended:
                yield one, ended[0]
            elif None not in both:
                yield one, SwitchOutcome.TAKEN

    def _stand(self, one: StudentId) -> SwitchOutcome | None:
        facts, switch = self._facts, self._switches[one]
        decisions = (facts.school_decisions.get(one), facts.institute_decisions.get(one))
        assert facts.today is not None
        return how_it_stands(switch, self._places.get(one), self._asked(one), decisions, facts.today)

    def _searches(self, touched: Touched) -> dict[StudentId, Asked]:
        """Those who want another place and have no offer; of many others come first every day."""
        if touched.everything:
            requests = {key for key, one in self._facts.institute_decisions.items() if one.agrees is None}
            concerned = {*self._mismatches, *requests}
        else:
            partners = {self._offer(one).partner for one in self._ends}
            concerned = {*touched.students, *self._ends, *(one for one in partners if one is not None)}
        asked = {one: self._asked(one) for one in concerned if one in self._places and self._is_free(one)}
        found = [one for one in asked if asked[one].wishes]
        assert self._facts.today is not None
        day = self._facts.today.toordinal()
        first = sorted(found, key=lambda one: (one in self._switches, tie_break(day, one)))[:MOST_SEARCHES]
        return {one: asked[one] for one in first}

    def _is_free(self, one: StudentId) -> bool:
        """No offer waits, and none is being taken."""
        switch = self._switches.get(one)
        if one in self._ends:
            return self._ends[one] is not SwitchOutcome.TAKEN
        return switch is None or not switch.is_open

    def _asked(self, one: StudentId) -> Asked:
        request = self._facts.institute_decisions.get(one)
        place = self._places.get(one)
        if place is None or one not in self._facts.students:
            return Asked()
        return asked_for(place, request, self._mismatches.get(one, {}), self._switches.get(one))

    def _refused(self, one: StudentId) -> tuple[Placement, ...]:
        """The offers that were refused, that of this turn included."""
        switch = self._switches.get(one)
        if switch is None:
            return ()
        is_refused = self._ends.get(one) is SwitchOutcome.REFUSED and switch.offer is not None
        return (*switch.refused, switch.offer.placement) if is_refused and switch.offer else switch.refused

    def _offer(self, one: StudentId) -> Offer:
        offer = self._switches[one].offer
        assert offer is not None, "an open offer"
        return offer


class _Telling:
    """Gathers what is news, each student's in the order in which it came about."""

    def __init__(self, region: Region, switches: Mapping[StudentId, Switch], version: int) -> None:
        self._region, self._version = region, version
        self._now = dict(switches)
        self._events: dict[StudentId, list[Contract]] = defaultdict(list)

    def changed(self) -> list[ChangedSwitch]:
        return [ChangedSwitch(self._now[one], tuple(self._events[one])) for one in sorted(self._events)]

    def end(self, one: StudentId, outcome: SwitchOutcome, refused: tuple[Placement, ...]) -> None:
        before = self._now[one]
        offer = before.offer
        assert offer is not None, "an offer that ends"
        now = replace(
            before,
            sequence=before.sequence + 1,
            status=SwitchStatus.CLOSED,
            since=self._region.today,
            offer=None,
            outcome=outcome,
            refused=refused,
            answered=before.answered | before.answers if outcome is SwitchOutcome.TAKEN else before.answered,
            requested=None if outcome is SwitchOutcome.TAKEN else before.requested,
        )
        told = events.SwitchClosed.model_validate({**self._common(now), "offer": offer.number, "outcome": outcome})
        self._put(now, told)

    def impossible(self, one: StudentId, asked: Asked, obstacle: Obstacle) -> None:
        """News where it was not known, or is another obstacle now."""
        now = replace(self._next(one, SwitchStatus.IMPOSSIBLE, asked), obstacle=obstacle)
        before = self._now.get(one)
        if (
            before is not None
            and before.status is SwitchStatus.IMPOSSIBLE
            and not obstacle.is_news_after(before.obstacle)
        ):
            return
        reason = None if obstacle.reason is None else obstacle.reason.value
        told = {
            "obstacle": reason,
            "free_places": obstacle.free_places,
            "swaps": obstacle.swaps,
            "facts": dict(obstacle.facts),
        }
        self._put(now, events.SwitchImpossible.model_validate({**self._common(now), **told}))

    def has_offer(self, one: StudentId) -> bool:
        return one in self._now and self._now[one].is_open

    def offer(self, asked: Asked, found: Found) -> None:
        one, held, region = found.student, found.held, self._region
        now, partner = self._next(one, SwitchStatus.OFFERED, asked), found.others
        answer_by = region.today + timedelta(days=OFFER_DAYS)
        with_whom = None if partner is None else partner.student
        offer = Offer(now.sequence, found.kind, held, found.placement, answer_by, with_whom)
        student, workplace = region.students[one], region.workplaces[found.placement.workplace]
        site, site_now = workplace.site, region.workplaces[held.workplace].site
        minutes = [travel_minutes(region.settings.travel, student, region.sites[at]) for at in (site, site_now)]
        told = {
            "kind": found.kind,
            "site": site,
            "workplace": workplace.id,
            "subject": workplace.subject,
            "periods": found.placement.periods,
            "travel_min": minutes[0],
            "site_now": site_now,
            "travel_now_min": minutes[1],
            "answer_by": answer_by,
        }
        self._put(replace(now, offer=offer), events.SwitchOffered.model_validate({**self._common(now), **told}))

    def _next(self, one: StudentId, status: SwitchStatus, asked: Asked) -> Switch:
        before, today = self._now.get(one), self._region.today
        institute = self._region.students[one].institute
        first = Switch(one, institute, 0, status, today) if before is None else before
        return replace(
            first,
            institute=institute,
            sequence=first.sequence + 1,
            status=status,
            since=today,
            wishes=asked.wishes,
            answers=frozenset(asked.by_mismatch),
            requested=asked.requested,
            offer=None,
            obstacle=None,
            outcome=None,
        )

    def _common(self, switch: Switch) -> dict[str, object]:
        return {
            "region": self._region.id,
            "sequence": switch.sequence,
            "plan_version": self._version,
            "student": switch.student,
            "institute": switch.institute,
            "wishes": tuple(sorted(switch.wishes)),
        }

    def _put(self, switch: Switch, told: Contract) -> None:
        self._now[switch.student] = switch
        self._events[switch.student].append(told)
