"""All that the engine keeps between two changes: a region with its plan, and what was looked up for them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.matcher.adapters.solver.engine.atlases import Chances, LiveAtlas, kind_of, sites_of
from services.matcher.adapters.solver.engine.blocks import Blocks
from services.matcher.adapters.solver.engine.dearer import with_dearer_moves
from services.matcher.adapters.solver.engine.judge import Bench, at_site, at_workplace, of_person
from services.matcher.adapters.solver.engine.local import Ground
from services.matcher.adapters.solver.engine.nearby import Roster
from services.matcher.adapters.solver.engine.tally import Tally
from services.matcher.domain.availability import available_qh
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.checker_facts import Case
from services.matcher.domain.explanation import explain
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ledger import Ledger, Partners, partners_of
from services.matcher.domain.levers import is_senior, shares_guidance
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place, places_of
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.region import Region, Supervisor, Workplace
from services.matcher.domain.vocabulary import Relief


class LiveLedger(Ledger):
    """A ledger that hears when students name others."""

    @property
    def partners(self) -> Mapping[StudentId, Partners]:
        """Whom each student must be with and kept from."""
        return self._partners

    def meet_again(self) -> None:
        """Who names whom has changed."""
        self._partners = partners_of(self.atlas)


class State:
    """The region, what is booked, and tables that follow every change. What is booked and what is held are the same,
    except while a change is being answered."""

    def __init__(self, region: Region, placements: Iterable[Placement]) -> None:
        """Book these placements, which must be allowed."""
        held = tuple(placements)
        self.atlas = LiveAtlas(replace(region, placements=held))
        self.ledger = LiveLedger(self.atlas)
        self.bench, self.tally = Bench(), Tally(self.atlas)
        self.waiting = set(region.students)
        for student in region.students.values():
            self.tally.enter(student)
        self._look_up()
        for one in held:
            self.ledger.add(one)
            self.seat(one)

    def _look_up(self) -> None:
        """Make the tables of chances anew; they are filled as they are asked."""
        self.chances = Chances(self.atlas.region)
        self.chances.held = dict(self.atlas.held)
        self.blocks = Blocks(self.chances)
        self.roster = Roster(self.blocks, self.region.settings.seed)
        for one, case in self.bench.cases.items():
            self.roster.note(one, case.placement if self.is_simple(case.placement) else None)

    @property
    def region(self) -> Region:
        """The region; what it says of placements is not kept up to date: `held` is."""
        return self.atlas.region

    @property
    def held(self) -> dict[StudentId, Placement]:
        """What each student has."""
        return self.atlas.held

    @property
    def ground(self) -> Ground:
        """What tables of a neighbourhood are made from."""
        return Ground(self.atlas, self.blocks, self.tally, self.ledger.partners, self.bench.cases.keys())

    def seat(self, placement: Placement) -> Case:
        """Take what is booked into the sums and indexes."""
        case = self.bench.seat(self.region, placement, self.held)
        self.tally.place(case)
        self.waiting.discard(placement.student)
        self.roster.note(placement.student, placement if self.is_simple(placement) else None)
        return case

    def unseat(self, student: StudentId) -> Case:
        """Take it out of them."""
        case = self.bench.unseat(student)
        self.tally.unplace(case)
        self.waiting.add(student)
        self.roster.note(student, None)
        return case

    def is_simple(self, placement: Placement) -> bool:
        """One guide, neither duo nor relief, and nobody's relief hangs on this student: a compiled search may move it."""
        if placement.duo_with is not None or placement.relief is not None or len(placement.wpb) != 1:
            return False
        student = self.region.students[placement.student]
        if not self.region.settings.levers.senior.on or not is_senior(self.region.settings, student):
            return True
        site = self.ledger.site_of[placement.student]
        return not any(self.ledger.relieved[Relief.SENIOR, site, period] for period in placement.periods)

    def reasons(self, students: Iterable[StudentId]) -> list[Unplaced]:
        """Why these have no place; nothing of those who have one."""
        of = self.chances.region.students
        waiting = [one for one in sorted(students) if one in self.waiting]
        return [explain(self.ledger, self.region.students[one], places_of(self.chances, of[one])) for one in waiting]

    def hold(self, changed: Mapping[StudentId, Placement | None]) -> None:
        """What these students hold from now on, so what it costs to move them."""
        for atlas in (self.atlas, self.chances):
            atlas.hold(changed)
        self.blocks.hold(changed)

    def users(self, change: Change) -> set[StudentId]:
        """Whose placement must be looked at again: those who changed, and those who use what does not hold them any more."""
        names = [at_site(one) for one in change.sites]
        names += [at_workplace(key) for key, one in change.workplaces.items() if not self._still_seats(key, one)]
        names += [of_person(key) for key, one in change.supervisors.items() if not self._still_guides(key, one)]
        found = {user for name in names for user in self.bench.users.get(name, ())}
        found |= {one for one in (*change.students, *change.states) if one in self.ledger.placed}
        if change.sites and self.region.settings.levers.lending.on:
            found |= {one for one, case in self.bench.cases.items() if _is_from(change.sites, case)}
        return self._with_company(found)

    def _still_seats(self, key: WorkplaceId, now: Workplace | None) -> bool:
        before = self.region.workplaces.get(key)
        if before is None or now is None or replace(now, seats=before.seats) != before:
            return False
        return all(self.ledger.seats[key, one] <= now.seats.get(one, 0) for one in self.region.periods)

    def _still_guides(self, key: SupervisorId, now: Supervisor | None) -> bool:
        region, ledger = self.region, self.ledger
        if now is None or kind_of(region.supervisors.get(key)) != kind_of(now):
            return False
        most = now.max_students
        return all(
            ledger.qh[key, name] <= available_qh(region, now, period)
            and (most is None or ledger.heads[key, name] <= most)
            for name, period in region.periods.items()
        )

    def _with_company(self, students: set[StudentId]) -> set[StudentId]:
        """With whom they are a duo, and everybody at sites where enough students must come together."""
        placed, found = self.ledger.placed, set(students)
        partners = {placed[one].duo_with for one in students if one in placed}
        found |= {one for one in partners if one is not None and one in placed}
        levers = self.region.settings.levers
        in_groups = levers.peer.on or levers.senior.on
        for site in {self.ledger.site_of[one] for one in found if one in placed}:
            if in_groups or self.region.sites[site].min_students > 1:
                found |= self.bench.users[at_site(site)]
        partners = {placed[one].duo_with for one in found if one in placed}
        return found | {one for one in partners if one is not None and one in placed}

    def follow(self, change: Change) -> None:
        """Go over to the changed region; whose placement must be looked at again is booked nowhere."""
        before, after = self.region, applied(self.region, replace(change, states={}))
        people = [one for key, now in change.supervisors.items() for one in (before.supervisors.get(key), now) if one]
        sites = sites_of(before, people) | sites_of(after, people) if people else set()
        was = [before.students[key] for key in change.students if key in before.students]
        now = [one for one in change.students.values() if one is not None]
        for one in was:
            self.tally.enter(one, -1)
            self.waiting.discard(one.id)
        self.hold({key: None for key, one in change.students.items() if one is None and key in self.held})
        self.hold({key: replace(self.held[key], state=to) for key, to in change.states.items() if key in self.held})
        if change.sites:
            self.atlas.restart(after)
            self._look_up()
        else:
            self.atlas.tell(after, change, sites)
            self.atlas.forget_places(None if people or change.workplaces else change.students)
            self.blocks.forget(self.chances.follow(change, sites))
        for one in now:
            self.tally.enter(one)
            self.waiting.add(one.id)
        named = self.ledger.partners.keys()
        if any(one.together or one.apart or one.id in named for one in (*was, *now)):
            self.ledger.meet_again()


def _is_from(sites: Collection[SiteId], case: Case) -> bool:
    """Somebody guides who may be lent as far as their own site allows, and it is one of these."""
    return any(one.sites and one.sites[0] in sites for one in case.members)


def places_for(
    state: State, students: Iterable[StudentId], dearer_moves: float = 0.0
) -> Mapping[StudentId, Sequence[Place]]:
    """What an exact model of these students chooses from; every move may cost a part of the price of an unplaced student more."""
    if shares_guidance(state.region.settings):
        openings = Openings(with_dearer_moves(state.atlas, dearer_moves))
        return {one: openings.of(state.region.students[one]) for one in students}
    chances = with_dearer_moves(state.chances, dearer_moves)
    return {one: places_of(chances, chances.region.students[one]) for one in students}
