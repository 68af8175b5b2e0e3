"""Places who found no place with one guide and the hours of the norm: with relief that is to be had, or a team."""

from collections.abc import Iterator, Sequence

from services.matcher.adapters.solver.greedy import Places, free_trainers, scarcest_first
from services.matcher.adapters.solver.matching import with_hours
from services.matcher.domain.guides import Guide
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.levers import circles, needs_by_relief, shares_guidance
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.vocabulary import Relief

Shares = tuple[WpbShare, ...]


def complete_with_levers(ledger: Ledger, places: Places) -> None:
    """Book a place for as many of those without one as fit in this way; nobody else moves."""
    if not shares_guidance(ledger.atlas.region.settings):
        return
    for student in scarcest_first(ledger, places):
        if student not in ledger.placed:
            placement = next(_ways(ledger, student, places[student]), None)
            if placement is not None:
                ledger.add(placement)


def _ways(ledger: Ledger, student: StudentId, places: Sequence[Place]) -> Iterator[Placement]:
    atlas = ledger.atlas
    needs = atlas.needs(student)
    if needs is None:
        return
    by_relief = needs_by_relief(atlas.region.settings, atlas.region.students[student], needs.wpb)
    for place in places:
        if not (ledger.seat_is_free(place) and ledger.company_fits(place) and ledger.minimum_is_met(place)):
            continue
        trainers = free_trainers(ledger, place)
        if trainers is None:
            continue
        allowed = {
            relief: qh for relief, qh in by_relief.items() if relief is None or _is_to_be_had(ledger, place, relief)
        }
        for shares, relief in _guidance(ledger, place, allowed):
            where = (student, place.periods, place.workplace)
            yield Placement(*where, shares, *trainers, None, relief, place.state)


def _is_to_be_had(ledger: Ledger, place: Place, relief: Relief) -> bool:
    """A peer group that is large enough already, or a senior who helps nobody yet."""
    spots = [(place.site, period) for period in place.periods]
    if relief is Relief.PEER:
        least = ledger.atlas.region.settings.levers.peer.min_group
        return all(ledger.relieved[Relief.PEER, *spot] >= least - 1 for spot in spots)
    return all(ledger.helped_is_free(*spot) > 0 for spot in spots)


def _guidance(ledger: Ledger, place: Place, needs: dict[Relief | None, int]) -> Iterator[tuple[Shares, Relief | None]]:
    """One guide if there is one, else a team."""
    for relief, qh in needs.items():
        for guide in (with_hours(one, qh) for one in place.guides):
            if ledger.guide_is_free(place, guide):
                yield (WpbShare(guide.supervisor, qh),), relief
    for relief, qh in needs.items():
        team = _team(ledger, place, qh)
        if team is not None:
            yield team, relief


def _team(ledger: Ledger, place: Place, qh: int) -> Shares | None:
    """Those who have most hours left, of one circle, with as few as will do."""
    lever, region = ledger.atlas.region.settings.levers.team, ledger.atlas.region
    free = [one for one in place.members if ledger.guide_is_free(place, with_hours(one, lever.min_qh))]
    if qh < 2 * lever.min_qh or len(free) < 2:
        return None
    left = {one.supervisor: -ledger.short_qh(one.supervisor, _overhead(one), place.periods) for one in free}
    for circle in circles(region, region.sites[place.site], left):
        ranked = sorted(circle, key=lambda one: (-left[one], one))[: lever.max_members]
        sizes = range(2, len(ranked) + 1)
        members = next((ranked[:size] for size in sizes if sum(left[one] for one in ranked[:size]) >= qh), None)
        if members is not None and qh >= len(members) * lever.min_qh:
            return _split(members, left, (qh, lever.min_qh))
    return None


def _split(members: Sequence[SupervisorId], left: dict[SupervisorId, int], hours: tuple[int, int]) -> Shares:
    """The first gives what they have, as far as enough remains for the others to be members."""
    (qh, least), shares = hours, []
    for number, one in enumerate(members, 1):
        share = min(left[one], qh - least * (len(members) - number))
        shares.append(WpbShare(one, share))
        qh -= share
    return tuple(shares)


def _overhead(guide: Guide) -> int:
    return guide.taken_qh - guide.qh
