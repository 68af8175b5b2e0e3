"""Places who has no place, the scarcest first, each in the cheapest way that fits."""

from collections.abc import Mapping, Sequence

from services.matcher.domain.guides import Guide
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Option, Place
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.prices import load_cost
from services.matcher.domain.vocabulary import PlacementState, Tier

Places = Mapping[StudentId, Sequence[Place]]


def complete(ledger: Ledger, places: Places) -> None:
    """Book a place for as many of these students as fit; who is in the ledger already stays where they are."""
    waiting = [student for student in scarcest_first(ledger, places) if student not in ledger.placed]
    for student in waiting:
        option = cheapest_fit(ledger, places[student])
        if option is not None:
            ledger.add(option.placement())
    _open_sites(ledger, places, [student for student in waiting if student not in ledger.placed])


def scarcest_first(ledger: Ledger, places: Places) -> list[StudentId]:
    """Those with a promise first, then those with the fewest ways to be placed; ties by hash."""
    held, seed = ledger.atlas.held, ledger.atlas.region.settings.seed

    def rank(student: StudentId) -> tuple[bool, int, bytes]:
        promised = student in held and held[student].state is not PlacementState.PROPOSED
        return (not promised, sum(len(place.guides) for place in places[student]), tie_break(seed, student))

    return sorted(places, key=rank)


def cheapest_fit(ledger: Ledger, places: Sequence[Place], *, ignore_minimum: bool = False) -> Option | None:
    """The cheapest option that fits beside what is booked, load included; None when nothing fits."""
    best: Option | None = None
    best_cost = 0
    for place in places:
        if best is not None and place.cost >= best_cost:
            break
        if not (ledger.seat_is_free(place) and ledger.company_fits(place)):
            continue
        if not ignore_minimum and not ledger.minimum_is_met(place):
            continue
        option = _cheapest_at(ledger, place)
        cost = 0 if option is None else option.cost + _load(ledger, option)
        if option is not None and (best is None or cost < best_cost):
            best, best_cost = option, cost
    return best


def _cheapest_at(ledger: Ledger, place: Place) -> Option | None:
    free = [guide for guide in place.guides if ledger.guide_is_free(place, guide)]
    trainers = free_trainers(ledger, place) if free else None
    if trainers is None:
        return None
    guide = min(free, key=lambda one: one.cost + _guide_load(ledger, place, one))
    return Option(place, guide, *trainers)


NOBODY = SupervisorId("")


def free_trainers(ledger: Ledger, place: Place) -> tuple[SupervisorId | None, SupervisorId | None] | None:
    """The school and institute trainer who are least strained by this place; None when somebody is missing."""
    so, io = _trainer(ledger, place, Tier.SO), _trainer(ledger, place, Tier.IO)
    return None if so is NOBODY or io is NOBODY else (so, io)


def _trainer(ledger: Ledger, place: Place, tier: Tier) -> SupervisorId | None:
    free = [one for one in (place.sos if tier is Tier.SO else place.ios) if ledger.trainer_is_free(place, tier, one)]
    if not free:
        return NOBODY

    def strain(one: SupervisorId | None) -> tuple[int, int]:
        if one is None:
            return (0, 0)
        new = sum(not ledger.visits[one, period][place.site] for period in place.periods)
        return (new, ledger.short_qh(one, 0, place.periods))

    return min(free, key=strain)


def _load(ledger: Ledger, option: Option) -> int:
    return _guide_load(ledger, option.place, option.guide)


def _guide_load(ledger: Ledger, place: Place, guide: Guide) -> int:
    costs = ledger.atlas.region.settings.costs
    return sum(load_cost(costs, ledger.heads[guide.supervisor, period]) for period in place.periods)


def _open_sites(ledger: Ledger, places: Places, waiting: Sequence[StudentId]) -> None:
    """Try to bring a site to its minimum with those who wait; take everybody out again where that fails."""
    sites = sorted({place.site for student in waiting for place in places[student]})
    for site in (one for one in sites if ledger.atlas.region.sites[one].min_students > 1):
        added: list[StudentId] = []
        for student in waiting:
            here = [place for place in places[student] if place.site == site]
            if student not in ledger.placed and (option := cheapest_fit(ledger, here, ignore_minimum=True)):
                ledger.add(option.placement())
                added.append(student)
        least = ledger.atlas.region.sites[site].min_students
        periods = {period for student in added for period in ledger.placed[student].periods}
        if any(ledger.at_site[site, period] < least for period in periods):
            for student in added:
                ledger.remove(student)
