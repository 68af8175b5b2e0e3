"""Chooses who is free to move: those whom an event touches, those without a place, and those who hold what they need."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from services.matcher.adapters.solver.greedy import Places
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ledger import Ledger, partners_of
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region, Student

MOST_FREE = 40
MOST_UNPLACED = 16
GUIDE, WORKPLACE, TRAINER = 4, 3, 1


@dataclass(frozen=True, slots=True)
class Touched:
    """The ids that a batch of events is about."""

    students: frozenset[StudentId] = frozenset()
    workplaces: frozenset[WorkplaceId] = frozenset()
    supervisors: frozenset[SupervisorId] = frozenset()
    sites: frozenset[SiteId] = frozenset()


def choose_free(region: Region, plan: Plan, touched: Touched, most: int = MOST_FREE) -> frozenset[StudentId]:
    """Who is to be solved again after these events: the touched and the unplaced first.

    At most so many, and those with whom they are placed as a duo.
    """
    atlas = Atlas(region)
    ledger = Ledger(atlas, plan.placements)
    waiting = _waiting(atlas, ledger, touched)
    chosen = waiting[:most]
    at_hand = [one for one in sorted(ledger.placed) if _is_at(ledger, one, touched)]
    openings = Openings(atlas)
    places = {one: openings.of(region.students[one]) for one in waiting[:MOST_UNPLACED]}
    for student in (*at_hand, *Holders(ledger).competitors(places)):
        if len(chosen) >= most:
            break
        if student not in chosen:
            chosen.append(student)
    return frozenset(chosen) | _partners(ledger, chosen)


def _partners(ledger: Ledger, chosen: Iterable[StudentId]) -> set[StudentId]:
    """With whom they are placed as a duo: neither can move without the other."""
    named = (ledger.placed[one].duo_with for one in chosen if one in ledger.placed)
    return {one for one in named if one is not None and one in ledger.placed}


def _waiting(atlas: Atlas, ledger: Ledger, touched: Touched) -> list[StudentId]:
    """Touched students, then the unplaced who could use what was touched, then other unplaced; ties by hash."""
    students, seed = atlas.region.students, atlas.region.settings.seed
    partners = partners_of(atlas)
    named = set(touched.students)
    for one in touched.students:
        for group in partners.get(one, ()):
            named |= group

    def rank(student: StudentId) -> tuple[bool, bool, bool, bytes]:
        near = _could_use(atlas, students[student], touched)
        return (student not in touched.students, student not in named, not near, tie_break(seed, student))

    found = [one for one in students if one in named or one not in ledger.placed]
    placed_first = [one for one in sorted(found, key=rank) if one in named]
    return placed_first + [one for one in sorted(found, key=rank) if one not in named][:MOST_UNPLACED]


def _could_use(atlas: Atlas, student: Student, touched: Touched) -> bool:
    region = atlas.region
    sites = set(touched.sites)
    sites |= {region.workplaces[one].site for one in touched.workplaces if one in region.workplaces}
    guides = [region.supervisors[one] for one in touched.supervisors if one in region.supervisors]
    return any(
        site.id in sites or any(one.serves(site.id) for one in guides) for _, site, _ in atlas.workplaces_for(student)
    )


def _is_at(ledger: Ledger, student: StudentId, touched: Touched) -> bool:
    placement = ledger.placed[student]
    return (
        placement.workplace in touched.workplaces
        or ledger.site_of[student] in touched.sites
        or not touched.supervisors.isdisjoint(_people(placement))
    )


def _people(placement: Placement) -> list[SupervisorId]:
    named = [share.supervisor for share in placement.wpb]
    return named + [one for one in (placement.so, placement.io) if one is not None]


class Holders:
    """Who holds which seat and whose hours, to find those who compete with somebody."""

    def __init__(self, ledger: Ledger) -> None:
        """Index the booked placements by what they use."""
        self.seed = ledger.atlas.region.settings.seed
        self.users: dict[str, list[StudentId]] = defaultdict(list)
        for student in sorted(ledger.placed):
            placement = ledger.placed[student]
            for resource in (placement.workplace, *_people(placement)):
                self.users[resource].append(student)

    def competitors(self, places: Places) -> list[StudentId]:
        """The placed who hold most of what these students could use, most first, ties by hash."""
        score: Counter[StudentId] = Counter()
        for found in places.values():
            for resource, weight in _resources(found).items():
                for user in self.users.get(resource, ()):
                    score[user] += weight
        ranked = (one for one in score if one not in places)
        return sorted(ranked, key=lambda one: (-score[one], tie_break(self.seed, one)))


def _resources(places: Iterable[Place]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for place in places:
        weights[place.workplace] = WORKPLACE
        weights.update((guide.supervisor, GUIDE) for guide in (*place.guides, *place.members))
        weights.update((one, TRAINER) for one in (*place.sos, *place.ios) if one is not None)
    return weights
