"""The columns that the levers add to the model: relief by peers and seniors, duos, and teams."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from services.matcher.adapters.solver.matching import with_hours
from services.matcher.adapters.solver.model import Column, Member, Model, Var
from services.matcher.domain.guides import Guide
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.levers import (
    circles,
    duo_qh,
    duo_shares,
    is_senior,
    may_be_member,
    may_pair,
    needs_by_relief,
    shares_guidance,
)
from services.matcher.domain.options import Place
from services.matcher.domain.rules import Tie, tie_to_site
from services.matcher.domain.vocabulary import Relief


def add_lever_columns(model: Model) -> None:
    """Add what duo, team, peer and senior make possible, where they are on."""
    settings = model.fixed.atlas.region.settings
    if not shares_guidance(settings):
        return
    chances = _Chances(model)
    for student in model.free:
        reliefs = _needs(model, student)
        for place in model.roomy[student]:
            allowed = {one: qh for one, qh in reliefs.items() if one is None or chances.has_relief(one, place)}
            model.columns[student].extend(_relieved(model, place, allowed))
            if place.members:
                model.columns[student].extend(_teams(model, place, allowed))
    if settings.levers.duo.on:
        _duos(model)


class _Chances:
    """Where so many free students could come together that a relief is possible at all."""

    def __init__(self, model: Model) -> None:
        self._fixed, region = model.fixed, model.fixed.atlas.region
        self._levers = region.settings.levers
        self._peers: Counter[tuple[SiteId, PeriodId]] = Counter()
        self._seniors: Counter[tuple[SiteId, PeriodId]] = Counter()
        for student in model.free:
            spots = {(place.site, period) for place in model.roomy[student] for period in place.periods}
            self._peers.update(spots)
            if is_senior(region.settings, region.students[student]):
                self._seniors.update(spots)

    def has_relief(self, relief: Relief, place: Place) -> bool:
        spots = [(place.site, period) for period in place.periods]
        if relief is Relief.PEER:
            booked = self._fixed.relieved
            least = self._levers.peer.min_group
            return all(booked[Relief.PEER, *spot] + self._peers[spot] >= least for spot in spots)
        return all(self._fixed.seniors[spot] + self._seniors[spot] for spot in spots)


def _needs(model: Model, student: StudentId) -> dict[Relief | None, int]:
    atlas = model.fixed.atlas
    needs = atlas.needs(student)
    return {} if needs is None else needs_by_relief(atlas.region.settings, atlas.region.students[student], needs.wpb)


def _relieved(model: Model, place: Place, needs: dict[Relief | None, int]) -> Iterator[Column]:
    for relief, qh in needs.items():
        for guide in place.guides if relief is not None else ():
            with_relief = with_hours(guide, qh)
            if model.fixed.guide_is_free(place, with_relief):
                yield Column(place, with_relief, model.cp.new_bool_var(""), relief)


def _teams(model: Model, place: Place, needs: dict[Relief | None, int]) -> Iterator[Column]:
    """For each group with a common site: the relief, who is in the team, and how many hours each gives."""
    region, least = model.fixed.atlas.region, model.fixed.atlas.region.settings.levers.team.min_qh
    needs = {relief: qh for relief, qh in needs.items() if may_be_member(region.settings, qh // 2)}
    free = [one for one in place.members if model.fixed.guide_is_free(place, with_hours(one, least))]
    if not needs or len(free) < 2:
        return
    for circle in circles(region, region.sites[place.site], [one.supervisor for one in free]):
        people = [one for one in free if one.supervisor in circle]
        chosen = {relief: model.cp.new_bool_var("") for relief in needs}
        members = tuple(_member(model, one, max(needs.values())) for one in people)
        _team_rules(model, [(chosen[relief], qh) for relief, qh in needs.items()], members)
        _team_costs(model, place, list(chosen.values()), members)
        for relief, var in chosen.items():
            yield Column(place, None, var, relief, None, members)


def _member(model: Model, guide: Guide, most: int) -> Member:
    least = model.fixed.atlas.region.settings.levers.team.min_qh
    member = Member(guide, model.cp.new_bool_var(""), model.cp.new_int_var(0, most, ""))
    model.cp.add(member.qh >= least * member.is_in)
    model.cp.add(member.qh <= most * member.is_in)
    return member


def _team_rules(model: Model, chosen: list[tuple[Var, int]], members: tuple[Member, ...]) -> None:
    """Two up to max_members are in, and their hours are the need."""
    most = model.fixed.atlas.region.settings.levers.team.max_members
    is_chosen, number = sum(var for var, _ in chosen), sum(one.is_in for one in members)
    model.cp.add(number >= 2 * is_chosen)
    model.cp.add(number <= most * is_chosen)
    model.cp.add(sum(one.qh for one in members) == sum(var * qh for var, qh in chosen))
    for one in members:
        model.cp.add(one.is_in <= is_chosen)


def _team_costs(model: Model, place: Place, chosen: list[Var], members: tuple[Member, ...]) -> None:
    """Every member after the first, lending and starters once, and others than today's at the same place."""
    atlas = model.fixed.atlas
    region, costs = atlas.region, atlas.region.settings.costs
    people = [(region.supervisors[one.guide.supervisor], one.is_in) for one in members]
    site = region.sites[place.site]
    model.terms.extend((var, costs.team_member) for _, var in people)
    model.terms.extend((var, -costs.team_member) for var in chosen)
    lent = [var for one, var in people if tie_to_site(region, one, site) is Tie.LENT]
    for price, causes in ((costs.lending, lent), (costs.starter, [var for one, var in people if one.starter])):
        if price and causes:
            model.terms.append((_any(model, causes), price))
    held = atlas.held.get(place.student)
    if held is None or held.workplace != place.workplace or set(held.periods) != set(place.periods):
        return
    model.terms.extend((var, costs.move_supervisor) for var in chosen)
    before = {share.supervisor for share in held.wpb}
    if len(before) > 1 and before <= {one.id for one, _ in people}:
        same = [(var, one.id in before) for one, var in people]
        model.terms.append((_all(model, same), -costs.move_supervisor))


def _any(model: Model, causes: list[Var]) -> Var:
    found = model.cp.new_bool_var("")
    for var in causes:
        model.cp.add_implication(var, found)
    model.opened.append((found, causes))
    return found


def _all(model: Model, wanted: list[tuple[Var, bool]]) -> Var:
    """True only when every variable is as wanted; the objective makes it so where it can be."""
    found = model.cp.new_bool_var("")
    for var, is_wanted in wanted:
        model.cp.add_implication(found, var if is_wanted else ~var)
    model.same.append((found, wanted))
    return found


DuoKey = tuple[WorkplaceId, frozenset[PeriodId], SupervisorId]


def _duos(model: Model) -> None:
    """Two who agreed, at one place with one guide: two columns that one variable chooses."""
    region = model.fixed.atlas.region
    spots: dict[DuoKey, list[tuple[Place, Guide]]] = defaultdict(list)
    for student in (one for one in model.free if region.students[one].duo):
        for place in model.roomy[student]:
            for guide in place.guides:
                spots[place.workplace, frozenset(place.periods), guide.supervisor].append((place, guide))
    for found in spots.values():
        for one, other in combinations(found, 2):
            if may_pair(region.settings, region.students[one[0].student], region.students[other[0].student]):
                _duo(model, one, other)


def _duo(model: Model, one: tuple[Place, Guide], other: tuple[Place, Guide]) -> None:
    (place, guide), (place_2, guide_2) = one, other
    settings = model.fixed.atlas.region.settings
    needs = (guide.qh, guide_2.qh)
    overhead = guide.taken_qh - guide.qh + guide_2.taken_qh - guide_2.qh
    together = replace(guide, taken_qh=duo_qh(settings, needs) + overhead)
    if not model.fixed.guide_is_free(place, together):
        return
    var = model.cp.new_bool_var("")
    first, second = duo_shares(settings, needs)
    model.columns[place.student].append(Column(place, with_hours(guide, first), var, None, place_2.student))
    model.columns[place_2.student].append(Column(place_2, with_hours(guide_2, second), var, None, place.student))
